package ddl

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"target-postgres/target/migrate"
	"target-postgres/target/pgtx"
	"target-postgres/typemap"
)

// leaveHistory moves the closed versions, if there are any.
func (m *Migrator) leaveHistory(ctx context.Context, conn *pgx.Conn, want migrate.TableSpec, p *migrate.Plan) error {
	if len(p.Leave) == 0 {
		return nil
	}
	var some bool
	err := conn.QueryRow(ctx, fmt.Sprintf("SELECT EXISTS (SELECT 1 FROM %s WHERE NOT %s LIMIT 1)",
		pgtx.Qualified(want.Schema, want.Name), typemap.Quote(p.Active))).Scan(&some)
	if err != nil || !some {
		return err
	}
	for _, statement := range p.Leave {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}
