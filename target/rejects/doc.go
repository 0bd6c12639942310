// Package rejects decides whether a record may be rejected, counts those that are, and says what of them is written
// down.
//
// It runs on the goroutine that reads the input and on the one that commits: the counts have a lock, and nothing else
// changes.
package rejects
