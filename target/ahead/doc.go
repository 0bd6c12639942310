// Package ahead decides whether the batches of a stream go straight into their table before those before them are
// committed, by what became of earlier batches. A table may be one whose parts the server makes when the first row of
// each comes: that takes a lock until COMMIT, which the batch before may come to need.
//
// A Rule is for the goroutine that reads the input and for those of the tasks that commit. Made belongs to the
// goroutine of the transaction.
package ahead
