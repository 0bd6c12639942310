// Package failure holds the errors of a load: what failed, on which stream, line and column, and what is to blame. It
// reads what PostgreSQL said, keeps the values of rows out of every message, and knows the hint.
//
// It imports nothing of the load, so that every package can return its errors. All of it may be called by any
// goroutine; an Error belongs to its holder.
package failure
