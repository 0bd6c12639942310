package tablewrite

import (
	"context"

	"github.com/jackc/pgx/v5"

	"target-postgres/target/failure"
)

// WithText is the reason of an error with what a trigger's author wrote, if that text is in the function's source as it
// is: then it has no value of the row.
func (w *Write) WithText(ctx context.Context, conn *pgx.Conn, e *failure.Error) (string, error) {
	said := failure.Said(e)
	if said == nil || !failure.Raised(said) || said.Message == "" {
		return e.Reason, nil
	}
	const constant = `SELECT EXISTS (
    SELECT
    FROM pg_catalog.pg_trigger AS t
    JOIN pg_catalog.pg_proc AS p ON p.oid OPERATOR(pg_catalog.=) t.tgfoid
    WHERE t.tgrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1)
      AND pg_catalog.strpos(pg_catalog.lower(p.prosrc), pg_catalog.lower('raise exception ' OPERATOR(pg_catalog.||) pg_catalog.quote_literal($2::pg_catalog.text)))
        OPERATOR(pg_catalog.>) 0
)`
	var found bool
	if err := conn.QueryRow(ctx, constant, w.Job.Target.SQL(), said.Message).Scan(&found); err != nil || !found {
		return e.Reason, failure.FromServer(w.Stream.Name, "look for the text of an exception", err)
	}
	return e.Reason + ": " + failure.OneLine(said.Message), nil
}
