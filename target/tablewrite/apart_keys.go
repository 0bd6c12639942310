package tablewrite

import (
	"fmt"
	"slices"

	"github.com/jackc/pgerrcode"

	"target-postgres/merge"
	"target-postgres/target/failure"
	"target-postgres/typemap"
)

// A table whose rows are spread by more than its key has no index that objects to a key which is there. Its batches may
// go straight in nevertheless where the table has no row between the least and the greatest of their keys, which a few
// lookups tell: the keys of most sources grow. Other loaders of the table wait meanwhile.

// Stretch is from the least to the greatest value of a whole number that the key begins with.
type Stretch struct{ From, To int64 }

// NumberedBy is the column of the numbers that the key begins with, "" if it begins with something else.
func (l *Write) NumberedBy() string {
	if len(l.Job.Key) == 0 || l.Stream.Unique || l.Stream.UserCode || l.Job.Place != merge.Here {
		return ""
	}
	whole := []typemap.Kind{typemap.KindInt2, typemap.KindInt4, typemap.KindInt8}
	if first := l.Job.Key[0]; slices.Contains(whole, first.Type.Kind) && first.Type.Base == nil {
		return first.Name
	}
	return ""
}

// Numbered sets the stretch of the batch's keys, and sends the batch straight into the table if it may.
func (l *Write) Numbered(keys Stretch) {
	l.Keys = &keys
	l.Direct = l.MayBeDirect(l.Batch)
}

// guesses reports whether the batch goes straight into the table because nothing there is likely to have its keys,
// which is looked up.
func (l *Write) guesses() bool {
	return l.Direct && l.Keys != nil && l.Job.Mode != merge.Append && !l.Stream.Unique
}

// nothingBetween fails with division_by_zero if the table has a row between the least and the greatest of the keys.
// Without a sequential scan, which the planner takes for cheap as long as it expects to find a row soon.
func (l *Write) nothingBetween() []string {
	table, first := l.Job.Target.SQL(), typemap.Quote(l.Job.Key[0].Name)
	return []string{
		"SET LOCAL enable_seqscan TO off",
		fmt.Sprintf("SELECT 1 / CASE WHEN EXISTS (SELECT FROM %s WHERE %s BETWEEN %d AND %d) THEN 0 ELSE 1 END", table, first, l.Keys.From, l.Keys.To),
		"SET LOCAL enable_seqscan TO DEFAULT",
	}
}

// lookedUp are the statements before a COPY into a table with a key: what makes sure that no row of it has a key of the
// batch.
func (l *Write) lookedUp() []string {
	if l.guesses() {
		return l.nothingBetween()
	}
	return l.probe()
}

// isBetween reports whether an error says that there is a row between the keys.
func (l *Write) isBetween(err error) bool {
	return l.guesses() && failure.SQLState(err) == pgerrcode.DivisionByZero
}
