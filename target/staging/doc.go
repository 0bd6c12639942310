// Package staging keeps the tables beside a stream's own, which hold what must outlive a transaction: the rows of a
// replace or a refresh until they are swapped in, the keys that a full snapshot brought, the tombstones of a run, and
// rows that wait for their STATE.
//
// It promises that readers of a stream's table see all of a replace or nothing of it, and that every such table is
// found again: its comment says whose it is, so that a later run finds what an interrupted one left. The newest run
// wins: it drops the tables of an older one, which then fails rather than mix its rows with another's.
//
// The goroutine that reads the input runs it. It cannot reach the ledger or the streams that it is not given. The error
// of a method is that of its task: a *failure.Error that names the stream, or the error that ended the pipeline before.
package staging
