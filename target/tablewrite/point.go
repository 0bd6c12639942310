package tablewrite

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/bisect"
	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
	"target-postgres/target/systemcolumn"
	"target-postgres/typemap"
)

// A merge of a history does not say which of its rows the server refuses, and to halve the rows until one is left takes
// some twenty merges of many statements. COPY straight into the table says it at once. So after a refusal the rows are
// copied as versions that have ended, which no unique index is in the way of. Those before the row at which that stops
// are merged, and then the row by itself: it is no more than a guess, and only its merge tells whether it is to blame.

// Pointable reports whether COPY may be asked which of the rows the server refuses.
func (w *Write) Pointable() bool {
	b := w.Batch
	return w.Job.Mode == merge.History && !w.Direct && w.Job.Place == merge.Here && !w.Stream.RowSecurity &&
		!b.Removed && !b.Patched && !b.Unnumbered && b.Rows() >= fewToPoint
}

// fewToPoint is how many rows are worth the question.
const fewToPoint = 8

// Point returns the error of a COPY of the rows that stops at one for the reason for which the server has refused
// others, nil if it does not. The caller rolls back.
func (w *Write) Point(ctx context.Context, conn *pgx.Conn, refused error) error {
	names, keeps := w.versionFields()
	ended := *w
	ended.Direct = true
	ended.Batch = w.Batch.Rewritten(func(row []byte) []byte {
		var kept [][]byte
		for i, field := range rawFields(row) {
			if keeps[i] {
				kept = append(kept, field)
			}
		}
		return append(bytes.Join(kept, []byte{','}), ",f"...)
	})
	rows := ended.Batch.Reader(nil, nil)
	defer rows.Close()
	path := merge.PinnedPath
	if w.UnderRolePath() {
		path = merge.RolePath
	}
	sql := fmt.Sprintf("%s; COPY %s (%s, %s) FROM STDIN WITH (FORMAT csv)", path, w.Job.Target.SQL(), pgtx.QuoteAll(names), typemap.Quote(w.Job.Active))
	_, err := conn.PgConn().CopyFrom(ctx, rows, sql)
	if err == nil || failure.SQLState(err) != failure.SQLState(refused) {
		return nil
	}
	err = ended.CopyError(err)
	about := bisect.By(err)
	if about == nil || !about.Known {
		return nil
	}
	about.Guess, about.Guessed, about.Known = about.Where, true, false
	return err
}

// versionFields are the columns of the staged rows that the table has, too, and which of the fields of a row these are.
func (w *Write) versionFields() (names []string, keeps []bool) {
	for _, c := range w.Layout.Columns {
		names, keeps = append(names, c.Name), append(keeps, true)
	}
	for _, e := range w.Layout.Extras {
		has := e.Kind != systemcolumn.At && slices.ContainsFunc(w.Job.Columns, func(c merge.Column) bool { return c.Name == e.Name })
		if keeps = append(keeps, has); has {
			names = append(names, e.Name)
		}
	}
	return names, keeps
}
