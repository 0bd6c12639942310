package target

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
	"target-postgres/typemap"
)

// prepare brings a stream's table to what the stream needs and compiles the stream's plan for it. It waits for the
// checkpoints before it.
func (t *Target) prepare(s *stream) error {
	var have *pgcatalog.Table
	var skipped []string
	err := t.pipeline.Do(func(ctx context.Context, conn *pgx.Conn) error {
		var err error
		if have, skipped, err = t.migrateTable(ctx, conn, s); err == nil && have != nil {
			s.settle(have)
			err = t.prepareBeside(ctx, conn, s, have)
		}
		if err == nil && have != nil && s.stats.read.Load() == 0 {
			into, _ := t.catalog.Known(s.into.Schema, s.into.Table)
			s.fresh.Store(into != nil && into.Blank() && fillsIn(into, s.mode))
		}
		if failure.Untranslatable(err) {
			return s.unnameable(err)
		}
		if taken := s.occupied(ctx, conn, failure.SQLState(err)); taken != nil {
			err = taken
		}
		return named(s.dbError("prepare table "+pgtx.Qualified(s.schemaName, s.tableName), err), s.name)
	})
	if err != nil {
		return err
	}
	if have == nil {
		s.skip = true
		return nil
	}
	s.referenced, s.rowSecurity, s.guarded = have.Referenced, have.Security, t.guard(s, have)
	s.takesAll, s.userCode = have.Simple(), have.UserCode
	s.marks = nil
	for _, mark := range s.deleteMarks() {
		if have.Column(mark) != nil {
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
func (t *Target) migrateTable(ctx context.Context, conn *pgx.Conn, s *stream) (*pgcatalog.Table, []string, error) {
	want := s.wish(t.config)
	s.bring(want)
	want.brought = s.brought
	policy := t.config.MigrationPolicy
	if s == t.rejects {
		policy = config.MigrationPolicy{MissingFields: config.KeepMissingFields} // the policy is about the streams of the input
	}
	if t.dryRun == nil {
		return t.bring(ctx, conn, s, want, policy)
	}
	have, err := t.lookUp(ctx, conn, want)
	if err != nil {
		return nil, nil, err
	}
	m, err := migrate(have, want, policy)
	if err != nil {
		return nil, nil, named(err, s.name)
	}
	return nil, nil, t.show(s, m)
}

// bring remembers the columns that the stream has fields for.
func (s *stream) bring(want wish) {
	if s.brought == nil {
		s.brought = map[string]bool{}
	}
	for _, c := range want.columns {
		s.brought[c.name] = true
	}
}

// show prints a migration instead of running it.
func (t *Target) show(s *stream, m *migration) error {
	var statements []string
	for _, u := range m.unkey {
		m.noteDrop(u)
		statements = append(statements, u.statement)
	}
	statements = append(statements, m.statements(pgtx.Qualified(s.schemaName, s.tableName))...)
	statements = append(statements, m.leave...)
	if len(m.rekey) > 0 {
		statements = append(statements, m.rekey[0])
	}
	if m.afterCreate != "" {
		statements = append(statements, strings.TrimRight(m.afterCreate, "; \n\t"))
	}
	if len(statements) > 0 && !t.catalog.There[s.schemaName] && !t.config.SkipSchemaCreation {
		statements = append([]string{"CREATE SCHEMA IF NOT EXISTS " + typemap.Quote(s.schemaName)}, statements...)
	}
	for _, note := range slices.Concat(m.notes, m.warnings) {
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

// tryKey gives the table the key, by the first statement that works. When the rows stand in the way that is a warning.
func (t *Target) tryKey(ctx context.Context, conn *pgx.Conn, want wish, m *migration) (err error) {
	for _, statement := range m.rekey {
		if err = t.attempt(ctx, conn, statement); err == nil {
			m.notes = append(m.notes, m.rekeyNote)
			if want.mode == merge.History {
				return nil // the index says whose it is
			}
			return t.markKey(ctx, conn, pgtx.Qualified(want.schema, want.name))
		}
		// Rows without a key, or a primary key that stays, leave room for a unique constraint.
		if code := failure.SQLState(err); code != pgerrcode.NotNullViolation && code != pgerrcode.InvalidTableDefinition {
			break
		}
	}
	if err == nil {
		return nil
	}
	code := failure.SQLState(err)
	switch code {
	case pgerrcode.UniqueViolation, pgerrcode.NotNullViolation, pgerrcode.InvalidTableDefinition:
	case pgerrcode.InsufficientPrivilege, pgerrcode.FeatureNotSupported, pgerrcode.DuplicateTable, failure.KeyLacksDimension:
	default:
		return err
	}
	repeated, null, countErr := countObstacles(ctx, conn, want)
	if countErr != nil {
		return countErr
	}
	m.keyless = fmt.Sprintf("%d keys occur more than once and %d rows have no key", repeated, null)
	switch code {
	case pgerrcode.InsufficientPrivilege, pgerrcode.FeatureNotSupported, pgerrcode.DuplicateTable, failure.KeyLacksDimension:
		m.keyless = failure.SafeMessage(failure.ServerError(err))
	}
	return nil
}

// countObstacles counts what stands in the way of a key.
func countObstacles(ctx context.Context, conn *pgx.Conn, want wish) (repeated, null int64, err error) {
	isNull := make([]string, len(want.key))
	for i, name := range want.key {
		isNull[i] = typemap.Quote(name) + " IS NULL"
	}
	query := fmt.Sprintf(`SELECT
    (SELECT pg_catalog.count(*) FROM (SELECT FROM %[1]s GROUP BY %[2]s HAVING pg_catalog.count(*) > 1) AS repeated),
    (SELECT pg_catalog.count(*) FROM %[1]s WHERE %[3]s)`,
		pgtx.Qualified(want.schema, want.name), pgtx.QuoteAll(want.key), strings.Join(isNull, " OR "))
	err = conn.QueryRow(ctx, query).Scan(&repeated, &null)
	return repeated, null, err
}

// note logs what a migration did, one line each.
func (t *Target) note(s *stream, m *migration) {
	for _, warning := range m.warnings {
		t.log.Warn(warning, "stream", s.name)
	}
	for _, note := range m.notes {
		t.log.Info(note, "stream", s.name)
	}
	if m.keyless != "" && s.mode == merge.Replace {
		t.log.Info("no unique index over the key: the rows forbid one until they are replaced", "stream", s.name, "because", m.keyless)
	} else if m.keyless != "" {
		t.log.Warn("no unique index over the key: merging without one, which is slower", "stream", s.name, "because", m.keyless)
	}
	m.warnings, m.notes, m.keyless = nil, nil, ""
}

// named adds the stream to an error that has none.
func named(err error, stream string) error {
	if e, ok := err.(*failure.Error); ok && e.Stream == "" { //nolint:errorlint // made a moment ago, never wrapped
		e.Stream = stream
	}
	return err
}
