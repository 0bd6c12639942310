package index

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/jackc/pgx/v5"

	"target-postgres/target/failure"
)

//go:embed sql/lacking_methods.sql
var lackingMethodsSQL string

// CheckMethods refuses an access method that the server does not have, with a *failure.Error; any other error is pgx's.
// It asks nothing where none is named.
func CheckMethods(ctx context.Context, conn *pgx.Conn, methods []string) error {
	if len(methods) == 0 {
		return nil
	}
	rows, err := conn.Query(ctx, lackingMethodsSQL, methods)
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
