// Package tablewrite writes one batch into one table: COPY, the statements of the merge, the count of what they did,
// and other forms of rows that a server refuses. It opens and ends no transaction.
//
// A Write belongs to the goroutine that commits, as soon as its checkpoint is submitted. It has the revision
// of its stream with which the rows were encoded.
package tablewrite
