package prepare

import (
	"context"
	"log/slog"
	"slices"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/config"
	"target-postgres/target/ddl"
	"target-postgres/target/failure"
	"target-postgres/target/migrate"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
	"target-postgres/target/pipeline"
	"target-postgres/target/registry"
	"target-postgres/target/staging"
	"target-postgres/target/stream"
)

// Preparer makes the tables of streams ready. Its fields are what it works with; Pipeline and Stager are there once the
// run is connected. It belongs to the goroutine that reads the input, and works in the pipeline, behind the checkpoints
// before it.
type Preparer struct {
	Config   *config.Config
	Log      *slog.Logger
	Pipeline *pipeline.Pipeline
	Catalog  *pgcatalog.Cache
	Migrator *ddl.Migrator
	Stager   *staging.Stager
	Registry *registry.Registry
	// Dry is true where nothing is to be changed.
	Dry bool
	// parts are the partitions of the run's tables.
	parts partitions
	// newcomers wait to be prepared.
	newcomers []Newcomer
	// chunks are those of the run's tables that TimescaleDB had made none of when the run began.
	chunks map[merge.Name]*chunks
	// cursors are the streams of which it was said that their cursor orders nothing.
	cursors map[string]bool
}

// guard reports whether a row of the table may be in the way of another with another key: by an index that is unique
// over other columns, by a trigger or foreign key, in partitions that the program has not made, on another server, or
// because another stream writes to it, too. A chunk that TimescaleDB makes for a row counts as well, but not in mode
// append: what is copied ahead does without one, or gives way.
func (p *Preparer) guard(s *stream.Stream, have *pgcatalog.Table) bool {
	key := s.Key
	if !s.Keyed() {
		key = nil
	}
	other := slices.ContainsFunc(p.Registry.All(), func(o *stream.Stream) bool { return o.ID != s.ID && o.Into == s.Into })
	alone := have.Simple() || have.Plainly() || s.Mode == merge.Append && have.MakesChunks()
	return other || !alone || slices.ContainsFunc(have.Indexes, func(i pgcatalog.Index) bool { return i.Exclusion || i.Unique && !i.TellsApart(key) })
}

// Prepare brings a stream's table to what the stream needs and compiles the stream's plan for it. It waits for the
// checkpoints before it.
func (p *Preparer) Prepare(s *stream.Stream) error {
	before := s.Table
	var result ddl.Result
	err := p.Pipeline.Do(func(ctx context.Context, conn *pgx.Conn) (err error) {
		defer p.Pipeline.Telemetry.Span("prepare", s.Stats)(&err)
		result, err = p.migrateTable(ctx, conn, s)
		have := result.Table
		if err == nil && have != nil {
			p.versions(s, have)
			s.Locate(have)
			if err = s.CheckOrder(); err == nil {
				err = s.CheckSlice()
			}
			if err == nil {
				err = p.Stager.Prepare(ctx, conn, s, have)
			}
		}
		if err == nil && have != nil && s.Stats.Read.Load() == 0 {
			into, _ := p.Catalog.Known(s.Into.Schema, s.Into.Table)
			var empty bool
			empty, err = p.isEmpty(ctx, conn, s, into)
			s.StartedEmpty.Store(empty)
			s.Ahead.Copied(have.Chunked && !have.Children) // the first rows of such a table need chunks
		}
		if failure.Untranslatable(err) {
			return s.Unnameable(err)
		}
		if taken := ddl.Occupied(ctx, conn, s.TableSpec(p.Config), failure.SQLState(err)); taken != nil {
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
		there, _ := p.Catalog.Known(s.SchemaName, s.TableName)
		s.Skip, s.Previewed = true, p.Dry && (there != nil || s.Config.MigrationPolicy.NewStreams != config.SkipNewStreams)
		return nil
	}
	s.Table = s.WithGuard(p.guard(s, have))
	if err := p.computed(s, have); err != nil {
		s.Table = before
		return err
	}
	if s.Versioned { // the version of the record comes before a field of that name
		result.Skipped = append(result.Skipped, migrate.VersionColumn)
	}
	s.Compile(p.Config, have, result.Skipped)
	if len(s.Layout.Columns)+len(s.Layout.Extras) == 0 {
		s.Skip = true
		p.Log.Warn("no field of the stream has a column: nothing is loaded", "stream", s.Name)
		return nil
	}
	if s.Stats.Read.Load() == 0 {
		s.KeepKeys()
		p.beginChunks(s, have)
	}
	p.tellFormat(s)
	p.tellCursor(s)
	return p.Stager.Adopt(s)
}

// isEmpty reports whether the stream's rows may go straight into the table, because it holds none and fills in what
// they lack. Only Citus' workers know whether a table of theirs does.
func (p *Preparer) isEmpty(ctx context.Context, conn *pgx.Conn, s *stream.Stream, into *pgcatalog.Table) (bool, error) {
	switch {
	case into == nil || !migrate.FillsIn(into, s.Mode, s.Versions()):
		return false, nil
	case into.Place().Sharded() && s.Keyed():
		var empty bool
		err := conn.QueryRow(ctx, "SELECT NOT EXISTS (SELECT 1 FROM "+s.Into.SQL()+" LIMIT 1)").Scan(&empty)
		return empty, err
	default:
		return into.Blank() || p.parts.grow(s) || s.KeysApart(), nil
	}
}

// wanted is what the stream's own table has to be.
func (p *Preparer) wanted(s *stream.Stream) migrate.TableSpec {
	want := s.TableSpec(p.Config)
	s.Bring(want)
	want.Brought = s.Brought
	want.Indexes, want.Partition = s.Indexes, s.Partition
	// A tombstone of a key that has no version yet becomes one, without a value in any other field.
	want.Partition.Nulls = s.Mode == merge.History && s.Config.Late == config.InsertLate
	return want
}

// migrateTable brings the stream's own table to what the stream needs.
func (p *Preparer) migrateTable(ctx context.Context, conn *pgx.Conn, s *stream.Stream) (ddl.Result, error) {
	want := p.wanted(s)
	have, err := p.Migrator.LookUp(ctx, conn, want.Schema, want.Name)
	if err == nil {
		err = p.Registry.NotAnothers(s, have)
	}
	if err != nil {
		return ddl.Result{}, err
	}
	if err := migrate.CheckUnique(have, want); err != nil {
		return ddl.Result{}, err
	}
	if have != nil {
		if err := p.checkKey(ctx, conn, s, want, have); err != nil {
			return ddl.Result{}, err
		}
	}
	result, err := p.Migrator.Ensure(ctx, conn, want, s.Config.MigrationPolicy)
	if failure.SQLState(err) == pgerrcode.UndefinedObject { // what an index misses that cannot have the key
		if fault := p.checkKey(ctx, conn, s, want, have); fault != nil {
			err = fault
		}
	}
	s.Created = s.Created || result.Created
	if err == nil {
		err = p.Migrator.CheckIndexes(ctx, conn, want, result.Skipped)
	}
	if err == nil && have != nil {
		err = p.Migrator.TellViews(ctx, conn, want)
	}
	if err == nil {
		err = p.partitionTable(ctx, conn, s, have, result.Table)
	}
	return result, err
}
