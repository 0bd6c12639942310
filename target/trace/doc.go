// Package trace logs the statements of a connection and how long they took, where the level is DEBUG.
//
// It promises that no literal of a statement is logged: it may be a value. It runs on the goroutine that uses the
// connection.
package trace
