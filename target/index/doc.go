// Package index makes the indexes that the settings of a stream ask for.
//
// It promises that an index is known by its name and never made twice, that a table with rows can be written while one
// is made, as far as PostgreSQL allows that, and that an index which cannot be made leaves nothing behind. It keeps no
// state. Its queries run in a task of the pipeline, on that task's goroutine and connection.
package index
