// Package pipeline owns the connections to the database. It runs tasks in goroutines of its own, so that the input is
// read while the database works. Tasks that run ahead of their turn run side by side; they commit one after the other,
// in the order in which they were given. A lost connection or a deadlock is answered by running the task again.
//
// It knows nothing of rows: a task brings its own work. A Pipeline is fed by one goroutine.
package pipeline
