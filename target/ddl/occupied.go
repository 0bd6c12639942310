package ddl

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"

	"target-postgres/target/failure"
	"target-postgres/target/migrate"
	"target-postgres/target/pgtx"
)

//go:embed sql/occupied.sql
var occupiedSQL string

// Occupied explains an SQLSTATE by which a table could not be created although there is no table of its name: a
// sequence, an index and a type take the name of a table, too. It returns nil if the name is free, or is a table that
// another run has created meanwhile.
func Occupied(ctx context.Context, conn *pgx.Conn, want migrate.TableSpec, code string) error {
	if code != pgerrcode.DuplicateTable && code != pgerrcode.DuplicateObject {
		return nil
	}
	results, err := pgtx.Script(ctx, conn, []string{pgtx.Fill(occupiedSQL, want.Schema, want.Name)})
	if err != nil {
		return err
	}
	if len(results[0].Rows) == 0 {
		return nil
	}
	kind := string(results[0].Rows[0][0])
	return &failure.Error{
		Blame: failure.Configuration, Stream: want.Stream, Err: failure.WithCode(code),
		Reason: fmt.Sprintf("%s is %s", pgtx.Qualified(want.Schema, want.Name), kind),
		Hint:   "rename it" + want.Elsewhere(),
	}
}
