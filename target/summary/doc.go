// Package summary says what became of a run: as counts of its streams, as lines of the log, and as the error that it
// ends with.
//
// It holds names, counts and reasons, and never a value of a record. It is made on the goroutine that reads the input,
// after the last commit.
package summary
