package tablewrite

import (
	"context"
	_ "embed"
	"strings"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
)

// Repeats reports whether rows that are sent again are there twice.
func (w *Write) Repeats() bool { return w.Job.Mode == merge.Append || len(w.Job.Key) == 0 }

// Left reports whether the table holds the very rows of the write, left by the transaction with that number. Another
// client may have the number on this server: these rows are there all the same. An answer that the server refuses
// counts as no. The error is a transient one.
func (w *Write) Left(ctx context.Context, conn *pgx.Conn, begin string, tx pgtx.Transaction) (there bool, err error) {
	if tx.Number == "" {
		return false, nil
	}
	again := *w
	again.Direct, again.InCSV = false, true
	err = again.Copy(ctx, conn, Around{Before: []string{begin, again.CreateStaged()}})
	if err == nil {
		err = conn.QueryRow(ctx, again.compare(tx.RowID())).Scan(&there)
	}
	pgtx.Rollback(ctx, conn)
	refused := failure.SQLState(err) == pgerrcode.QueryCanceled || !failure.Transient(failure.FromServer("", "", err)) // it takes longer than statement_timeout, say
	if err == nil || (refused && failure.SQLState(err) != "" && !conn.IsClosed()) {
		return there, nil
	}
	return false, failure.FromServer(w.Stream.Name, "look for the rows of the last COMMIT", err)
}

//go:embed sql/left.sql
var leftSQL string

// compare asks whether the table holds the staged rows from a transaction.
func (w *Write) compare(number string) string {
	names := make([]string, 0, len(w.Job.Columns))
	for _, column := range w.Job.Columns {
		names = append(names, column.Name)
	}
	return strings.NewReplacer("{columns}", pgtx.QuoteAll(names), "{staged}", w.Job.Staged.SQL(), "{table}", w.Job.Target.SQL(),
		"{number}", pgtx.Literal(number)).Replace(leftSQL)
}
