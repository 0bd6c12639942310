// Package pgtx runs transactions, and finds out what became of one whose COMMIT was lost on the way.
//
// It knows nothing of streams and tables. A connection is used by one goroutine at a time, as pgx demands.
package pgtx
