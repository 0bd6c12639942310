// Package migrate goes from the table that there is to the table that there must be. A TableSpec says what a table must
// be, Diff compares it with what the catalog knows and returns a Plan, and a Migrator carries that out, or only shows
// it.
//
// It knows no stream and no record: its callers describe the whole table that they want. A Migrator runs on the
// goroutine that reads the input, which alone alters tables.
package migrate
