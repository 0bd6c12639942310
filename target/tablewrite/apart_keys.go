package tablewrite

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgerrcode"

	"target-postgres/merge"
	"target-postgres/target/failure"
	"target-postgres/typemap"
)

// A table whose rows are spread by more than its key has no index that objects to a key which is there. Its batches may
// go straight in nevertheless where the table has no row between the least and the greatest of their keys, which a few
// lookups tell: the keys of most sources grow. Other loaders of the table wait meanwhile.

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

// Numbered says from which number to which the keys of the batch are. grows reports whether they are likely to be
// beyond those of the table. Then the batch goes straight into the table if it may.
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

// nothingBetween fails with division_by_zero if the table has a row between the least and the greatest of the keys.
// Without a sequential scan, which the planner takes for cheap as long as it expects to find a row soon.
func (w *Write) nothingBetween() []string {
	table, first := w.Job.Target.SQL(), typemap.Quote(w.Job.Key[0].Name)
	return []string{
		"SET LOCAL enable_seqscan TO off",
		fmt.Sprintf("SELECT 1 / CASE WHEN EXISTS (SELECT 1 FROM %s WHERE %s BETWEEN %d AND %d LIMIT 1) THEN 0 ELSE 1 END", table, first, w.Keys.From, w.Keys.To),
		"SET LOCAL enable_seqscan TO DEFAULT",
	}
}

// othersThan fails with division_by_zero if the table has a row that none of these transactions has written.
func (w *Write) othersThan(ours []string) string {
	return fmt.Sprintf("SELECT 1 / CASE WHEN EXISTS (SELECT 1 FROM %s WHERE xmin <> ALL ('{%s}'::pg_catalog.xid[]) LIMIT 1) THEN 0 ELSE 1 END",
		w.Job.Target.SQL(), strings.Join(ours, ","))
}

// lookedUp are the statements before a COPY into a table with a key: what makes sure that no row of it has a key of the
// batch.
func (w *Write) lookedUp() []string {
	switch {
	case !w.guesses():
		return w.probe()
	case w.Keys != nil:
		return w.nothingBetween()
	default:
		return []string{w.othersThan(w.Stream.Ours.Latest())}
	}
}

// isBetween reports whether an error says that there is a row between the keys.
func (w *Write) isBetween(err error) bool {
	return w.guesses() && failure.SQLState(err) == pgerrcode.DivisionByZero
}
