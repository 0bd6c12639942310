package checkpoint

import (
	"errors"
	"slices"

	"github.com/jackc/pgerrcode"

	"target-postgres/target/failure"
	"target-postgres/target/tablewrite"
)

// noSuchIndex reports whether the server found no unique index for an ON CONFLICT of ours. A statement in the code of a
// trigger may lack one, too, and code may raise any SQLSTATE: then the error has a context.
func noSuchIndex(err error) bool {
	pg := failure.Said(err)
	return pg != nil && pg.Code == pgerrcode.InvalidColumnReference && pg.Routine == "infer_arbiter_indexes" && pg.Where == ""
}

// unkey has batches merged without a unique index if the table's was dropped during the run, or is no longer over all
// rows. It returns false for any other error.
func (c *Checkpoint) unkey(err error) bool {
	var e *failure.Error
	elsewhere := tablewrite.IsUncovered(err)
	if (!noSuchIndex(err) && !elsewhere) || !errors.As(err, &e) {
		return false
	}
	found := false
	for _, l := range c.Writes {
		if l.Stream.Name != e.Stream || (!l.Direct && !l.Job.Unique && !elsewhere) {
			continue
		}
		if l.Stream.Unkeyed.CompareAndSwap(false, true) {
			why := "the unique index over the key is gone: it was dropped"
			if elsewhere {
				why = "tables inherit from the stream's now, and its unique index is not over their rows"
			}
			c.Committer.log.Warn(why+": merging without one, which is slower", "stream", l.Stream.Name)
		}
		l.Stream.StartedEmpty.Store(false)
		l.Direct, l.Job.Unique, l.Job.Repeats, found = false, false, true, true
	}
	return found
}

// needsNoIndex reports whether an error is one that unkey answers.
func (c *Checkpoint) needsNoIndex(err error) bool {
	return tablewrite.IsUncovered(err) || noSuchIndex(err) && slices.ContainsFunc(c.Writes, func(l *tablewrite.Write) bool { return l.Direct || l.Job.Unique })
}

// raced reports whether to try once more because another loader may have inserted one of the keys meanwhile: the merge
// then finds its row.
func (c *Checkpoint) raced(err error) bool {
	c.races++
	return failure.SQLState(err) == pgerrcode.UniqueViolation && c.races == 1
}
