// Package libpq knows what a connection is asked to be: it reads a connection string, the PG* variables, service files
// and the files of a home directory, by the rules of PostgreSQL's own library.
//
// It promises that no error repeats a value, nor anything that may be a part of a password. It connects to nothing. Any
// goroutine may call it.
package libpq
