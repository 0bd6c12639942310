// Package outcome says what became of the streams of a run: which are loaded, which failed, and what is not committed.
// The summary, the load log and the last line of the log get it here, so that they say the same.
//
// It changes nothing. It belongs to the goroutine that reads the input, but for LoadLogRows, which the other one may
// call while that waits.
package outcome
