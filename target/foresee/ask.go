package foresee

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/target/batch"
	"target-postgres/target/bisect"
	"target-postgres/target/failure"
	"target-postgres/target/fraction"
	"target-postgres/target/pgtx"
	"target-postgres/typemap"
)

// If the server refuses row after row for the same reason, it is asked about many of them in one statement. It tries
// each by itself, and says only what it would say to the row: that a text is none of the column's type, or that the row
// breaks a constraint.

// unfitSQL makes a function that tries values, lastSQL finds the last row of each key.
//
//go:embed sql/unfit.sql
var unfitSQL string

//go:embed sql/last.sql
var lastSQL string

// The server is asked about askedOnce rows, and then about more and more, but mostAsked, as long as one of rarely is to
// blame.
const (
	rarely    = 50
	askedOnce = 1000
	mostAsked = 16000
)

// share is the part of a write of the rows that are looked at.
type share struct{ *fraction.Share }

// into is where its rows go to.
func (s share) into() target {
	return target{
		of: s.Write.Stream, table: s.Write.Job.Target, columns: s.Write.Layout.Columns, key: s.Write.Job.Key,
		asIs: AsIs(s.Write.Stream, s.Write.Job) && !s.Write.Spills,
	}
}

// unfit returns the indexes of those rows, from one on, whose value of a column the server refuses for the same reason
// as another row's, cause, until they are rare. There may be more: what the server does not tell is nil. The
// transaction is left as it was.
func (s share) unfit(ctx context.Context, conn *pgx.Conn, from int, column string, cause error) ([]int, error) {
	q, err := s.into().aboutValue(ctx, conn, column, cause)
	if err != nil || q == nil {
		return nil, err
	}
	return s.asked(ctx, conn, from, q)
}

// refused returns the indexes of those rows, from one on, that the server refuses for the same reason as another one,
// cause, until they are rare. It is like unfit in all else.
func (s share) refused(ctx context.Context, conn *pgx.Conn, from int, cause error) ([]int, error) {
	q, err := s.into().aboutRow(ctx, conn, cause)
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
		at := s.into().columnAt(c.Name)
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
	query := strings.NewReplacer("{texts}", strings.Join(given, ", "), "{columns}", strings.Join(names, ", "), "{typed}", strings.Join(typed, ", ")).Replace(lastSQL)
	last := map[int]bool{}
	answered, err := ask(ctx, conn, "compare keys", func() error {
		found, err := conn.Query(ctx, query, values...)
		if err != nil {
			return err
		}
		var row int64
		_, err = pgx.ForEachRow(found, []any{&row}, func() error { last[int(row)] = true; return nil })
		return err
	})
	if !answered {
		return nil, err
	}
	return last, err
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

// ask has a question put to the server, and leaves the transaction as it was. It reports whether the server has
// answered: one that refuses the question tells nothing. It fails if the connection is lost.
func ask(ctx context.Context, conn *pgx.Conn, doing string, question func() error) (answered bool, _ error) {
	if _, err := conn.Exec(ctx, bisect.Savepoint); err != nil {
		return false, failure.FromServer("", doing, err)
	}
	err := question()
	if _, refused := errors.AsType[*pgconn.PgError](err); err != nil && !refused {
		return false, failure.FromServer("", doing, err)
	}
	_, back := conn.Exec(ctx, bisect.RollbackTo)
	return err == nil, failure.FromServer("", doing, back)
}
