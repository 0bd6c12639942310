package target

import (
	"context"
	"fmt"
	"slices"
	"strings"

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
		if stateOf(err) == "42P07" { // no other run has created it meanwhile: that was looked at
			return &Error{
				Kind: KindConfig, Stream: s.name, Err: &sqlStateError{"42P07"},
				Reason: fmt.Sprintf("%s is the name of something that is no table", qualified(s.schemaName, s.tableName)),
				Hint:   "rename it, or send the stream elsewhere with streams.<name>.table or table_prefix",
			}
		}
		return named(dbError(s.name, "prepare table "+qualified(s.schemaName, s.tableName), err), s.name)
	})
	if err != nil {
		return err
	}
	if have == nil {
		s.skip = true
		return nil
	}
	s.referenced, s.rowSecurity, s.guarded = have.Referenced, have.Security, t.guard(s, have)
	s.takesAll = have.simple()
	s.marks = nil
	for _, mark := range s.deleteMarks() {
		if have.column(mark) != nil {
			s.marks = append(s.marks, mark)
		}
	}
	if err := t.computed(s, have); err != nil {
		return err
	}
	s.compile(t.config, have, skipped)
	if len(s.layout.columns)+len(s.layout.extras) == 0 {
		s.skip = true
		t.log.Warn("no field of the stream has a column, so that nothing is loaded", "stream", s.name)
		return nil
	}
	return t.adopt(s)
}

// migrateTable brings the stream's own table to what the stream needs, or only shows how. The table is nil when the
// stream is to be left out.
func (t *Target) migrateTable(ctx context.Context, conn *pgx.Conn, s *stream) (*table, []string, error) {
	want := s.wish(t.config)
	if t.dryRun == nil {
		return t.bring(ctx, conn, s, want, t.config.MigrationPolicy)
	}
	have, err := t.lookUp(ctx, conn, want)
	if err != nil {
		return nil, nil, err
	}
	m, err := migrate(have, want, t.config.MigrationPolicy)
	if err != nil {
		return nil, nil, named(err, s.name)
	}
	return nil, nil, t.show(s, m)
}

// show prints a migration instead of running it.
func (t *Target) show(s *stream, m *migration) error {
	statements := m.statements(qualified(s.schemaName, s.tableName))
	if m.rekey != "" {
		statements = append(statements, m.rekey)
	}
	if m.afterCreate != "" {
		statements = append(statements, strings.TrimRight(m.afterCreate, "; \n\t"))
	}
	if len(statements) > 0 && !t.catalog.there[s.schemaName] && !t.config.SkipSchemaCreation {
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

// named adds the stream to an error that has none.
func named(err error, stream string) error {
	if e, ok := err.(*Error); ok && e.Stream == "" { //nolint:errorlint // made a moment ago, never wrapped
		e.Stream = stream
	}
	return err
}
