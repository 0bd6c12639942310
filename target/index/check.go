package index

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"target-postgres/target/failure"
)

// CheckMethods refuses an access method that the server does not have, with a *failure.Error; any other error is pgx's.
// It asks nothing where none is named.
func CheckMethods(ctx context.Context, conn *pgx.Conn, methods []string) error {
	if len(methods) == 0 {
		return nil
	}
	const lacking = `SELECT m.name FROM pg_catalog.unnest($1::text[]) AS m (name)
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_am AS am WHERE am.amname = m.name AND am.amtype = 'i')`
	rows, err := conn.Query(ctx, lacking, methods)
	if err != nil {
		return err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(names) == 0 {
		return err
	}
	return &failure.Error{
		Blame: failure.Configuration, Reason: fmt.Sprintf("the setting indexes names the access method %q, which the server does not have", names[0]),
		Hint: "name one of the server's, such as btree, gin or brin, or create the extension that has it",
	}
}
