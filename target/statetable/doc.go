// Package statetable keeps the newest STATE in a table of the database (setting state_table), written in the
// transaction of the rows that it covers.
//
// It promises that one run at a time writes a row: the newest takes it over, and an older one commits nothing after
// that. The fence is the row itself. Tasks of the pipeline use a Table, on the goroutine that commits, one after the
// other.
package statetable
