package tablewrite

import (
	"errors"
	"log/slog"
	"slices"

	"github.com/jackc/pgerrcode"

	"target-postgres/target/failure"
)

// noSuchIndex reports whether the server found no unique index for an ON CONFLICT of ours. A statement in the code of a
// trigger may lack one, too, and code may raise any SQLSTATE: then the error has a context.
func noSuchIndex(err error) bool {
	pg := failure.Said(err)
	return pg != nil && pg.Code == pgerrcode.InvalidColumnReference && pg.Routine == "infer_arbiter_indexes" && pg.Where == ""
}

// Unkey has batches merged without a unique index if the table's was dropped during the run, or is no longer over all
// rows. It returns false for any other error.
func Unkey(writes []*Write, err error, log *slog.Logger) bool {
	var e *failure.Error
	elsewhere := isUncovered(err)
	if (!noSuchIndex(err) && !elsewhere) || !errors.As(err, &e) {
		return false
	}
	found := false
	for _, w := range writes {
		if w.Stream.Name != e.Stream || (!w.Direct && !w.Job.Unique && !elsewhere) {
			continue
		}
		if w.Stream.Unkeyed.CompareAndSwap(false, true) {
			why := "the unique index over the key is gone: it was dropped"
			if elsewhere {
				why = "tables inherit from the stream's now, and its unique index is not over their rows"
			}
			log.Warn(why+": merging without one, which is slower", "stream", w.Stream.Name)
		}
		w.Stream.StartedEmpty.Store(false)
		w.Direct, w.Job.Unique, w.Job.Repeats, found = false, false, true, true
	}
	return found
}

// NeedsNoIndex reports whether an error is one that Unkey answers.
func NeedsNoIndex(writes []*Write, err error) bool {
	return isUncovered(err) || noSuchIndex(err) && slices.ContainsFunc(writes, func(w *Write) bool { return w.Direct || w.Job.Unique })
}
