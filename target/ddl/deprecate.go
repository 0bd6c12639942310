package ddl

import (
	"context"

	"github.com/jackc/pgx/v5"

	"target-postgres/target/migrate"
	"target-postgres/target/pgtx"
)

// Deprecate marks the columns of a table that no SCHEMA of the run had a field for. It returns nil where there is
// nothing to mark, or where the role may not. Report logs the plan that it returns, once that is carried out.
func (m *Migrator) Deprecate(ctx context.Context, conn *pgx.Conn, want migrate.TableSpec) (*migrate.Plan, error) {
	have, err := m.LookUp(ctx, conn, want.Schema, want.Name)
	if err != nil || have == nil || !have.Owned {
		return nil, err
	}
	p := migrate.Deprecations(have, want.Brought)
	if p.Empty() {
		return nil, nil
	}
	if m.dryRun != nil {
		return p, nil
	}
	if _, err := m.commitTable(ctx, conn, want, append(m.locked(want.Schema, want.Name), p.After...), false); err != nil {
		pgtx.Rollback(ctx, conn)
		m.cache.Forget(want.Schema)
		return nil, err
	}
	return p, nil
}
