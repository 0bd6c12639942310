// Package stats counts what becomes of the records and rows of a stream, and for what reasons records were rejected.
//
// Any goroutine may add to the counts and look at them.
package stats
