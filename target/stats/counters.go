package stats

import (
	"sync/atomic"
	"time"

	"target-postgres/merge"
)

// Counters are one stream's counts while the run goes on. The goroutine that reads the input and the one that loads
// both add to them, and anyone may look.
type Counters struct {
	Read, Rejected, Replaced, Special, Tombstones atomic.Int64 // as the input is read
	// Undeclared are the fields without a column that the log names.
	Undeclared atomic.Int64
	// Bytes are those of the records, 0 unless they are needed.
	Bytes                      atomic.Int64
	Inserted, Updated, Deleted atomic.Int64 // rows of the table, once they are committed
	// Ignored are the records that on_missing left out. Passed are new records of on_conflict: ignore whose row a later
	// tombstone of their batch has deleted.
	Ignored, Passed atomic.Int64
	// LoadedRecords are those records whose batch is committed. That of a replace counts when it is swapped in: until
	// then it is Unswapped.
	LoadedRecords, Unswapped atomic.Int64
	// Copied are the rows that went straight into the staging table of a replace, Merged is true once others were
	// merged into it.
	Copied atomic.Int64
	Merged atomic.Bool
	// Why says for what reasons records were rejected.
	Why reasons
	// removed are those of Deleted that no record of this stream asked for: what a full pass, a snapshot or a replace
	// took away.
	removed atomic.Int64
	// Staged are those of the loaded records whose rows wait in a table beside the stream's own until a refresh
	// completes.
	Staged atomic.Int64
	// Busy is the time that the database took for the stream's batches, in nanoseconds, Batches how many there were.
	Busy, Batches atomic.Int64
	// Began is when the stream's SCHEMA came, Ended when its last rows were committed: Began until then. Both are in
	// nanoseconds of Unix time.
	Began, Ended atomic.Int64
}

// New makes the counters of a stream that begins now.
func New(now time.Time) *Counters {
	c := &Counters{}
	c.Began.Store(now.UnixNano())
	c.Ended.Store(now.UnixNano())
	return c
}

// RemovedBy counts what a statement for the whole table did: a swap, or a removal.
func (c *Counters) RemovedBy(done Changes, now time.Time) {
	c.Add(done.Inserted, done.Updated, done.Deleted)
	c.removed.Add(done.Deleted)
	c.Ignored.Add(done.Ignored)
	c.LoadedRecords.Add(c.Unswapped.Swap(0) - done.Refused)
	c.Staged.Store(0)
	c.Ended.Store(now.UnixNano())
}

// Add counts rows of the table that were written.
func (c *Counters) Add(inserted, updated, deleted int64) {
	c.Inserted.Add(inserted)
	c.Updated.Add(updated)
	c.Deleted.Add(deleted)
}

// unchanged is how many records wrote no row. Only rows are known, so it is what remains after them; a record that
// wrote two rows, as in history, must not be counted twice.
func (c *Counters) unchanged(mode merge.Mode) int64 {
	wrote := c.Inserted.Load()
	switch mode {
	case merge.History:
		wrote += c.Tombstones.Load()
	case merge.Replace:
		wrote += c.Updated.Load()
	case merge.Upsert, merge.SoftDelete:
		wrote += c.Updated.Load() + c.Deleted.Load() - c.removed.Load()
	}
	return max(0, c.LoadedRecords.Load()-c.Staged.Load()-wrote)
}

// IgnoredBy is how many records were left out because of what there was of their key, and unchanged how many of the
// others wrote no row. conflicts reports whether a record is left out whose key has a row.
func (c *Counters) IgnoredBy(mode merge.Mode, conflicts bool) (ignored, unchanged int64) {
	ignored, unchanged = c.Ignored.Load(), c.unchanged(mode)
	if conflicts {
		// A record is new, perhaps for a moment only, a tombstone, or left out.
		ignored = c.LoadedRecords.Load() - c.Inserted.Load() - c.Passed.Load() - c.Tombstones.Load()
	}
	ignored = max(0, ignored)
	return ignored, max(0, unchanged-ignored)
}

// Changes is what statements did to a table's rows.
type Changes struct {
	Inserted, Updated, Deleted, Ignored int64
	// Refused are records of this run that had been counted as loaded until the server refused their rows.
	Refused int64
}
