// Package ledger holds STATE messages back until a checkpoint takes them, and while rows that they speak of are not
// where readers see them.
//
// A Ledger belongs to the goroutine that reads the input. The one that commits cannot import this package: it gets the
// states that were cut from the ledger for its checkpoint.
package ledger
