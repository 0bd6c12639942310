package foresee

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/failure"
	"target-postgres/target/revision"
	"target-postgres/typemap"
)

// Rows are rows that stand in a table of the transaction, and come to another one as they are.
type Rows struct {
	// Of is the stream whose rows they are.
	Of *revision.Revision
	// From is their table, Number its column that counts them from 0, Count how many they are.
	From   merge.Name
	Number string
	Count  int64
	// Apart is a column of it that is true for the rows that nothing is to be said of, "" for none.
	Apart string
	// Into is the table that they come to, Columns are those that they bring, Key those by which it tells rows apart.
	Into         merge.Name
	Columns, Key []merge.Column
}

// Staged is what a search knows of the rows of a staging table that it has not tried.
type Staged struct {
	memory
	conn *pgx.Conn
	rows Rows
}

// Among is the foresight of a search that has tried nothing.
func Among(conn *pgx.Conn, rows Rows) *Staged {
	return &Staged{memory: newMemory(), conn: conn, rows: rows}
}

// Rejected takes note of why a row is rejected. The server is asked which later rows are refused for the same reason,
// once there are many.
func (f *Staged) Rejected(ctx context.Context, row int64, cause error) error {
	said := failure.Said(cause)
	if said == nil || !f.again(reasonOf(f.rows.Of.Stats, said, cause)) {
		return nil
	}
	rows := f.rows
	q, err := target{of: rows.Of, table: rows.Into, columns: rows.Columns, key: rows.Key, asIs: true}.aboutRow(ctx, f.conn, cause)
	if err != nil || q == nil || !q.table {
		return err // their values are of the columns' types already
	}
	refused := "NOT (" + q.condition + ")"
	if q.null {
		refused = typemap.Quote(rows.Columns[q.columns[0]].Name) + " IS NULL"
	}
	if rows.Apart != "" {
		refused += " AND NOT " + typemap.Quote(rows.Apart)
	}
	return f.learnFrom(ctx, row+1, refused, cause)
}

// learnFrom asks which rows from one on meet a condition, until they are rare.
func (f *Staged) learnFrom(ctx context.Context, from int64, refused string, cause error) error {
	for n := int64(askedOnce); from < f.rows.Count; n = min(2*n, mostAsked) {
		some, err := f.meeting(ctx, from, from+n, refused)
		if err != nil {
			return err
		}
		f.learn(some, cause)
		if from += n; int64(len(some))*rarely < n {
			break
		}
	}
	return nil
}

// meeting are the numbers of the rows from one to before another that meet a condition, none if the server cannot tell.
// The transaction is left as it was.
func (f *Staged) meeting(ctx context.Context, from, to int64, condition string) (some []int64, _ error) {
	number := typemap.Quote(f.rows.Number)
	query := fmt.Sprintf("SELECT %[1]s FROM %[2]s WHERE %[1]s >= %[3]d AND %[1]s < %[4]d AND %[5]s ORDER BY 1", number, f.rows.From.SQL(), from, to, condition)
	answered, err := ask(ctx, f.conn, "try rows", func() error {
		found, err := f.conn.Query(ctx, query)
		if err == nil {
			some, err = pgx.CollectRows(found, pgx.RowTo[int64])
		}
		return err
	})
	if !answered {
		return nil, err
	}
	return some, err
}
