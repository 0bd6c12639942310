package target

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"target-postgres/typemap"
)

// prepare brings a stream's table to what the stream needs and compiles the stream's plan for it. It waits for the
// checkpoints before it.
func (t *Target) prepare(s *stream) error {
	var have *table
	var skipped []string
	err := t.loader.do(func(ctx context.Context, conn *pgx.Conn) error {
		var err error
		if have, skipped, err = t.migrateTable(ctx, conn, s); err == nil && have != nil {
			s.settle(have)
			err = t.prepareBeside(ctx, conn, s, have)
		}
		if err == nil && have != nil && s.stats.read.Load() == 0 {
			into, _ := t.catalog.known(s.into.Schema, s.into.Table)
			s.fresh.Store(into != nil && into.Empty)
		}
		if untranslatable(err) {
			return s.unnameable(err)
		}
		return dbError(s.name, "prepare table "+qualified(s.schemaName, s.tableName), err)
	})
	if err != nil {
		return err
	}
	if have == nil {
		s.skip = true
		return nil
	}
	s.referenced, s.rowSecurity, s.guarded = have.Referenced, have.Security, t.guard(s, have)
	s.marks = nil
	for _, mark := range s.deleteMarks() {
		if have.column(mark) != nil {
			s.marks = append(s.marks, mark)
		}
	}
	s.compile(t.config, have, skipped)
	return t.adopt(s)
}

// migrateTable brings the stream's own table to what the stream needs, or only shows how. The table is nil when the
// stream is to be left out.
func (t *Target) migrateTable(ctx context.Context, conn *pgx.Conn, s *stream) (*table, []string, error) {
	want := s.wish(t.config)
	if t.dryRun == nil {
		before, err := t.lookUp(ctx, conn, want)
		if err != nil {
			return nil, nil, err
		}
		have, skipped, err := t.bring(ctx, conn, s, want, t.config.MigrationPolicy)
		s.created = s.created || (err == nil && before == nil)
		return have, skipped, err
	}
	have, err := t.lookUp(ctx, conn, want)
	if err != nil {
		return nil, nil, err
	}
	m, err := migrate(have, want, t.config.MigrationPolicy)
	if err != nil {
		return nil, nil, named(err, s.name)
	}
	return nil, nil, t.show(ctx, conn, s, m)
}

// bring changes a table where it has to. The first look is at what was read of the catalog before; only when something is
// to be done is the table read again, under a lock that other loaders of it wait for.
func (t *Target) bring(ctx context.Context, conn *pgx.Conn, s *stream, want wish, policy MigrationPolicy) (*table, []string, error) {
	have, skipped, err := t.bringAs(ctx, conn, s, want, policy)
	if untranslatable(err) {
		return t.bringAs(ctx, conn, s, want.plain(), policy)
	}
	return have, skipped, err
}

func (t *Target) bringAs(ctx context.Context, conn *pgx.Conn, s *stream, want wish, policy MigrationPolicy) (*table, []string, error) {
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
	err = t.transact(ctx, conn, func() error {
		if err := t.lockForMigration(ctx, conn, want); err != nil {
			return err
		}
		if have, err = t.catalog.refresh(ctx, conn, want.schema, want.name); err != nil {
			return err
		}
		if m, err = migrate(have, want, policy); err != nil {
			return named(err, s.name)
		}
		if err := t.apply(ctx, conn, s, want, m); err != nil {
			return err
		}
		if m.afterCreate != "" {
			if err := t.runAfterCreate(ctx, conn, s, m); err != nil {
				return err
			}
		}
		if have, err = t.catalog.refresh(ctx, conn, want.schema, want.name); err != nil || m.afterCreate == "" {
			return err
		}
		return reshaped(s, have, want, policy)
	})
	if err != nil {
		t.catalog.forget(want.schema)
		return nil, nil, err
	}
	t.note(s, m)
	return have, m.skipped, nil
}

// lookUp finds a table as it was when its schema was read, nil when there was none.
func (t *Target) lookUp(ctx context.Context, conn *pgx.Conn, want wish) (have *table, err error) {
	if have, known := t.catalog.known(want.schema, want.name); known {
		return have, nil
	}
	// Type names are printed without their schema where the search_path has it: they are read under ours.
	err = t.transact(ctx, conn, func() (err error) {
		have, err = t.catalog.table(ctx, conn, want.schema, want.name)
		return err
	})
	return have, err
}

// show prints a migration instead of running it.
func (t *Target) show(ctx context.Context, conn *pgx.Conn, s *stream, m *migration) error {
	statements := m.statements(qualified(s.schemaName, s.tableName))
	if m.rekey != "" {
		statements = append(statements, m.rekey)
	}
	if m.afterCreate != "" {
		statements = append(statements, strings.TrimRight(m.afterCreate, "; \n\t"))
	}
	exists, err := schemaExists(ctx, conn, s.schemaName)
	if err != nil {
		return err
	}
	if len(statements) > 0 && !exists && !t.config.SkipSchemaCreation {
		statements = append([]string{"CREATE SCHEMA IF NOT EXISTS " + typemap.Quote(s.schemaName)}, statements...)
	}
	for _, note := range m.notes {
		statements = append([]string{"-- " + strings.ReplaceAll(note, "\n", " ")}, statements...)
	}
	for _, statement := range statements {
		end := ";"
		if strings.HasPrefix(statement, "--") {
			end = ""
		}
		if _, err := fmt.Fprintln(t.dryRun, statement+end); err != nil {
			return err
		}
	}
	return nil
}

// lockForMigration makes loaders that create or change the same table, or create the same schema, wait for each other.
// An advisory lock needs no privilege and works before there is a table.
func (t *Target) lockForMigration(ctx context.Context, conn *pgx.Conn, want wish) error {
	if err := t.createSchema(ctx, conn, want.schema); err != nil {
		return err
	}
	_, err := conn.Exec(ctx, "SELECT pg_catalog.pg_advisory_xact_lock($1)", lockKey(want.schema, want.name))
	return err
}

// createSchema creates a schema that is missing. It does not try when it is there: that alone would need the right to.
func (t *Target) createSchema(ctx context.Context, conn *pgx.Conn, schema string) error {
	if exists, err := schemaExists(ctx, conn, schema); err != nil || exists {
		return err
	}
	if t.config.SkipSchemaCreation {
		return &Error{
			Kind: KindConfig, Reason: fmt.Sprintf("schema %q does not exist and skip_schema_creation is set", schema),
			Hint: "create it: CREATE SCHEMA " + typemap.Quote(schema),
		}
	}
	if _, err := conn.Exec(ctx, "SELECT pg_catalog.pg_advisory_xact_lock($1)", lockKey(schema, "")); err != nil {
		return err
	}
	if exists, err := schemaExists(ctx, conn, schema); err != nil || exists {
		return err
	}
	if _, err := conn.Exec(ctx, "CREATE SCHEMA "+typemap.Quote(schema)); err != nil {
		return err
	}
	t.log.Info("created schema", "schema", schema)
	return nil
}

func schemaExists(ctx context.Context, conn *pgx.Conn, schema string) (exists bool, err error) {
	err = conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1)", schema).Scan(&exists)
	return exists, err
}

// lockKey is the same number for the same table in every process.
func lockKey(schema, name string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte("target-postgres\x00" + schema + "\x00" + name))
	return int64(h.Sum64())
}

// apply runs a migration. The key comes last, by itself: without it the merge is slower, not wrong.
func (t *Target) apply(ctx context.Context, conn *pgx.Conn, s *stream, want wish, m *migration) error {
	for _, statement := range m.statements(qualified(want.schema, want.name)) {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	if m.rekey == "" {
		return nil
	}
	return t.tryKey(ctx, conn, s, m)
}

// tryKey gives the table the key, in a savepoint. When the rows stand in the way that is an error if the table lost its
// old key for it, and otherwise a warning.
func (t *Target) tryKey(ctx context.Context, conn *pgx.Conn, s *stream, m *migration) error {
	if _, err := conn.Exec(ctx, "SAVEPOINT before_key"); err != nil {
		return err
	}
	_, err := conn.Exec(ctx, m.rekey)
	if err == nil {
		m.notes = append(m.notes, m.rekeyNote)
		_, err = conn.Exec(ctx, "RELEASE SAVEPOINT before_key")
		return err
	}
	code := stateOf(err)
	// TS103 is TimescaleDB's: the key lacks the column that the table is partitioned by.
	if !slices.Contains([]string{"23505", "23502", "42P16", "0A000", "42501", "TS103"}, code) {
		return err
	}
	if _, err := conn.Exec(ctx, "ROLLBACK TO SAVEPOINT before_key"); err != nil {
		return err
	}
	repeated, null, countErr := t.countObstacles(ctx, conn, s)
	if countErr != nil {
		return countErr
	}
	obstacle := fmt.Sprintf("%d keys occur more than once and %d rows have no key", repeated, null)
	if code == "42501" || code == "0A000" || code == "TS103" {
		obstacle = safeMessage(asPgError(err))
	}
	if m.rekeyed {
		return &Error{
			Kind: KindConfig, Stream: s.name,
			Reason: fmt.Sprintf("%s cannot be keyed by (%s): %s", qualified(s.schemaName, s.tableName), strings.Join(s.key, ", "), obstacle),
			Hint:   "remove those rows, or name the right key with streams.<name>.key_properties",
		}
	}
	t.log.Warn("no unique index over the key: merging without one, which is slower", "stream", s.name, "because", obstacle)
	return nil
}

// countObstacles counts what stands in the way of a key.
func (t *Target) countObstacles(ctx context.Context, conn *pgx.Conn, s *stream) (repeated, null int64, err error) {
	isNull := make([]string, len(s.key))
	for i, name := range s.key {
		isNull[i] = typemap.Quote(name) + " IS NULL"
	}
	query := fmt.Sprintf(`SELECT
    (SELECT count(*) FROM (SELECT FROM %[1]s GROUP BY %[2]s HAVING count(*) > 1) AS repeated),
    (SELECT count(*) FROM %[1]s WHERE %[3]s)`,
		qualified(s.schemaName, s.tableName), quoteAll(s.key), strings.Join(isNull, " OR "))
	err = conn.QueryRow(ctx, query).Scan(&repeated, &null)
	return repeated, null, err
}

// note logs what a migration did, one line each.
func (t *Target) note(s *stream, m *migration) {
	for _, note := range m.notes {
		t.log.Info(note, "stream", s.name)
	}
	m.notes = nil
}

// transact runs do in a transaction whose search_path is ours: types are read and printed with their schema, and no
// statement finds anything but what it names.
func (t *Target) transact(ctx context.Context, conn *pgx.Conn, do func() error) error {
	return transact(ctx, conn, t.config.begin()+"; SET LOCAL search_path TO pg_catalog, pg_temp", do)
}

func transact(ctx context.Context, conn *pgx.Conn, begin string, do func() error) error {
	if _, err := conn.Exec(ctx, begin); err != nil {
		return err
	}
	if err := do(); err != nil {
		rollback(ctx, conn)
		return err
	}
	_, err := conn.Exec(ctx, "COMMIT")
	return err
}

// rollback ends a failed transaction, also when the context is what ended it. A connection on which that fails is closed:
// whoever came after would be in the transaction.
func rollback(ctx context.Context, conn *pgx.Conn) {
	if conn.IsClosed() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackWait)
	defer cancel()
	if _, err := conn.Exec(ctx, "ROLLBACK"); err != nil {
		_ = conn.Close(ctx)
	}
}

// rollbackWait bounds what is spent on a server that no longer answers.
const rollbackWait = 5 * time.Second

// begin starts a transaction that depends on nothing in the session: a pooler may have given it to anyone before. Only a
// load keeps the search_path, for the triggers of the user's tables; our own SQL qualifies every name.
func (c *Config) begin() string {
	var b strings.Builder
	b.WriteString("BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL standard_conforming_strings TO on; SET LOCAL TimeZone TO 'UTC'; SET LOCAL DateStyle TO 'ISO'; SET LOCAL extra_float_digits TO 1; SET LOCAL jit TO off")
	if c.Role != "" {
		b.WriteString("; SET LOCAL ROLE " + typemap.Quote(c.Role))
	}
	if c.StatementTimeout > 0 {
		fmt.Fprintf(&b, "; SET LOCAL statement_timeout TO '%ds'", c.StatementTimeout)
	}
	if c.LockTimeout > 0 {
		fmt.Fprintf(&b, "; SET LOCAL lock_timeout TO '%ds'", c.LockTimeout)
	}
	return b.String()
}

// named adds the stream to an error that has none.
func named(err error, stream string) error {
	if e, ok := err.(*Error); ok && e.Stream == "" { //nolint:errorlint // made a moment ago, never wrapped
		e.Stream = stream
	}
	return err
}
