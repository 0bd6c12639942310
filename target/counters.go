package target

import (
	"sync/atomic"
	"time"

	"target-postgres/merge"
)

// counters are one stream's counts while the run goes on. The goroutine that reads the input and the one that loads both
// add to them, and anyone may look.
type counters struct {
	read, rejected, replaced, special, tombstones atomic.Int64 // as the input is read
	inserted, updated, deleted                    atomic.Int64 // rows of the table, once they are committed
	// ignored are the records that on_missing left out.
	ignored atomic.Int64
	// loadedRecords are those records whose batch is committed. That of a replace counts when it is swapped in.
	loadedRecords, gathered atomic.Int64
	// copied are the rows that went straight into the staging table of a replace, merged is true once others were merged into it.
	copied atomic.Int64
	merged atomic.Bool
	// why says for what reasons records were rejected.
	why reasons
	// removed are those of deleted that no record of this stream asked for: what a full pass, a snapshot or a replace took away.
	removed atomic.Int64
	// busy is the time that the database took for the stream's batches, batches how many there were.
	busy, batches atomic.Int64
	// began is when the stream's SCHEMA came, ended when its last rows were committed, both in nanoseconds of Unix time.
	began, ended atomic.Int64
}

func newCounters(now time.Time) *counters {
	c := &counters{}
	c.began.Store(now.UnixNano())
	c.ended.Store(now.UnixNano())
	return c
}

// loaded counts what became of one batch, once it is committed.
func (c *counters) loaded(l *load, now time.Time) {
	c.busy.Add(int64(l.took))
	c.batches.Add(1)
	c.ended.Store(now.UnixNano())
	if l.stream.mode == merge.Replace || l.spills {
		c.gathered.Add(int64(l.batch.Rows())) // these rows are not in the table yet: the swap counts them
		c.copied.Add(l.inserted)
		if !l.direct {
			c.merged.Store(true)
		}
		return
	}
	c.loadedRecords.Add(int64(l.batch.Rows()))
	c.ignored.Add(l.ignored)
	c.add(l.inserted, l.updated, l.deleted)
}

// removedBy counts what a statement for the whole table did: a swap, or a removal.
func (c *counters) removedBy(done changes, now time.Time) {
	c.add(done.inserted, done.updated, done.deleted)
	c.removed.Add(done.deleted)
	c.ignored.Add(done.ignored)
	c.loadedRecords.Add(c.gathered.Swap(0))
	c.ended.Store(now.UnixNano())
}

func (c *counters) add(inserted, updated, deleted int64) {
	c.inserted.Add(inserted)
	c.updated.Add(updated)
	c.deleted.Add(deleted)
}

// unchanged is how many records wrote no row. What is known are rows, so that it is counted from what is left; a record
// that wrote two rows, as in history, must not be counted twice.
func (c *counters) unchanged(mode merge.Mode) int64 {
	wrote := c.inserted.Load()
	switch mode {
	case merge.History:
		wrote += c.tombstones.Load()
	case merge.Upsert, merge.SoftDelete:
		wrote += c.updated.Load() + c.deleted.Load() - c.removed.Load()
	}
	return max(0, c.loadedRecords.Load()-wrote)
}

// ignoredBy is how many records were left out because of what there was of their key, and unchanged how many of the others
// wrote no row.
func (c *counters) ignoredBy(s *stream) (ignored, unchanged int64) {
	ignored, unchanged = c.ignored.Load(), c.unchanged(s.mode)
	if s.config.IgnoresConflicts(s.mode) {
		// A record is new, a tombstone, or left out.
		ignored = c.loadedRecords.Load() - c.inserted.Load() - c.tombstones.Load()
	}
	ignored = max(0, ignored)
	return ignored, max(0, unchanged-ignored)
}
