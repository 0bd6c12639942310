// Package sqlstate tells the classes of SQLSTATEs apart, and names those that pgerrcode does not. It has functions and
// constants alone, for any goroutine.
package sqlstate

import (
	"slices"
	"strings"
)

const (
	// TransactionTimeout is that of a transaction that transaction_timeout has ended, from PostgreSQL 17 on.
	TransactionTimeout = "25P04"
	// KeyLacksDimension is TimescaleDB's: a key lacks the column that the table is partitioned by.
	KeyLacksDimension = "TS103"
)

// InClassOf reports whether a code is in the class of one of the others. The functions of pgerrcode list the codes of
// one release of PostgreSQL, and would not know those that a newer server adds to a class.
func InClassOf(code string, others ...string) bool {
	return slices.ContainsFunc(others, func(other string) bool { return strings.HasPrefix(code, other[:2]) })
}
