// Package systemcolumn lists the columns that the program adds to those of a stream: the metadata columns of Singer
// targets, those of Airbyte's tables, and those that only a merge sees. The package systemvalue writes their values.
//
// It is data and functions of it alone; any goroutine may call them.
package systemcolumn
