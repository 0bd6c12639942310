// Package index makes the indexes that the settings of a stream ask for.
//
// It promises that an index is known by its name and never made twice, that making one on a table with rows stops
// nobody from writing them where PostgreSQL allows that, and that an index which cannot be made leaves nothing behind.
// It keeps nothing: what asks the server runs in a task of the pipeline, on that task's goroutine and connection.
package index
