// Package scratch knows which temporary tables the merges of one transaction have made and left, so that the next one
// does not make them again.
//
// It runs no statement: it says which ones to run. Its values belong to the goroutine of the transaction.
package scratch
