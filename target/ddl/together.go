package ddl

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/config"
	"target-postgres/target/migrate"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
)

// NewTable is a table that may have to be made.
type NewTable struct {
	Want   migrate.TableSpec
	Policy config.MigrationPolicy
	plan   *migrate.Plan
}

// created is a table that was made together with others, and what was done.
type created struct {
	table *pgcatalog.Table
	plan  *migrate.Plan
}

// mostTogether is how many tables are made in one transaction. Each takes a handful of the server's locks until COMMIT:
// by default it has 6,400.
const mostTogether = 50

// CreateAll makes tables that are not there yet, those of one schema in one transaction: that is one look at the
// catalog and one COMMIT for all of them. It leaves out what takes more than that. No fault is told: [Migrator.Ensure]
// makes each table alone that was not made here, and says of the others what was done. So a table that cannot be made
// takes no other with it. The error is that of a connection that was lost.
func (m *Migrator) CreateAll(ctx context.Context, conn *pgx.Conn, tables []NewTable) error {
	var schemas []string
	missing := map[string][]NewTable{}
	for _, t := range tables {
		var err error
		if t.plan, err = m.planNew(ctx, conn, t); err != nil && conn.IsClosed() {
			return err
		}
		if err == nil && t.plan != nil {
			if missing[t.Want.Schema] == nil {
				schemas = append(schemas, t.Want.Schema)
			}
			missing[t.Want.Schema] = append(missing[t.Want.Schema], t)
		}
	}
	for _, schema := range schemas {
		for some := range slices.Chunk(missing[schema], mostTogether) {
			if len(some) == 1 {
				continue
			}
			if err := m.createTables(ctx, conn, schema, some); err != nil {
				pgtx.Rollback(ctx, conn)
				m.cache.Forget(schema)
				if conn.IsClosed() {
					return err
				}
				continue
			}
			for _, t := range some {
				// Until Ensure is asked, the table is not there: the stream's own preparation is that of a new table.
				if have := m.cache.Take(schema, t.Want.Name); have != nil {
					m.created[merge.Name{Schema: schema, Table: t.Want.Name}] = created{table: have, plan: t.plan}
				}
			}
		}
	}
	return nil
}

// planNew is the plan of a table that is not there, nil if it is, or if it cannot be made together with others.
func (m *Migrator) planNew(ctx context.Context, conn *pgx.Conn, t NewTable) (*migrate.Plan, error) {
	have, err := m.LookUp(ctx, conn, t.Want.Schema, t.Want.Name)
	if err != nil || have != nil || t.Want.Closed {
		return nil, err
	}
	t.Want.Defaults = m.cache.Defaults
	p, err := migrate.Diff(nil, t.Want, t.Policy)
	if err != nil || !p.Creates || !m.inOneTrip(p) {
		return nil, err
	}
	return p, m.planView(ctx, conn, t.Want, nil, p)
}

// inOneTrip reports whether a new table takes nothing but statements that can be sent together.
func (m *Migrator) inOneTrip(p *migrate.Plan) bool {
	return p.AfterCreate == "" && len(p.Indexes) == 0 && !m.cache.Citus
}

// createTables makes tables of one schema that were not there when it was read, in one round trip.
func (m *Migrator) createTables(ctx context.Context, conn *pgx.Conn, schema string, tables []NewTable) error {
	create, err := m.createSchema(schema)
	if err != nil {
		return err
	}
	var names []string
	statements := create
	for _, t := range tables {
		names = append(names, t.Want.Name)
		statements = slices.Concat(statements, t.plan.Statements(pgtx.Qualified(schema, t.Want.Name)), t.plan.View)
	}
	_, err = m.cache.Refresh(ctx, conn, pgcatalog.Query{
		Schema: schema, Name: names[0], Also: names[1:], Begin: m.config.Begin(),
		Before: append(m.locked(schema, names...), statements...), After: []string{merge.RolePath, pgtx.Commit},
	})
	if err != nil {
		return err
	}
	if len(create) > 0 {
		m.log.Info("created schema", "schema", schema)
	}
	return nil
}
