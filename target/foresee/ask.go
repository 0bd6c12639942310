package foresee

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/merge"
	"target-postgres/target/batch"
	"target-postgres/target/bisect"
	"target-postgres/target/failure"
	"target-postgres/target/fraction"
	"target-postgres/target/pgtx"
	"target-postgres/typemap"
)

// Where the server refuses row after row for the same reason, it is asked about many of them in one statement. It tries
// each by itself, and says only what it would say to the row: that a text is none of the column's type, or that the row
// breaks a constraint.

// unfitSQL makes a function that tries values, conditionSQL finds the condition of a CHECK, requiredSQL tells whether a
// column takes no NULL.
//
//go:embed sql/unfit.sql
var unfitSQL string

//go:embed sql/condition.sql
var conditionSQL string

//go:embed sql/required.sql
var requiredSQL string

// The server is asked about askedOnce rows, and then about more and more, but mostAsked, as long as one of rarely is to
// blame.
const (
	rarely    = 50
	askedOnce = 1000
	mostAsked = 16000
)

// share is the part of a write of the rows that are looked at.
type share struct{ *fraction.Share }

// question is what the server is asked about a row. It refuses the row if the condition is false for the values of some
// columns, or if it does not convert them: then there is no condition.
type question struct {
	columns   []int
	condition string
	code      string
	// nulls is true where a NULL is asked about, too, null where only a NULL is refused: that need not be asked.
	nulls, null bool
	// table is true where only the table refuses rows: those that come to it.
	table bool
}

// unfit returns the indexes of those rows, from one on, whose value of a column the server refuses for the same reason
// as another row's, cause, until they are rare. There may be more: what the server does not tell is nil. The
// transaction is left as it was.
func (s share) unfit(ctx context.Context, conn *pgx.Conn, from int, column string, cause error) ([]int, error) {
	q, err := s.aboutValue(ctx, conn, column, cause)
	if err != nil || q == nil {
		return nil, err
	}
	return s.asked(ctx, conn, from, q)
}

// refused returns the indexes of those rows, from one on, that the server refuses for the same reason as another one,
// cause, until they are rare. It is like unfit in all else.
func (s share) refused(ctx context.Context, conn *pgx.Conn, from int, cause error) ([]int, error) {
	q, err := s.aboutRow(ctx, conn, cause)
	if err != nil || q == nil {
		return nil, err
	}
	all, err := s.asked(ctx, conn, from, q)
	if err != nil || len(all) == 0 || !q.table || !s.Write.Job.Has.Duplicates || len(s.Write.Job.Key) == 0 {
		return all, err
	}
	last, err := s.lastOfKeys(ctx, conn, s.Write.Batch.Cut(s.Spans, from, s.To))
	return slices.DeleteFunc(all, func(row int) bool { return !last[row-from] }), err
}

// lastOfKeys tells the rows of a batch that no later one supersedes. The server knows which keys are equal.
func (s share) lastOfKeys(ctx context.Context, conn *pgx.Conn, rows *batch.Batch) (map[int]bool, error) {
	keys := make([][]*string, len(s.Write.Job.Key))
	var given, typed []string
	var values []any
	for i, c := range s.Write.Job.Key {
		at := s.columnAt(c.Name)
		if at < 0 {
			return nil, nil
		}
		rows.Each(func(row []byte) { keys[i] = append(keys[i], batch.CsvFields(row)[at]) })
		given, values = append(given, fmt.Sprintf("$%d::text[]", i+1)), append(values, keys[i])
		typed = append(typed, fmt.Sprintf("k%d::%s", i, c.Type.Name))
	}
	names := make([]string, len(typed))
	for i := range names {
		names[i] = fmt.Sprintf("k%d", i)
	}
	query := fmt.Sprintf("SELECT max(row) - 1 FROM ROWS FROM (unnest(%s)) WITH ORDINALITY AS k(%s, row) GROUP BY %s",
		strings.Join(given, ", "), strings.Join(names, ", "), strings.Join(typed, ", "))
	if _, err := conn.Exec(ctx, bisect.Savepoint); err != nil {
		return nil, failure.FromServer("", "compare keys", err)
	}
	last := map[int]bool{}
	found, err := conn.Query(ctx, query, values...)
	if err == nil {
		var row int64
		_, err = pgx.ForEachRow(found, []any{&row}, func() error { last[int(row)] = true; return nil })
	}
	if _, refused := errors.AsType[*pgconn.PgError](err); err != nil && !refused {
		return nil, failure.FromServer("", "compare keys", err)
	} else if refused {
		last = nil
	}
	_, err = conn.Exec(ctx, bisect.RollbackTo)
	return last, failure.FromServer("", "compare keys", err)
}

func (s share) asked(ctx context.Context, conn *pgx.Conn, from int, q *question) (all []int, _ error) {
	for n := askedOnce; from < s.To; n = min(2*n, mostAsked) {
		to := min(s.To, from+n)
		some, err := s.unfitOf(ctx, conn, s.Write.Batch.Cut(s.Spans, from, to), q)
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

// unfitOf returns the indexes of the rows of a batch that the server refuses.
func (s share) unfitOf(ctx context.Context, conn *pgx.Conn, rows *batch.Batch, q *question) ([]int, error) {
	var texts []string
	var found []int
	numbers := map[string][]int{}
	n := 0
	rows.Each(func(row []byte) {
		text, null := s.asks(q, batch.CsvFields(row))
		switch {
		case q.null && null:
			found = append(found, n)
		case q.null || null && !q.nulls:
		case numbers[text] == nil:
			texts = append(texts, text)
			fallthrough
		default:
			numbers[text] = append(numbers[text], n)
		}
		n++
	})
	if len(texts) == 0 {
		return found, nil
	}
	unfit, err := askUnfit(ctx, conn, texts, pgtx.Fill(unfitSQL, q.code))
	for _, number := range unfit {
		found = append(found, numbers[texts[number-1]]...)
	}
	slices.Sort(found)
	return found, err
}

// asks is the query that asks a question about a row, and reports whether all of its values are NULL.
func (s share) asks(q *question, fields []*string) (query string, null bool) {
	null = true
	values := make([]string, 0, len(q.columns))
	for _, at := range q.columns {
		text := "NULL"
		if fields[at] != nil {
			text, null = pgtx.Literal(*fields[at]), false
		}
		c := s.Write.Layout.Columns[at]
		values = append(values, text+"::"+c.Type.Name+" AS "+typemap.Quote(c.Name))
	}
	condition := q.condition
	if condition == "" {
		condition = "pg_catalog.num_nulls(one.*) OPERATOR(pg_catalog.>=) 0"
	}
	return "SELECT (" + condition + ") FROM (SELECT " + strings.Join(values, ", ") + ") AS one", null
}

// aboutValue asks whether the server refuses a value of a column because of that value, nil if no question tells.
func (s share) aboutValue(ctx context.Context, conn *pgx.Conn, column string, cause error) (*question, error) {
	at, said := s.columnAt(column), failure.Said(cause)
	if at < 0 || said == nil || failure.Raised(said) {
		return nil, nil
	}
	q := &question{columns: []int{at}, code: failure.SQLState(cause)}
	switch {
	case q.code == pgerrcode.CheckViolation && said.DataTypeName == "":
		condition, columns, _, err := s.check(ctx, conn, said.ConstraintName)
		if q.condition = condition; err != nil || condition == "" || !slices.Equal(columns, q.columns) {
			return nil, err
		}
	case bisect.ColumnOf(cause) != column:
		return nil, nil
	}
	return q, nil
}

// aboutRow asks whether the server refuses a row for the reason for which it has refused another one, nil if no
// question tells.
func (s share) aboutRow(ctx context.Context, conn *pgx.Conn, cause error) (*question, error) {
	said := failure.Said(cause)
	if said == nil || failure.Raised(said) {
		return nil, nil
	}
	at, ofType := s.columnAt(bisect.ColumnOf(cause)), said.DataTypeName != ""
	q := &question{columns: []int{at}, code: failure.SQLState(cause)}
	switch {
	case q.code == pgerrcode.CheckViolation && !ofType:
		condition, columns, valid, err := s.check(ctx, conn, said.ConstraintName)
		if err != nil || condition == "" || !valid || !s.meetsTable() {
			return nil, err
		}
		q.condition, q.columns, q.nulls, q.table = condition, columns, true, true
	case at < 0:
		return nil, nil
	case q.code == pgerrcode.NotNullViolation && !ofType:
		if q.null, q.table = true, true; !s.meetsTable() || s.Write.Layout.Columns[at].Identity {
			return nil, nil
		}
		var required bool
		if err := conn.QueryRow(ctx, pgtx.Fill(requiredSQL, s.Write.Job.Target.SQL(), s.Write.Layout.Columns[at].Name)).Scan(&required); err != nil || !required {
			return nil, failure.FromServer(s.Write.Stream.Name, "look at a column", err)
		}
	default:
		q.nulls = ofType
	}
	if s.Write.Stream.Airbyte && slices.ContainsFunc(q.columns, func(at int) bool { return !s.isKey(s.Write.Layout.Columns[at].Name) }) {
		return nil, nil // the row may be taken without one value
	}
	return q, nil
}

// meetsTable reports whether the last row of each key comes to be one of the table's as it is, unless the table has it
// already: none is a tombstone or older than the table's, and no trigger or rule changes it.
func (s share) meetsTable() bool {
	has, of := s.Write.Job.Has, s.Write.Stream
	asIs := !has.Patched && !has.Removed && !has.Unavailable
	return asIs && !of.UserCode && !of.Ruled && !of.RowSecurity && !s.Write.Spills && s.Write.Job.Place == merge.Here &&
		len(s.Write.Job.Order) == 0 && !s.Write.Job.InsertLate && !s.Write.Job.IgnoreConflicts && !s.Write.Job.IgnoreMissing
}

// check is the condition of a CHECK of the table, the columns that it is about, and whether all rows of the table meet
// it. The condition is "" where a row's own values do not tell: the server computes some of them, or a trigger may.
func (s share) check(ctx context.Context, conn *pgx.Conn, name string) (condition string, columns []int, valid bool, _ error) {
	var names []string
	err := conn.QueryRow(ctx, pgtx.Fill(conditionSQL, s.Write.Job.Target.SQL(), name)).Scan(&condition, &names, &valid)
	if errors.Is(err, pgx.ErrNoRows) || s.Write.Stream.UserCode {
		return "", nil, false, nil
	}
	for _, column := range names {
		at := s.columnAt(column)
		if at < 0 {
			return "", nil, false, nil
		}
		columns = append(columns, at)
	}
	return condition, columns, valid, failure.FromServer(s.Write.Stream.Name, "read a CHECK", err)
}

func (s share) isKey(name string) bool {
	return slices.ContainsFunc(s.Write.Job.Key, func(c merge.Column) bool { return c.Name == name })
}

// columnAt is where a column stands in the layout, -1 if it is none of the record's.
func (s share) columnAt(name string) int {
	return slices.IndexFunc(s.Write.Layout.Columns, func(c merge.Column) bool { return c.Name == name })
}

// askUnfit has the server try queries. A server that does not let the role make the function tells nothing.
func askUnfit(ctx context.Context, conn *pgx.Conn, queries []string, function string) (unfit []int64, err error) {
	if _, err := pgtx.Script(ctx, conn, []string{bisect.Savepoint, function}); err == nil {
		err = conn.QueryRow(ctx, "SELECT pg_temp._singular_unfit($1)", queries).Scan(&unfit)
		if _, refused := errors.AsType[*pgconn.PgError](err); err != nil && !refused {
			return nil, failure.FromServer("", "try values", err)
		}
	}
	_, err = conn.Exec(ctx, bisect.RollbackTo)
	return unfit, failure.FromServer("", "try values", err)
}
