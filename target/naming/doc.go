// Package naming says where streams go: the schema and the name of a stream's table by the settings of names, and by
// those that may have been in force when its table was made.
//
// It promises that the names depend on the settings and on the stream alone. It does not know what the database has.
// It keeps nothing, so any goroutine may call it; a Former belongs to the one that reads the input.
package naming
