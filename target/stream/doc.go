// Package stream goes from a SCHEMA to columns, and from a record to a line of CSV. A Stream has what its SCHEMA asks
// for (Spec), what is known of its table (Table), how records are written (Encoder), what waits (Buffer), and how a
// replace stands (Refresh).
//
// A Stream belongs to the goroutine that reads the input. A Revision of it is for the one that commits: it cannot
// change, but for Flags and Counters, which are atomic.
package stream
