// Package loadlog writes the load log: a table with one row for every stream of each run.
//
// It promises that the rows of a run that ends well are committed with the last of its data, that writing them twice
// leaves one row, and that rows of data are never lost because of it. A Log belongs to the goroutine that reads the
// input; Write and TryWrite run in a task of the pipeline, while that goroutine waits.
package loadlog
