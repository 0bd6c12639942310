// Package comments has what the program writes into the comments of tables and columns, and what it reads there in a
// later run: that it made a table, and the field and the kind of values of a column. Each of these is a line.
//
// It is functions of texts; any goroutine may call them.
package comments
