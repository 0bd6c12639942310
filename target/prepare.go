package target

import (
	"context"

	"github.com/jackc/pgx/v5"

	"target-postgres/target/failure"
	"target-postgres/target/migrate"
	"target-postgres/target/pgtx"
)

// prepare brings a stream's table to what the stream needs and compiles the stream's plan for it. It waits for the
// checkpoints before it.
func (t *Target) prepare(s *stream) error {
	before := s.facts
	var result migrate.Result
	err := t.pipeline.Do(func(ctx context.Context, conn *pgx.Conn) error {
		var err error
		result, err = t.migrateTable(ctx, conn, s)
		have := result.Table
		if err == nil && have != nil {
			s.settle(have)
			if err = s.checkOrder(); err == nil {
				err = t.prepareBeside(ctx, conn, s, have)
			}
		}
		if err == nil && have != nil && s.stats.read.Load() == 0 {
			into, _ := t.catalog.Known(s.into.Schema, s.into.Table)
			s.fresh.Store(into != nil && into.Blank() && migrate.FillsIn(into, s.mode))
		}
		if failure.Untranslatable(err) {
			return s.unnameable(err)
		}
		if taken := migrate.Occupied(ctx, conn, s.tableSpec(t.config), failure.SQLState(err)); taken != nil {
			err = taken
		}
		return failure.InStream(s.name, s.dbError("prepare table "+pgtx.Qualified(s.schemaName, s.tableName), err))
	})
	if err != nil {
		s.facts = before
		return err
	}
	have := result.Table
	if have == nil {
		s.skip = true
		return nil
	}
	s.referenced, s.rowSecurity, s.guarded = have.Referenced, have.Security, t.guard(s, have)
	s.takesAll, s.userCode = have.Simple(), have.UserCode
	for _, mark := range s.deleteMarks() {
		if have.Column(mark) != nil {
			s.marks = append(s.marks, mark)
		}
	}
	if err := t.computed(s, have); err != nil {
		s.facts = before
		return err
	}
	s.compile(t.config, have, result.Skipped)
	if len(s.layout.columns)+len(s.layout.extras) == 0 {
		s.skip = true
		t.log.Warn("no field of the stream has a column, so that nothing is loaded", "stream", s.name)
		return nil
	}
	return t.adopt(s)
}

// migrateTable brings the stream's own table to what the stream needs.
func (t *Target) migrateTable(ctx context.Context, conn *pgx.Conn, s *stream) (migrate.Result, error) {
	want := s.tableSpec(t.config)
	s.bring(want)
	want.Brought = s.brought
	have, err := t.migrator.LookUp(ctx, conn, want.Schema, want.Name)
	if err == nil {
		err = t.notAnothers(s, have)
	}
	if err != nil {
		return migrate.Result{}, err
	}
	policy := s.config.MigrationPolicy
	result, err := t.migrator.Ensure(ctx, conn, want, policy)
	s.created = s.created || result.Created
	return result, err
}

// bring remembers the columns that the stream has fields for.
func (s *stream) bring(want migrate.Spec) {
	if s.brought == nil {
		s.brought = map[string]bool{}
	}
	for _, c := range want.Columns {
		s.brought[c.Name] = true
	}
}
