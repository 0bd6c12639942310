package target

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"target-postgres/target/failure"
	"target-postgres/target/migrate"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
	"target-postgres/target/stream"
)

// guard says whether a row of the table may be in the way of another: by an index that is unique over more or other columns
// than the key, by a trigger or foreign key, in a partition, in a chunk that the server makes for it, on another server, or because
// another stream writes to it, too.
func (t *Target) guard(s *stream.Stream, have *pgcatalog.Table) bool {
	key := s.Key
	if !s.Keyed() {
		key = nil
	}
	other := slices.ContainsFunc(t.order, func(o *stream.Stream) bool { return o.ID != s.ID && o.Into == s.Into })
	return other || !have.Simple() || slices.ContainsFunc(have.Indexes, func(i pgcatalog.Index) bool {
		return (i.Unique && (i.Expressions || !pgcatalog.SameNames(i.Columns, key))) || i.Exclusion
	})
}

// prepare brings a stream's table to what the stream needs and compiles the stream's plan for it. It waits for the
// checkpoints before it.
func (t *Target) prepare(s *stream.Stream) error {
	before := s.Table
	var result migrate.Result
	err := t.pipeline.Do(func(ctx context.Context, conn *pgx.Conn) error {
		var err error
		result, err = t.migrateTable(ctx, conn, s)
		have := result.Table
		if err == nil && have != nil {
			s.Settle(have)
			if err = s.CheckOrder(); err == nil {
				err = t.stager.Prepare(ctx, conn, s, have)
			}
		}
		if err == nil && have != nil && s.Stats.Read.Load() == 0 {
			into, _ := t.catalog.Known(s.Into.Schema, s.Into.Table)
			s.Fresh.Store(into != nil && into.Blank() && migrate.FillsIn(into, s.Mode, s.Versions()))
		}
		if failure.Untranslatable(err) {
			return s.Unnameable(err)
		}
		if taken := migrate.Occupied(ctx, conn, s.TableSpec(t.config), failure.SQLState(err)); taken != nil {
			err = taken
		}
		return failure.InStream(s.Name, s.DBError("prepare table "+pgtx.Qualified(s.SchemaName, s.TableName), err))
	})
	if err != nil {
		s.Table = before
		return err
	}
	have := result.Table
	if have == nil {
		s.Skip = true
		return nil
	}
	s.Referenced, s.RowSecurity, s.Guarded = have.Referenced, have.Security, t.guard(s, have)
	s.TakesAll, s.UserCode = have.Simple(), have.UserCode
	for _, mark := range s.DeleteMarks() {
		if have.Column(mark) != nil {
			s.Marks = append(s.Marks, mark)
		}
	}
	if err := t.computed(s, have); err != nil {
		s.Table = before
		return err
	}
	s.Compile(t.config, have, result.Skipped)
	if len(s.Layout.Columns)+len(s.Layout.Extras) == 0 {
		s.Skip = true
		t.log.Warn("no field of the stream has a column, so that nothing is loaded", "stream", s.Name)
		return nil
	}
	return t.stager.Adopt(s)
}

// migrateTable brings the stream's own table to what the stream needs.
func (t *Target) migrateTable(ctx context.Context, conn *pgx.Conn, s *stream.Stream) (migrate.Result, error) {
	want := s.TableSpec(t.config)
	s.Bring(want)
	want.Brought = s.Brought
	have, err := t.migrator.LookUp(ctx, conn, want.Schema, want.Name)
	if err == nil {
		err = t.notAnothers(s, have)
	}
	if err != nil {
		return migrate.Result{}, err
	}
	policy := s.Config.MigrationPolicy
	want.Indexes = s.Indexes
	result, err := t.migrator.Ensure(ctx, conn, want, policy)
	s.Created = s.Created || result.Created
	if err == nil {
		err = t.migrator.CheckIndexes(ctx, conn, want, result.Skipped)
	}
	return result, err
}
