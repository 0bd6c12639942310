// Package state keeps STATE messages until they may leave: after every record before them is committed, and never where
// they would cover a record of a stream that failed.
//
// The ledger belongs to the goroutine that reads the input. Failures may be added and asked for by any goroutine.
package state
