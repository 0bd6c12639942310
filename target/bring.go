package target

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
	"target-postgres/typemap"
)

// bring changes a table where it has to. The first look is at what was read of the catalog before; only when something is
// to be done is the table read again, under a lock that other loaders of it wait for.
func (t *Target) bring(ctx context.Context, conn *pgx.Conn, s *stream, want wish, policy config.MigrationPolicy) (*pgcatalog.Table, []string, error) {
	have, skipped, err := t.bringAs(ctx, conn, s, want, policy)
	if failure.Untranslatable(err) {
		return t.bringAs(ctx, conn, s, want.plain(), policy)
	}
	return have, skipped, err
}

func (t *Target) bringAs(ctx context.Context, conn *pgx.Conn, s *stream, want wish, policy config.MigrationPolicy) (*pgcatalog.Table, []string, error) {
	want.defaults = t.catalog.Defaults
	have, err := t.lookUp(ctx, conn, want)
	if err != nil {
		return nil, nil, err
	}
	m, err := migrate(have, want, policy)
	if err != nil {
		return nil, nil, named(err, s.name)
	}
	if m.empty() {
		t.note(s, m)
		return have, m.skipped, nil
	}
	alone := have == nil && m.afterCreate == "" && !t.catalog.Citus
	if alone {
		if have, err = t.create(ctx, conn, want, m); wasThere(err) {
			pgtx.Rollback(ctx, conn)
			t.catalog.Forget(want.schema)
			alone = false
		} else if err == nil && want.closed && have != nil && len(have.Granted) > 0 {
			alone = false // the default privileges have changed since they were read
		}
	}
	if !alone {
		var after *pgcatalog.Table
		if after, m, err = t.alter(ctx, conn, s, want, policy); err == nil {
			have = after
		}
	}
	if err != nil {
		pgtx.Rollback(ctx, conn)
		t.catalog.Forget(want.schema)
		return nil, nil, t.blocked(ctx, conn, want, have, m, err)
	}
	s.created = s.created || (m.creates && want.name == s.tableName)
	t.note(s, m)
	return have, m.skipped, nil
}

// wasThere says whether something could not be created because somebody else did meanwhile.
func wasThere(err error) bool {
	return slices.Contains([]string{pgerrcode.DuplicateTable, pgerrcode.DuplicateSchema, pgerrcode.DuplicateObject, pgerrcode.UniqueViolation}, failure.SQLState(err))
}

// lookUp finds a table as it was when its schema was read, nil when there was none.
func (t *Target) lookUp(ctx context.Context, conn *pgx.Conn, want wish) (*pgcatalog.Table, error) {
	if have, known := t.catalog.Known(want.schema, want.name); known {
		return have, nil
	}
	// Type names are printed without their schema where the search_path has it: they are read under ours.
	_, err := t.catalog.Refresh(ctx, conn, pgcatalog.Query{
		Schema: want.schema, Name: want.name, Whole: t.catalog.Whole(want.schema), Before: []string{t.config.Begin()}, After: []string{"COMMIT"},
	})
	if err != nil {
		pgtx.Rollback(ctx, conn)
		return nil, err
	}
	have, _ := t.catalog.Known(want.schema, want.name)
	return have, nil
}

// create makes a table that was not there when its schema was read, in one round trip.
func (t *Target) create(ctx context.Context, conn *pgx.Conn, want wish, m *migration) (*pgcatalog.Table, error) {
	schema, err := t.createSchema(want.schema)
	if err != nil {
		return nil, err
	}
	statements := slices.Concat(t.locked(want), schema, m.statements(pgtx.Qualified(want.schema, want.name)))
	return t.commitTable(ctx, conn, want, statements, len(schema) > 0)
}

// commitTable runs the last statements of a transaction that changes a table, ends it, and reads what became of the table.
func (t *Target) commitTable(ctx context.Context, conn *pgx.Conn, want wish, statements []string, newSchema bool) (*pgcatalog.Table, error) {
	have, err := t.catalog.Refresh(ctx, conn, pgcatalog.Query{Schema: want.schema, Name: want.name, Before: statements, After: []string{merge.RolePath, pgtx.Commit}})
	if err == nil && newSchema {
		t.log.Info("created schema", "schema", want.schema)
	}
	return have, err
}

// locked begins a transaction in which no other loader creates or changes the table, or creates its schema where that is
// missing. An advisory lock needs no privilege and works before there is a table.
func (t *Target) locked(want wish) []string {
	statements := []string{t.config.Begin()}
	if !t.catalog.There[want.schema] {
		statements = append(statements, pgtx.AdvisoryLock(pgtx.LockKey(want.schema, "")))
	}
	return append(statements, pgtx.AdvisoryLock(pgtx.LockKey(want.schema, want.name)))
}

// alter runs what the table needs after another look at it, under a lock. These are two round trips, more where the server's
// answer decides what comes next. It leaves a transaction open when it fails.
func (t *Target) alter(ctx context.Context, conn *pgx.Conn, s *stream, want wish, policy config.MigrationPolicy) (*pgcatalog.Table, *migration, error) {
	have, err := t.lockForMigration(ctx, conn, want)
	if err != nil {
		return nil, nil, err
	}
	m, err := migrate(have, want, policy)
	if err != nil {
		return nil, nil, named(err, s.name)
	}
	create, err := t.createSchema(want.schema)
	if err != nil {
		return nil, nil, err
	}
	statements := slices.Concat(create, m.statements(pgtx.Qualified(want.schema, want.name)))
	// Citus hands on the text of a statement that it was sent, and takes no other with it.
	if t.catalog.Citus || m.stepwise() {
		if err := t.apply(ctx, conn, s, want, statements, m); err != nil {
			return nil, m, err
		}
		statements = nil
	}
	if m.afterCreate != "" {
		if err := t.reshape(ctx, conn, s, want, policy, m); err != nil {
			return nil, nil, err
		}
	}
	have, err = t.commitTable(ctx, conn, want, statements, len(create) > 0)
	return have, m, err
}

// lockForMigration reads the table as those who had the lock before have left it.
func (t *Target) lockForMigration(ctx context.Context, conn *pgx.Conn, want wish) (*pgcatalog.Table, error) {
	there := t.catalog.There[want.schema]
	have, err := t.catalog.Refresh(ctx, conn, pgcatalog.Query{Schema: want.schema, Name: want.name, Before: t.locked(want)})
	if err == nil && there && !t.catalog.There[want.schema] { // dropped since it was read: the lock was not asked for
		pgtx.Rollback(ctx, conn)
		return t.lockForMigration(ctx, conn, want)
	}
	return have, err
}

// createSchema is the SQL that creates a schema that is missing, none when it is there: that alone would need the right to.
func (t *Target) createSchema(schema string) ([]string, error) {
	switch {
	case t.catalog.There[schema]:
		return nil, nil
	case t.config.SkipSchemaCreation:
		return nil, &failure.Error{
			Kind: failure.KindConfig, Reason: fmt.Sprintf("schema %q does not exist and skip_schema_creation is set", schema),
			Hint: "create it: CREATE SCHEMA " + typemap.Quote(schema),
		}
	}
	return []string{"CREATE SCHEMA " + typemap.Quote(schema)}, nil
}

// stepwise reports whether a migration is run one statement after the other, because an answer decides what comes next.
func (m *migration) stepwise() bool {
	return len(m.unkey)+len(m.rekey)+len(m.leave) > 0 || m.afterCreate != ""
}

// apply runs a migration one statement after the other. The new key comes last, by itself: without it the merge is slower,
// not wrong.
func (t *Target) apply(ctx context.Context, conn *pgx.Conn, s *stream, want wish, statements []string, m *migration) error {
	for _, u := range m.unkey {
		if err := t.dropKey(ctx, conn, s, u, m); err != nil {
			return err
		}
	}
	for _, statement := range statements {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	if err := t.leaveHistory(ctx, conn, want, m); err != nil {
		return err
	}
	if m.afterCreate != "" {
		if err := t.markKey(ctx, conn, pgtx.Qualified(want.schema, want.name)); err != nil {
			return err
		}
	}
	return t.tryKey(ctx, conn, want, m)
}
