package staging

import (
	"context"

	"github.com/jackc/pgx/v5"

	"target-postgres/target/pgtx"
	"target-postgres/target/stream"
	"target-postgres/typemap"
)

// forgetLines empties the column in what an earlier run left: it is about the input of that run.
func (g *Stager) forgetLines(ctx context.Context, conn *pgx.Conn, s *stream.Stream) error {
	known, _ := g.Catalog.Known(s.SchemaName, s.Staging)
	if s.Lines == "" || (known != nil && known.Column(s.Lines) == nil) {
		return nil
	}
	defer g.Catalog.Forget(s.SchemaName)
	return g.transact(ctx, conn, func() error {
		_, err := conn.Exec(ctx, "ALTER TABLE "+pgtx.Qualified(s.SchemaName, s.Staging)+" DROP COLUMN IF EXISTS "+typemap.Quote(s.Lines))
		return err
	})
}
