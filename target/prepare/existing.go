package prepare

import (
	"context"

	"github.com/jackc/pgx/v5"

	"target-postgres/target/failure"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
)

// Existing finds a table of the database, nil if there is none.
func (p *Preparer) Existing(of, schema, name string) (*pgcatalog.Table, error) {
	if have, known := p.Catalog.Known(schema, name); known {
		return have, nil
	}
	var have *pgcatalog.Table
	err := p.Pipeline.Do(func(ctx context.Context, conn *pgx.Conn) (err error) {
		have, err = p.Migrator.LookUp(ctx, conn, schema, name)
		return failure.Concerning(schema, name, failure.FromServer(of, "look for table "+pgtx.Qualified(schema, name), err))
	})
	return have, err
}
