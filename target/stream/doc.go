// Package stream is a stream of the input for the goroutine that reads: how its records are written as lines of CSV
// (Encoder), what waits (Buffer), how a replace stands (Refresh), and what the records asked for (Learnt).
//
// A Stream belongs to the goroutine that reads the input. The one that commits cannot import this package: it gets the
// stream's [revision.Revision] as it was when the rows were encoded.
package stream
