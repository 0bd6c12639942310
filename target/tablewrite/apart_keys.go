package tablewrite

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgerrcode"

	"target-postgres/merge"
	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
	"target-postgres/typemap"
)

// A table whose rows are spread by more than its key has no index that objects to a key which is there. Batches go
// straight in nevertheless where it has no row between the least and greatest of their keys, or none of another run.

// NumberedBy is the column of the numbers by which it may be known that no row of the table has a key of the batch, ""
// if there is none.
func (w *Write) NumberedBy() string {
	if w.Stream.Unique || w.Stream.UserCode || w.Job.Place != merge.Here {
		return ""
	}
	return w.wholeNumber()
}

// wholeNumber is the column of the numbers that the key begins with, "" if it begins with something else.
func (w *Write) wholeNumber() string {
	if len(w.Job.Key) == 0 {
		return ""
	}
	whole := []typemap.Kind{typemap.KindInt2, typemap.KindInt4, typemap.KindInt8}
	if first := w.Job.Key[0]; slices.Contains(whole, first.Type.Kind) && first.Type.Base == nil {
		return first.Name
	}
	return ""
}

// Numbered says from which number to which the keys of the batch are, and whether they are likely to be beyond those of
// the table. Then the batch goes straight in if it may.
func (w *Write) Numbered(keys merge.Stretch, grows bool) {
	w.Job.Stretch = &keys
	if grows {
		w.Keys = &keys
	}
	w.Direct = w.MayBeDirect(w.Batch)
}

// guesses reports whether the batch goes straight into the table because nothing there is likely to have its keys,
// which is looked up.
func (w *Write) guesses() bool {
	return w.Direct && (w.Keys != nil || w.NewKeys) && w.Job.Mode != merge.Append && !w.Stream.Unique
}

// noRow fails with division_by_zero if the table has a row that may have a key of the batch, one between the least and
// the greatest of them or one of another run, and the rest of the condition is true of it. By the index, where there
// are such bounds: the planner takes a sequential scan for cheap as long as it expects to find a row soon.
func (w *Write) noRow(rest string) []string {
	const question = "SELECT 1 / CASE WHEN EXISTS (SELECT 1 FROM %s WHERE %s%s LIMIT 1) THEN 0 ELSE 1 END"
	if table := w.Job.Target.SQL(); w.Keys == nil {
		others := "xmin <> ALL ('{" + strings.Join(w.Stream.Ours.Latest(), ",") + "}'::pg_catalog.xid[])"
		return []string{fmt.Sprintf(question, table, others, rest)}
	}
	rest = fmt.Sprintf(" BETWEEN %d AND %d", w.Keys.From, w.Keys.To) + rest
	return []string{"SET LOCAL enable_seqscan TO off", fmt.Sprintf(question, w.Job.Target.SQL(), typemap.Quote(w.Job.Key[0].Name), rest), "SET LOCAL enable_seqscan TO DEFAULT"}
}

// lookedUp are the statements before a COPY into a table with a key: what makes sure that no row of it has a key of the
// batch. Where LastLook comes, they only keep rows from being sent in vain. Once other rows of the run have met nothing
// they are left out: they would lock the default partition, where the next batch may need a new one.
func (w *Write) lookedUp(lastLook bool) []string {
	switch {
	case !w.guesses():
		return w.probe()
	case lastLook && w.Stream.StartedEmpty.Load() && len(w.Stream.Ours.Latest()) > 0:
		return nil
	default:
		return w.noRow("")
	}
}

// LastLook are the statements after a COPY, before COMMIT. They fail with division_by_zero if rows went straight into a
// table where somebody else may have brought their keys meanwhile, or is merging and may come to wait for them.
func LastLook(writes []*Write) (statements []string) {
	const notOurs = " AND xmin <> (SELECT (pg_catalog.txid_current() % 4294967296)::pg_catalog.text::pg_catalog.xid)"
	for _, w := range writes {
		if w.guesses() {
			statements = append(append(statements, pgtx.TryLock(w.lockKey())), w.noRow(notOurs)...)
		}
	}
	return statements
}

// isBetween reports whether an error says that there is a row between the keys.
func (w *Write) isBetween(err error) bool {
	return w.guesses() && failure.SQLState(err) == pgerrcode.DivisionByZero
}
