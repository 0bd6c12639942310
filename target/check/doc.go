// Package check goes the way of a row once, without a trace: it connects, makes a table, loads a row into it and takes all of it back.
//
// It promises that nothing stays behind in the database, whatever happens.
package check
