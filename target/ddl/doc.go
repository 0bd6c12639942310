// Package ddl carries plans of package migrate out: it takes the locks, runs the statements in a transaction, says what
// was done, and says what stands in the way where the server refuses.
//
// Only one run at a time changes a table: an advisory lock keeps others waiting. The goroutine that reads the input
// gives its tasks to the pipeline. An error is the server's as pgx returns it, or a *failure.Error about a table that
// cannot be changed as the settings demand; a Migrator that returns one has rolled its transaction back.
package ddl
