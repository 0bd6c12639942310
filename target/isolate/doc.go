// Package isolate brings the rows of a checkpoint into its open transaction without those that the server refuses. It
// finds these, and rejects them or ends the run at one. Every attempt is a savepoint, so that rows that the server
// takes stay. A row is to blame, with any SQLSTATE, only if the server refuses it by itself.
// (docs/adr/0021-refused-rows.md)
//
// It neither begins nor commits the transaction, and knows no STATE: a checkpoint does both. A Search runs in a task of
// the pipeline, on the goroutine that commits.
package isolate
