package target

import (
	"errors"

	"github.com/jackc/pgerrcode"

	"target-postgres/merge"
	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
)

// A trigger may put rows into tables that it makes for them. Until there is one, an index of the table is over all its rows; from then
// on it says nothing about a key, and ON CONFLICT would insert a second row of it. So a merge that relies on the index looks, in its own
// transaction, whether there are such tables now.

// uncoveredError says that a table whose index a merge relied on has come to have its rows elsewhere.
type uncoveredError struct{}

func (*uncoveredError) Error() string { return "the rows are in tables that inherit" }

// looksForChildren reports whether the merge of a load has to look.
func (l *load) looksForChildren() bool {
	return l.stream.routed && !l.job.Repeats && len(l.job.Key) > 0 && l.job.Mode != merge.Append && l.job.Target.Table == l.stream.tableName
}

// childless fails with division_by_zero (22012) where tables inherit from another.
func childless(table merge.Name) string {
	return "SELECT 1 / CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_inherits WHERE inhparent = " + pgtx.Literal(table.SQL()) +
		"::pg_catalog.regclass) THEN 0 ELSE 1 END"
}

// uncovered is the error of that statement, nil if it failed for another reason.
func uncovered(stream string, err error) error {
	if failure.SQLState(err) != pgerrcode.DivisionByZero {
		return nil
	}
	return &failure.Error{Kind: failure.KindTransient, Stream: stream, Reason: "the rows of the table are in others that inherit from it", Err: &uncoveredError{}}
}

// isUncovered reports whether an error is that one.
func isUncovered(err error) bool {
	_, is := errors.AsType[*uncoveredError](err)
	return is
}
