package staging

import (
	"context"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/checkpoint"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
	"target-postgres/target/stream"
)

// spilled is the comment's word for such a table.
func (g *Stager) spilled() string {
	return "rows before their STATE (" + g.Committer.StateTable.ID + ")"
}

// prepareSpill keeps the table in step with the stream's own, and drops that of an interrupted run: its tap sends the
// rows again.
func (g *Stager) prepareSpill(ctx context.Context, conn *pgx.Conn, s *stream.Stream, have *pgcatalog.Table) error {
	if s.Spill == nil {
		if err := g.dropOrphans(ctx, conn, s, g.spilled()); err != nil {
			return err
		}
		s.Spill = &stream.Spill{}
	}
	if s.Spill.Name.Table == "" {
		return nil
	}
	return g.bringSpill(ctx, conn, s, have)
}

func (g *Stager) bringSpill(ctx context.Context, conn *pgx.Conn, s *stream.Stream, have *pgcatalog.Table) error {
	name := merge.Name{Schema: s.SchemaName, Table: g.tableName(s, "waiting")}
	keyless, asked := *s, *s.Spec
	asked.Key, keyless.Spec = nil, &asked // every record is a row
	if s.Spill.Lines == "" {
		s.Spill.Lines = stream.LineColumn(s, have)
	}
	staged, err := g.ensureStaging(ctx, conn, &keyless, have, stagingTable{name: name.Table, comment: label(s, g.spilled()), lines: s.Spill.Lines})
	if err != nil {
		return err
	}
	s.Spill.Name, s.Spill.Columns = name, nil
	for _, column := range staged.Columns {
		if existing := have.Column(column.Name); existing != nil && existing.Writable() {
			s.Spill.Columns = append(s.Spill.Columns, merge.Column{Name: column.Name, Type: existing.Type()})
		}
	}
	return nil
}

// EnsureSpill makes the table of rows that wait for their STATE when it is needed for the first time.
func (g *Stager) EnsureSpill(s *stream.Stream) error {
	if s.Spill.Name.Table != "" {
		return nil
	}
	return g.Pipeline.Do(func(ctx context.Context, conn *pgx.Conn) error {
		have, err := g.Migrator.LookUp(ctx, conn, s.SchemaName, s.TableName)
		if err == nil {
			err = g.bringSpill(ctx, conn, s, have)
		}
		return s.DBError("prepare a table for rows that wait for their STATE", err)
	})
}

// Drain empties the table into the stream's own, in the checkpoint that gets what it returns.
func (g *Stager) Drain(s *stream.Stream) checkpoint.Drain {
	job := s.Job()
	job.Staged, job.Columns, job.Has = s.Spill.Name, s.Spill.Columns, merge.Has{Unnumbered: true}
	s.Identify(&job)
	drain := checkpoint.Drain{Stream: s.Current(), Job: job, Lines: s.Spill.Lines, Fields: s.Layout.Columns, Removals: s.Spill.Removals}
	s.Spill.Full, s.Spill.Rows, s.Spill.Removals = false, 0, nil
	return drain
}

// DropSpills drops the tables of streams at the end, also with rows in them: those that no STATE covers come again.
func (g *Stager) DropSpills(streams []*stream.Stream) error {
	for _, s := range streams {
		if s.Spill == nil || s.Spill.Name.Table == "" {
			continue
		}
		if err := g.dropTable(s, s.Spill.Name, "drop the table of rows that waited for their STATE"); err != nil {
			return err
		}
	}
	return nil
}

// dropTable drops a staging table, in a transaction of its own.
func (g *Stager) dropTable(s *stream.Stream, name merge.Name, doing string) error {
	return g.Pipeline.Do(func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, g.Config.Begin()+"; DROP TABLE IF EXISTS "+name.SQL()+"; COMMIT")
		if err != nil {
			pgtx.Rollback(ctx, conn)
		}
		return s.DBError(doing, err)
	})
}
