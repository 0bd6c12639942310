package tablewrite

import (
	"context"
	_ "embed"
	"errors"
	"slices"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/merge"
	"target-postgres/target/batch"
	"target-postgres/target/bisect"
	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
	"target-postgres/typemap"
)

// Where the values of one column are to blame for row after row, the server is asked about many of them in one
// statement. It tries each by itself, and says only what it would say to the row: that a text is none of the column's
// type, or breaks a CHECK of the column.

// unfitSQL makes a function that tries texts, conditionSQL finds the condition of a CHECK.
//
//go:embed sql/unfit.sql
var unfitSQL string

//go:embed sql/condition.sql
var conditionSQL string

// The server is asked about askedOnce rows, and then about more and more, as long as one of rarely is to blame.
const (
	rarely    = 50
	askedOnce = 1000
)

// UnfitFrom returns the indexes of those rows, from one on, whose value of a column the server refuses for the same
// reason as another row's, cause, until they are rare. There may be more: what the server does not tell is nil. The
// transaction is left as it was.
func (s Share) UnfitFrom(ctx context.Context, conn *pgx.Conn, from int, column string, cause error) (all []int, _ error) {
	for n := askedOnce; from < s.To; n *= 2 {
		to := min(s.To, from+n)
		some, err := s.Load.unfit(ctx, conn, s.Load.Batch.Cut(s.Spans, from, to), column, cause)
		if err != nil {
			return nil, err
		}
		for _, row := range some {
			all = append(all, from+row)
		}
		if from = to; len(some)*rarely < n {
			break
		}
	}
	return all, nil
}

// unfit is UnfitFrom for the rows of one batch.
func (l *Write) unfit(ctx context.Context, conn *pgx.Conn, rows *batch.Batch, column string, cause error) ([]int, error) {
	at := slices.IndexFunc(l.Layout.Columns, func(c merge.Column) bool { return c.Name == column })
	if said := failure.Said(cause); at < 0 || said == nil || failure.Raised(said) {
		return nil, nil
	}
	before, after, err := l.fits(ctx, conn, l.Layout.Columns[at], cause)
	if err != nil || before == "" {
		return nil, err
	}
	var texts []string
	numbers := map[string][]int{}
	n := 0
	rows.Each(func(row []byte) {
		if value := batch.CsvFields(row)[at]; value != nil {
			if numbers[*value] == nil {
				texts = append(texts, *value)
			}
			numbers[*value] = append(numbers[*value], n)
		}
		n++
	})
	unfit, err := askUnfit(ctx, conn, texts, pgtx.Fill(unfitSQL, before, after, failure.SQLState(cause)))
	var found []int
	for _, number := range unfit {
		found = append(found, numbers[texts[number-1]]...)
	}
	slices.Sort(found)
	return found, err
}

// fits are the parts of a statement around a text that is false for a value which the column does not take, or fails.
// They are empty if no statement tells.
func (l *Write) fits(ctx context.Context, conn *pgx.Conn, c merge.Column, cause error) (before, after string, _ error) {
	said := failure.Said(cause)
	switch {
	case failure.SQLState(cause) == pgerrcode.CheckViolation && said.DataTypeName == "":
		var condition string
		err := conn.QueryRow(ctx, pgtx.Fill(conditionSQL, l.Job.Target.SQL(), said.ConstraintName, c.Name)).Scan(&condition)
		if errors.Is(err, pgx.ErrNoRows) || l.Stream.UserCode {
			return "", "", nil // a trigger may have given the column another value
		}
		return "SELECT (" + condition + ") FROM (SELECT ", "::" + c.Type.Name + " AS " + typemap.Quote(c.Name) + ") AS one", failure.FromServer(l.Stream.Name, "read a CHECK", err)
	case bisect.ColumnOf(cause) == c.Name:
		return "SELECT pg_catalog.num_nonnulls(", "::" + c.Type.Name + ") OPERATOR(pg_catalog.=) 1", nil
	}
	return "", "", nil
}

// askUnfit has the server try texts. A server that does not let the role make the function tells nothing.
func askUnfit(ctx context.Context, conn *pgx.Conn, texts []string, function string) (unfit []int64, err error) {
	if _, err := pgtx.Script(ctx, conn, []string{bisect.Savepoint, function}); err == nil {
		err = conn.QueryRow(ctx, "SELECT pg_temp._singular_unfit($1)", texts).Scan(&unfit)
		if _, refused := errors.AsType[*pgconn.PgError](err); err != nil && !refused {
			return nil, failure.FromServer("", "try values", err)
		}
	}
	_, err = conn.Exec(ctx, bisect.RollbackTo)
	return unfit, failure.FromServer("", "try values", err)
}

// WithoutValuesOf is the load with NULL for a column of some rows, and the changes in _airbyte_meta. It is for a column
// of which [Write.WithoutValues] has made one.
func (l *Write) WithoutValuesOf(column string, rows []int) *Write {
	n := -1
	return l.With(l.Batch.Rewritten(func(row []byte) []byte {
		n++
		if _, found := slices.BinarySearch(rows, n); !found {
			return row
		}
		if without := l.withoutValues(row, []string{column}); without != nil {
			return without
		}
		return row
	}))
}
