package ddl

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/merge"
	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/index"
	"target-postgres/target/migrate"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
	"target-postgres/typemap"
)

// Migrator changes tables. Its cache says what there is.
type Migrator struct {
	config *config.Config
	log    *slog.Logger
	cache  *pgcatalog.Cache
	// dryRun gets the DDL that would be run, nil when it is to be run.
	dryRun io.Writer
	// changes are those that were told.
	changes []Change
	indexed indexesDone
	// created are the tables that were made together, until Ensure is asked for each.
	created map[merge.Name]created
	// viewed are the tables whose views were told.
	viewed map[merge.Name]bool
}

// Change is something that was done to a stream's table, or left out by policy, in words.
type Change struct {
	Stream string `json:"stream"`
	Change string `json:"change"`
}

// Changes lists what was done to tables so far, in its order. It must not run beside a change.
func (m *Migrator) Changes() []Change { return slices.Clone(m.changes) }

// New returns a Migrator that reads and changes what cache knows of.
func New(cfg *config.Config, log *slog.Logger, cache *pgcatalog.Cache) *Migrator {
	return &Migrator{config: cfg, log: log, cache: cache, viewed: map[merge.Name]bool{}, created: map[merge.Name]created{}, indexed: indexesDone{known: map[merge.Name][]string{}, wanted: map[merge.Name][]index.Index{}, tried: map[merge.Name]bool{}, looked: map[merge.Name]bool{}}}
}

// DryRun makes it print DDL to w instead of running it.
func (m *Migrator) DryRun(w io.Writer) { m.dryRun = w }

// Result is what became of a table.
type Result struct {
	// Table is the table as it is now, nil where policy leaves the stream out, and in a dry run.
	Table *pgcatalog.Table
	// Skipped are the columns that policy leaves out.
	Skipped []string
	// Created reports whether the table was not there before.
	Created bool
}

// Ensure changes a table where it has to, or only shows how in a dry run. The first look is at what was read of the
// catalog before; only when something is to be done is the table read again, under a lock that other loaders of it wait
// for.
func (m *Migrator) Ensure(ctx context.Context, conn *pgx.Conn, want migrate.TableSpec, policy config.MigrationPolicy) (Result, error) {
	if m.dryRun != nil {
		return Result{}, m.preview(ctx, conn, want, policy)
	}
	result, err := m.ensureAs(ctx, conn, want, policy)
	if failure.Untranslatable(err) {
		return m.ensureAs(ctx, conn, want.Plain(), policy)
	}
	return result, err
}

func (m *Migrator) ensureAs(ctx context.Context, conn *pgx.Conn, want migrate.TableSpec, policy config.MigrationPolicy) (Result, error) {
	name := merge.Name{Schema: want.Schema, Table: want.Name}
	if done, is := m.created[name]; is {
		delete(m.created, name)
		m.cache.Put(done.table)
		return m.done(ctx, conn, want, done.table, done.plan)
	}
	want.Defaults = m.cache.Defaults
	have, err := m.LookUp(ctx, conn, want.Schema, want.Name)
	if err != nil {
		return Result{}, err
	}
	p, err := migrate.Diff(have, want, policy)
	if err != nil {
		return Result{}, failure.InStream(want.Stream, err)
	}
	if err := m.planView(ctx, conn, want, have, p); err != nil {
		return Result{}, err
	}
	if p.Empty() {
		m.note(want, p)
		return Result{Table: have, Skipped: p.Skipped}, nil
	}
	oneRoundTrip := have == nil && m.inOneTrip(p)
	if oneRoundTrip {
		if have, err = m.createTable(ctx, conn, want, p); wasThere(err) {
			pgtx.Rollback(ctx, conn)
			m.cache.Forget(want.Schema)
			oneRoundTrip = false
		} else if err == nil && want.Closed && have != nil && len(have.Granted) > 0 {
			oneRoundTrip = false // the default privileges have changed since they were read
		}
	}
	if !oneRoundTrip {
		var after *pgcatalog.Table
		if after, p, err = m.alter(ctx, conn, want, policy); err == nil {
			have = after
		}
	}
	if err != nil {
		pgtx.Rollback(ctx, conn)
		m.cache.Forget(want.Schema)
		return Result{}, m.explain(ctx, conn, want, have, p, want.Unreadable(err))
	}
	if len(p.Retyped) > 0 {
		m.config.Retyped()
	}
	return m.done(ctx, conn, want, have, p)
}

// done reads the view of a table that a plan was carried out for, and tells what was done.
func (m *Migrator) done(ctx context.Context, conn *pgx.Conn, want migrate.TableSpec, have *pgcatalog.Table, p *migrate.Plan) (Result, error) {
	if err := m.readView(ctx, conn, want, p); err != nil {
		pgtx.Rollback(ctx, conn)
		m.cache.Forget(want.Schema)
		return Result{}, err
	}
	m.note(want, p)
	return Result{Table: have, Skipped: p.Skipped, Created: p.Creates}, nil
}

// script runs statements that change tables in one round trip, and one by one where Citus may hand them on: it sends
// its workers the text of the whole message, and they take one statement.
func (m *Migrator) script(ctx context.Context, conn *pgx.Conn, statements []string) (results []*pgconn.Result, err error) {
	if !m.cache.Citus {
		return pgtx.Script(ctx, conn, statements)
	}
	for _, statement := range statements {
		one, err := pgtx.Script(ctx, conn, []string{statement})
		if results = append(results, one...); err != nil {
			return results, err
		}
	}
	return results, nil
}

// wasThere reports whether something could not be created because another session created it meanwhile.
func wasThere(err error) bool {
	return slices.Contains([]string{pgerrcode.DuplicateTable, pgerrcode.DuplicateSchema, pgerrcode.DuplicateObject, pgerrcode.UniqueViolation}, failure.SQLState(err))
}

// read reads the catalog in transactions of its own. Type names are printed without their schema where the search_path
// has it: they are read under ours.
func (m *Migrator) read(ctx context.Context, conn *pgx.Conn, q pgcatalog.Query) (*pgcatalog.Table, error) {
	q.Begin = m.config.Begin()
	q.Before, q.After = []string{q.Begin}, []string{"COMMIT"}
	return m.cache.Refresh(ctx, conn, q)
}

// LookUp finds a table as it was when its schema was read, nil when there was none.
func (m *Migrator) LookUp(ctx context.Context, conn *pgx.Conn, schema, name string) (*pgcatalog.Table, error) {
	if have, known := m.cache.Known(schema, name); known {
		return have, nil
	}
	_, err := m.read(ctx, conn, pgcatalog.Query{Schema: schema, Name: name, Whole: m.cache.Whole(schema), Owned: true})
	if err != nil {
		pgtx.Rollback(ctx, conn)
		return nil, err
	}
	have, _ := m.cache.Known(schema, name)
	return have, nil
}

// createTable makes a table that was not there when its schema was read, in one round trip.
func (m *Migrator) createTable(ctx context.Context, conn *pgx.Conn, want migrate.TableSpec, p *migrate.Plan) (*pgcatalog.Table, error) {
	err := m.createTables(ctx, conn, want.Schema, []NewTable{{Want: want, plan: p}})
	have, _ := m.cache.Known(want.Schema, want.Name)
	return have, err
}

// commitTable runs the last statements of a transaction that changes a table, ends it, and reads what became of the
// table.
func (m *Migrator) commitTable(ctx context.Context, conn *pgx.Conn, want migrate.TableSpec, statements []string, newSchema bool) (*pgcatalog.Table, error) {
	have, err := m.cache.Refresh(ctx, conn, pgcatalog.Query{
		Schema: want.Schema, Name: want.Name, Before: statements, After: []string{merge.RolePath, pgtx.Commit}, Begin: m.config.Begin(),
	})
	if err == nil && newSchema {
		m.log.Info("created schema", "schema", want.Schema)
	}
	return have, err
}

// locked begins a transaction in which no other loader creates or changes the tables, or creates their schema where
// that is missing. An advisory lock needs no privilege and works before there is a table. All loaders take several in
// one order.
func (m *Migrator) locked(schema string, tables ...string) []string {
	statements := []string{m.config.Begin()}
	if !m.cache.There[schema] {
		statements = append(statements, pgtx.AdvisoryLock(pgtx.LockKey(schema, "")))
	}
	keys := make([]int64, len(tables))
	for i, table := range tables {
		keys[i] = pgtx.LockKey(schema, table)
	}
	slices.Sort(keys)
	for _, key := range keys {
		statements = append(statements, pgtx.AdvisoryLock(key))
	}
	return statements
}

// alter runs what the table needs after another look at it, under a lock. These are two round trips, more where the
// server's answer decides what comes next. It leaves a transaction open when it fails.
func (m *Migrator) alter(ctx context.Context, conn *pgx.Conn, want migrate.TableSpec, policy config.MigrationPolicy) (*pgcatalog.Table, *migrate.Plan, error) {
	have, err := m.lockForMigration(ctx, conn, want)
	if err != nil {
		return nil, nil, err
	}
	p, err := migrate.Diff(have, want, policy)
	if err != nil {
		return nil, nil, failure.InStream(want.Stream, err)
	}
	if err := m.followView(ctx, conn, want, have, p); err != nil {
		return nil, nil, err
	}
	create, err := m.createSchema(want.Schema)
	if err != nil {
		return nil, nil, err
	}
	statements := slices.Concat(create, p.Statements(pgtx.Qualified(want.Schema, want.Name)))
	// Citus hands on the text of a statement that it was sent, and takes no other with it.
	if m.cache.Citus || p.Stepwise() {
		if err := m.apply(ctx, conn, want, statements, p); err != nil {
			return nil, p, err
		}
		statements = nil
	}
	if p.AfterCreate != "" {
		if err := m.reshape(ctx, conn, want, policy, p); err != nil {
			return nil, nil, err
		}
	}
	if p.Creates {
		if err := m.createIndexes(ctx, conn, want); err != nil {
			return nil, nil, err
		}
	}
	if m.cache.Citus {
		if err := makeViews(ctx, conn, p); err != nil {
			return nil, p, err
		}
	} else {
		statements = append(statements, p.View...)
	}
	have, err = m.commitTable(ctx, conn, want, statements, len(create) > 0)
	return have, p, err
}

// lockForMigration reads the table as those who had the lock before have left it.
func (m *Migrator) lockForMigration(ctx context.Context, conn *pgx.Conn, want migrate.TableSpec) (*pgcatalog.Table, error) {
	there := m.cache.There[want.Schema]
	have, err := m.cache.Refresh(ctx, conn, pgcatalog.Query{Schema: want.Schema, Name: want.Name, Before: m.locked(want.Schema, want.Name)})
	if err == nil && there && !m.cache.There[want.Schema] { // dropped since it was read: the lock was not asked for
		pgtx.Rollback(ctx, conn)
		return m.lockForMigration(ctx, conn, want)
	}
	return have, err
}

// createSchema is the SQL that creates a schema that is missing, none when it is there: that alone would need the right
// to.
func (m *Migrator) createSchema(schema string) ([]string, error) {
	switch {
	case m.cache.There[schema]:
		return nil, nil
	case m.config.SkipSchemaCreation:
		return nil, &failure.Error{
			Blame: failure.Configuration, Reason: fmt.Sprintf("schema %q does not exist and skip_schema_creation is set", schema),
			Hint: "create it: CREATE SCHEMA " + typemap.Quote(schema),
		}
	}
	return []string{"CREATE SCHEMA " + typemap.Quote(schema)}, nil
}

// apply runs a migration one statement after the other. The new key comes last, by itself: without it the merge is
// slower, not wrong.
func (m *Migrator) apply(ctx context.Context, conn *pgx.Conn, want migrate.TableSpec, statements []string, p *migrate.Plan) error {
	for _, u := range p.Unkey {
		if err := m.dropKey(ctx, conn, want, u, p); err != nil {
			return err
		}
	}
	for _, statement := range statements {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	if err := m.leaveHistory(ctx, conn, want, p); err != nil {
		return err
	}
	if p.AfterCreate != "" {
		if err := m.markKey(ctx, conn, pgtx.Qualified(want.Schema, want.Name)); err != nil {
			return err
		}
	}
	return m.tryKey(ctx, conn, want, p)
}
