// Package revision is a stream between two changes of its SCHEMA or its table: what the SCHEMA asks for (Spec), what is
// known of the table (Table), and how the rows lie in a line of CSV (Layout). It is all that the goroutine that commits
// knows of a stream.
//
// The goroutine that reads the input makes a revision and does not change it afterwards. Flags and Counters are atomic,
// for either goroutine.
package revision
