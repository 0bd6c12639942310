package pgtest

import (
	_ "embed" // for the SQL
	"testing"
)

//go:embed hostile.sql
var hostile string

// Hostile creates a database with a schema hostile, which has a trap of every operator, function and type of
// PostgreSQL, and returns its URL. The table hostile.calls has the calls of every trap.
func Hostile(t testing.TB) string {
	t.Helper()
	url := Database(t)
	execute(t, url, hostile)
	return url
}
