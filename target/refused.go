package target

import (
	"errors"
	"slices"

	"github.com/jackc/pgerrcode"

	"target-postgres/merge"
	"target-postgres/target/batch"
	"target-postgres/target/failure"
)

// refusedError is the server's answer to a statement that carries rows. One of the rows may be to blame, or the statement
// itself: only an experiment tells.
type refusedError struct {
	// where is the row at which a COPY stopped, if it is known.
	where batch.Position
	known bool
	// named is true if the server said which column the value was for, late if only COMMIT failed.
	named, late bool
	// waited is true for a row that had waited for its STATE beside the table.
	waited bool
	err    error
}

// Error is the cause's.
func (r *refusedError) Error() string { return r.err.Error() }

// Unwrap returns the cause.
func (r *refusedError) Unwrap() error { return r.err }

// ofRows marks an error of the server's as its answer to rows, unless no row can be to blame for it.
func ofRows(err error, about refusedError) error {
	e, ok := errors.AsType[*failure.Error](err)
	if !ok || !aboutRows(failure.SQLState(err)) {
		return err
	}
	about.err = e.Err
	e.Err = &about
	return err
}

// refusedBy returns what the server said to rows, nil if the error is about something else.
func refusedBy(err error) *refusedError {
	r, _ := errors.AsType[*refusedError](err)
	return r
}

// aboutNoRow takes the mark away.
func aboutNoRow(err error) error {
	e, ok := errors.AsType[*failure.Error](err)
	if r := refusedBy(err); ok && r != nil {
		e.Err = r.err
	}
	return err
}

// refusedRow returns where the row stood that COPY refused.
func refusedRow(err error) (batch.Position, bool) {
	if r := refusedBy(err); r != nil && r.known {
		return r.where, true
	}
	return 0, false
}

// aboutRows reports whether a row may be to blame for an error with this SQLSTATE. A lost connection, a deadlock, a lock, memory,
// disk, a shutdown or a damaged file never is one row's fault.
func aboutRows(code string) bool {
	switch {
	case code == "", failure.Retryable(code), code == pgerrcode.DataCorrupted, code == pgerrcode.IndexCorrupted, code == pgerrcode.ReadOnlySQLTransaction:
		return false
	}
	return !failure.OfClass(code, []string{"08", "40", "53", "57", "58"})
}

// needsProof reports whether an error more often is about the table than about a row: a missing privilege, function, column or
// object. A row is to blame for it only if the server takes another row of the stream.
func needsProof(err error) bool {
	if r := refusedBy(err); r != nil && r.named {
		return false
	}
	if said := failure.Said(err); said != nil && said.Routine == "ExecWithCheckOptions" {
		return false // a row-level security policy or the condition of a view looks at one row
	}
	code := failure.SQLState(err)
	return failure.OfClass(code, []string{"0A", "0L", "0P", "25", "28", "2B", "3D", "3F", "42", "55", "XX"})
}

// undirect sends the batches the long way that went straight into a table whose key objected. It reports whether there were any.
func (c *checkpoint) undirect(err error) bool { return undirect(c.loads, err) }

func undirect(loads []*load, err error) bool {
	found := false
	for _, l := range loads {
		if l.direct && l.job.Mode != merge.Append && slices.Contains([]string{pgerrcode.UniqueViolation, pgerrcode.ExclusionViolation}, failure.SQLState(err)) {
			l.stream.fresh.Store(false)
			l.direct, found = false, true
		}
	}
	return found
}

// noSuchIndex reports whether the server found no unique index for an ON CONFLICT of ours. A statement in the code of a trigger may
// lack one, too, and code may raise any SQLSTATE: then the error has a context.
func noSuchIndex(err error) bool {
	pg := failure.Said(err)
	return pg != nil && pg.Code == pgerrcode.InvalidColumnReference && pg.Routine == "infer_arbiter_indexes" && pg.Where == ""
}

// unkey has batches merged without a unique index where somebody has dropped the table's while the program runs, or where it no
// longer is over all rows. It returns false for any other error.
func (c *checkpoint) unkey(err error) bool {
	var e *failure.Error
	elsewhere := isUncovered(err)
	if (!noSuchIndex(err) && !elsewhere) || !errors.As(err, &e) {
		return false
	}
	found := false
	for _, l := range c.loads {
		if l.stream.name != e.Stream || (!l.direct && !l.job.Unique && !elsewhere) {
			continue
		}
		if l.stream.unkeyed.CompareAndSwap(false, true) {
			why := "the unique index over the key is gone, somebody has dropped it"
			if elsewhere {
				why = "tables inherit from the stream's now, and its unique index is not over their rows"
			}
			c.committer.log.Warn(why+": merging without one, which is slower", "stream", l.stream.name)
		}
		l.stream.fresh.Store(false)
		l.direct, l.job.Unique, l.job.Repeats, found = false, false, true, true
	}
	return found
}

// needsNoIndex reports whether an error is one that unkey answers.
func (c *checkpoint) needsNoIndex(err error) bool {
	return isUncovered(err) || noSuchIndex(err) && slices.ContainsFunc(c.loads, func(l *load) bool { return l.direct || l.job.Unique })
}

// raced reports whether to try once more because another loader may have inserted one of the keys meanwhile: the merge then
// finds its row.
func (c *checkpoint) raced(err error) bool {
	c.races++
	return failure.SQLState(err) == pgerrcode.UniqueViolation && c.races == 1
}
