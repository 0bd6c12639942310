package staging

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/migrate"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
	"target-postgres/target/stream"
)

// tombstonesKept is how long the table of an interrupted run is left alone: another run may still use it.
const tombstonesKept = 24 * time.Hour

// prepareTombstones makes the table that remembers the tombstones of a run for batches to come, once there is one. It
// has to wait for the first tombstone: most streams never have any.
func (g *Stager) prepareTombstones(ctx context.Context, conn *pgx.Conn, s *stream.Stream, have *pgcatalog.Table) error {
	order := s.OrderedBy()
	if !s.Ops || len(order) == 0 || !s.Removes() || s.Forgets {
		return nil
	}
	if s.Tombstones == "" {
		if err := g.dropOrphansOf(ctx, conn, s, "tombstones", tombstonesKept); err != nil {
			return err
		}
	}
	name := g.tableName(s, "tombstones")
	want := migrate.TableSpec{Schema: s.SchemaName, Name: name, Stream: s.Name, Replaced: s.Mode == merge.Replace, Mode: merge.Upsert, Key: s.Key, NullKeys: s.Airbyte, Comment: label(s, "tombstones"), Closed: true}
	clause := "NOT NULL"
	if s.Airbyte {
		clause = ""
	}
	for _, key := range s.Key {
		want.Columns = append(want.Columns, migrate.Column{Name: key, Type: have.Column(key).Type(), Clause: clause, Exact: true})
	}
	for _, column := range order {
		if existing := have.Column(column); existing != nil && !want.Has(column) {
			want.Columns = append(want.Columns, migrate.Column{Name: column, Type: existing.Type(), Exact: true})
		}
	}
	_, err := g.Migrator.Ensure(ctx, conn, want, config.MigrationPolicy{})
	if failure.SQLState(err) == pgerrcode.InsufficientPrivilege {
		g.Log.Warn("the role may not create the table that remembers deletes: an older record in a later batch restores a row that was deleted",
			"stream", s.Name, "schema", s.SchemaName)
		s.Forgets = true
		return nil
	}
	if err == nil {
		s.Tombstones = name
	}
	return err
}

// DropTombstones drops the tables of streams at the end.
func (g *Stager) DropTombstones(streams []*stream.Stream) error {
	for _, s := range streams {
		if s.Tombstones == "" {
			continue
		}
		if err := g.dropTable(s, merge.Name{Schema: s.SchemaName, Table: s.Tombstones}, "drop the table of tombstones"); err != nil {
			return err
		}
		s.Tombstones = ""
	}
	return nil
}

// DropTombstonesOfFailure drops the tables after a failure that ended the pipeline, on a connection of its own. It
// gives up soon: what it leaves, a run of another day drops.
func (g *Stager) DropTombstonesOfFailure(ctx context.Context, streams []*stream.Stream) {
	var drops strings.Builder
	for _, s := range streams {
		if s.Tombstones != "" {
			drops.WriteString("; DROP TABLE IF EXISTS " + pgtx.Qualified(s.SchemaName, s.Tombstones))
		}
	}
	if drops.Len() == 0 || g.Ending.Asks() || !g.Connector.Reached() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, pgtx.RollbackWait)
	defer cancel()
	conn, err := g.Connector.Connect(ctx)
	if err != nil {
		return
	}
	defer conn.Close(ctx)
	_, _ = conn.Exec(ctx, g.Config.Begin()+drops.String()+"; "+pgtx.Commit)
}
