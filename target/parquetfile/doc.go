// Package parquetfile reads the rows of a Parquet file as JSON.
//
// It promises that every value is exact: decimals, integers and timestamps keep all their digits, NULL and an empty
// list are told apart at every depth. Memory is bounded by the size of pages, not of the file, of its row groups or of
// the number of its columns. Errors name the row and the column, and no value. The package knows nothing of streams and
// tables. One goroutine at a time uses a reader: the one that reads the input.
package parquetfile
