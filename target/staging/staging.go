package staging

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/protocol"
	"target-postgres/target/batch"
	"target-postgres/target/checkpoint"
	"target-postgres/target/config"
	"target-postgres/target/connect"
	"target-postgres/target/ddl"
	"target-postgres/target/failure"
	"target-postgres/target/migrate"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
	"target-postgres/target/pipeline"
	"target-postgres/target/stream"
	"target-postgres/typemap"
)

// Stager makes, swaps in and drops the tables beside the streams' own. Its fields are what it works with; a run makes
// one when it has a pipeline. It belongs to the goroutine that reads the input, and what it does to the database runs
// in the pipeline, behind the checkpoints before it.
type Stager struct {
	Config    *config.Config
	Log       *slog.Logger
	Connector *connect.Connector
	Pipeline  *pipeline.Pipeline
	Ending    *pipeline.Ending
	Catalog   *pgcatalog.Cache
	Migrator  *ddl.Migrator
	Committer *checkpoint.Committer
	// Started is when the run began: its tables are named after it.
	Started time.Time
	// Hold keeps the states from a position on, until readers see what they cover.
	Hold func(from batch.Position)
	// Reject puts a record into the table of rejected ones.
	Reject func(s *stream.Stream, m *protocol.Message, reason *failure.Error) error
	// Last is done at the end of the next transaction that takes rows away or puts others in their place, nil for
	// nothing.
	Last func(ctx context.Context, conn *pgx.Conn) error
	// incomplete is why the rows of the first stream whose refresh did not complete were not replaced.
	incomplete error
}

// transact runs do in a transaction.
func (g *Stager) transact(ctx context.Context, conn *pgx.Conn, do func() error) error {
	return pgtx.Run(ctx, conn, g.Config.Begin(), do)
}

// Prepare makes the tables that the stream needs beside its own, or brings them up to its schema.
func (g *Stager) Prepare(ctx context.Context, conn *pgx.Conn, s *stream.Stream, have *pgcatalog.Table) error {
	if s.Airbyte {
		if err := g.prepareGeneration(ctx, conn, s, have); err != nil {
			return err
		}
	}
	if err := g.prepareTombstones(ctx, conn, s, have); err != nil {
		return err
	}
	switch {
	case g.Committer.Waits(&s.Revision):
		return g.prepareSpill(ctx, conn, s, have)
	case s.Mode == merge.Replace:
		if err := g.probeSlice(ctx, conn, s); err != nil {
			return err
		}
		return g.prepareStaging(ctx, conn, s, have)
	case s.Config.FullSnapshot:
		if err := g.prepareSeen(ctx, conn, s, have); err != nil || !s.Sliced() {
			return err
		}
		return g.prepareSlices(ctx, conn, s, have)
	}
	return nil
}

// prepareStaging makes the table in which the rows of a replace are staged. It has the stream's columns with the types
// they have in its table.
func (g *Stager) prepareStaging(ctx context.Context, conn *pgx.Conn, s *stream.Stream, have *pgcatalog.Table) error {
	if s.Staging == "" {
		if err := g.dropOrphans(ctx, conn, s, "staging"); err != nil {
			return err
		}
		s.Staging = g.tableName(s, "staging")
		s.Exchanges = mayExchange(s, have)
		s.Lines = s.LinesFor(have)
	}
	staged, err := g.ensureStaging(ctx, conn, s, have, stagingTable{name: s.Staging, comment: label(s, "staging"), lines: s.Lines})
	if err == nil {
		s.Stage(staged, s.Former(g.Config, have, staged))
		err = g.prepareSuperseded(ctx, conn, s, have)
	}
	// Until the swap readers do not see what these rows say.
	g.Hold(s.Since)
	return err
}

// stagingTable is a table with the stream's columns. lines is the name of one more column, for each row's place in the
// input, "" for none.
type stagingTable struct{ name, comment, lines string }

// ensureStaging makes a table with the stream's columns, of the types they have in its own table, or brings one up to
// that.
func (g *Stager) ensureStaging(ctx context.Context, conn *pgx.Conn, s *stream.Stream, have *pgcatalog.Table, as stagingTable) (*pgcatalog.Table, error) {
	result, err := g.Migrator.Ensure(ctx, conn, g.stagingSpec(s, have, as), config.MigrationPolicy{MissingFields: config.KeepMissingFields})
	return result.Table, err
}

// stagingSpec asks for a table with the stream's columns, of the types they have in its own table.
func (g *Stager) stagingSpec(s *stream.Stream, have *pgcatalog.Table, as stagingTable) migrate.TableSpec {
	want := s.TableSpec(g.Config)
	want.Name, want.Mode, want.Comment = as.name, merge.Append, as.comment
	want.Readers, want.AfterCreate, want.View, want.Closed, want.Beside = nil, "", "", true, have.Owner
	if len(s.Key) > 0 {
		want.Mode = merge.Upsert
	}
	columns := want.Columns[:0]
	for _, c := range want.Columns {
		existing := have.Column(c.Name)
		if existing == nil || !existing.Writable() {
			continue
		}
		c.Type, c.Description, c.Exact = existing.Type(), "", true
		columns = append(columns, c)
	}
	if as.lines != "" {
		columns = append(columns, migrate.Column{Name: as.lines, Type: typemap.BigInt})
	}
	want.Columns = columns
	if s.Exchanges {
		want.Like = like(have)
	}
	if s.Exchanges && as.lines != "" {
		want.Like += ", " + typemap.Quote(as.lines) + " bigint"
	}
	return want
}

// prepareSeen makes the table of the keys that a full snapshot brought, or gives it the types that the keys have by
// now.
func (g *Stager) prepareSeen(ctx context.Context, conn *pgx.Conn, s *stream.Stream, have *pgcatalog.Table) error {
	if !s.Keyed() {
		return &failure.Error{
			Blame: failure.Configuration, Stream: s.Name, Reason: fmt.Sprintf("full_snapshot needs a key, and load mode %s has no use for one", s.Mode),
			Hint: "use load_mode replace, or name the key: " + s.KeyHint(),
		}
	}
	if s.Seen == "" {
		if err := g.dropOrphans(ctx, conn, s, "keys"); err != nil {
			return err
		}
	}
	seen := g.tableName(s, "keys")
	want := migrate.TableSpec{Schema: s.SchemaName, Name: seen, Stream: s.Name, Mode: merge.Upsert, Key: s.Key, Comment: label(s, "keys"), Closed: true, Beside: have.Owner}
	for _, key := range s.Key {
		want.Columns = append(want.Columns, migrate.Column{Name: key, Type: have.Column(key).Type(), Clause: "NOT NULL", Exact: true})
	}
	if _, err := g.Migrator.Ensure(ctx, conn, want, config.MigrationPolicy{}); err != nil {
		return err
	}
	s.Seen = seen
	return nil
}
