// Package batchfile reads the files that BATCH messages name: the records of one stream, as raw JSON.
//
// It promises that a record reaches its caller whole and once, in the order of the files. Its errors name the file and
// the line, and no value. It runs on the goroutine that reads the input.
package batchfile
