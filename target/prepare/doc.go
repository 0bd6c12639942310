// Package prepare makes a stream's table ready for its rows: it migrates the table, settles how rows are merged into
// it, has the tables beside it made, and compiles how records are encoded for it.
//
// A preparation either succeeds as a whole or leaves the stream as it was. The goroutine that reads the input runs it.
// The error of a method is that of its task: a *failure.Error that names the stream, or the error that ended the
// pipeline before.
package prepare
