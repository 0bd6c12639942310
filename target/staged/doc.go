// Package staged finds the rows that the server refuses among those of a staging table, in the transaction that brings
// them into the stream's own table.
//
// Rows that the server takes stay. A row that it refuses by itself is set aside, with the line of the input where it
// stood. It runs in a task of the pipeline, on that task's goroutine and connection.
package staged
