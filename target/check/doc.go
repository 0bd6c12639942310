// Package check goes the way of a row once, without a trace: it connects, makes a table, loads a row into it and takes
// all of it back.
//
// It promises that nothing stays behind in the database, also after a failure. It runs on one goroutine, that of the
// command, and uses one connection.
package check
