// Package batch holds the encoded rows of a stream between two checkpoints: CSV in chunks of memory that is used again.
//
// It knows no stream and no server. A batch belongs to one goroutine at a time: the one that reads fills it, the one
// that commits sends it and gives its memory back. A Pool may be used by any number of goroutines.
package batch
