// Package staged finds the rows that the server refuses among those of a staging table, in the transaction that brings them into the
// stream's own table.
//
// What the server takes stays; what it refuses by itself is set aside, with the line of the input where it stood. It runs in a task of
// the pipeline, on that task's goroutine and connection.
package staged
