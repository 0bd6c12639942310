// Package remedy asks the server what would mend a missing privilege: the statement that grants it, with the names of the role and of
// the object.
//
// It runs on the connection of whoever met the error, after that has rolled back.
package remedy
