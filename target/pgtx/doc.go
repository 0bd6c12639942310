// Package pgtx runs transactions, and finds out what became of one whose COMMIT was lost on the way.
//
// It knows nothing of streams and tables. Tasks of the pipeline run it, each on the goroutine that has the connection:
// one at a time uses it, as pgx demands.
package pgtx
