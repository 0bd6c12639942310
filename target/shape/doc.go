// Package shape turns the settings of a stream and the fields of its schema into a plan: which fields become columns,
// under which names, of which types, and how their values are written. It knows no database.
//
// Nothing is done to a record here. The plan's fields carry what [typemap.Compile] needs to write each column straight
// from the record's bytes. Only a record that is rejected is written anew, by [Plan.Masked], without the values that
// must not be stored.
//
// A Plan never changes. The goroutine that reads the input makes and uses it.
package shape
