// Package tablewrite writes one batch into one table: COPY, the statements of the merge, the count of what they did,
// and other forms of rows that a server refuses. It opens and ends no transaction.
//
// A Write belongs to the goroutine that commits, as soon as its checkpoint is submitted. It has a view of its stream as
// that was when the rows were encoded.
package tablewrite
