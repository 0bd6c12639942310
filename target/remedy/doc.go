// Package remedy asks the server what would mend a missing privilege: the statement that grants it, with the names of
// the role and of the object.
//
// It runs on the goroutine and the connection that met the error, after the transaction was rolled back.
package remedy
