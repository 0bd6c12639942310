package tablewrite

import (
	"context"
	_ "embed"

	"github.com/jackc/pgx/v5"

	"target-postgres/target/failure"
)

//go:embed sql/raised.sql
var raisedSQL string

// WithText is the reason of an error with what a trigger's author wrote, if that text is in the function's source as it
// is: then it has no value of the row.
func (w *Write) WithText(ctx context.Context, conn *pgx.Conn, e *failure.Error) (string, error) {
	said := failure.Said(e)
	if said == nil || !failure.Raised(said) || said.Message == "" {
		return e.Reason, nil
	}
	var found bool
	if err := conn.QueryRow(ctx, raisedSQL, w.Job.Target.SQL(), said.Message).Scan(&found); err != nil || !found {
		return e.Reason, failure.FromServer(w.Stream.Name, "look for the text of an exception", err)
	}
	return e.Reason + ": " + failure.OneLine(said.Message), nil
}
