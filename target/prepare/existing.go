package prepare

import (
	"context"

	"github.com/jackc/pgx/v5"

	"target-postgres/target/failure"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
)

// Existing finds a table of the database, nil if there is none. There is none of a name that the database cannot store.
func (p *Preparer) Existing(of, schema, name string) (*pgcatalog.Table, error) {
	if have, known := p.Catalog.Known(schema, name); known {
		return have, nil
	}
	var have *pgcatalog.Table
	err := p.Pipeline.Do(func(ctx context.Context, conn *pgx.Conn) (err error) {
		if have, err = p.Migrator.LookUp(ctx, conn, schema, name); failure.Untranslatable(err) {
			have, err = nil, nil
		}
		return failure.Concerning(schema, name, failure.FromServer(of, "look for table "+pgtx.Qualified(schema, name), err))
	})
	return have, err
}

// Owned are the tables of the database whose comments name their streams.
func (p *Preparer) Owned(of string) (owned []pgcatalog.Owned, err error) {
	err = p.Pipeline.Do(func(ctx context.Context, conn *pgx.Conn) (err error) {
		owned, err = p.Catalog.Owned(ctx, conn, p.Config.Begin())
		return failure.FromServer(of, "look for tables of the stream", err)
	})
	return owned, err
}
