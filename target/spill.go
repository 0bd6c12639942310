package target

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/checkpoint"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
	"target-postgres/target/stream"
)

// spilled is the comment's word for such a table.
func (t *Target) spilled() string {
	return "rows before their STATE (" + t.committer.StateTable.ID + ")"
}

// prepareSpill keeps the table in step with the stream's own, and drops that of an interrupted run: its tap sends the rows
// again.
func (t *Target) prepareSpill(ctx context.Context, conn *pgx.Conn, s *stream.Stream, have *pgcatalog.Table) error {
	if s.Spill == nil {
		if err := t.dropLeftovers(ctx, conn, s, t.spilled()); err != nil {
			return err
		}
		s.Spill = &stream.Spill{}
	}
	if s.Spill.Name.Table == "" {
		return nil
	}
	return t.bringSpill(ctx, conn, s, have)
}

func (t *Target) bringSpill(ctx context.Context, conn *pgx.Conn, s *stream.Stream, have *pgcatalog.Table) error {
	name := merge.Name{Schema: s.SchemaName, Table: t.nameBeside(s, "waiting")}
	keyless, asked := *s, *s.Spec
	asked.Key, keyless.Spec = nil, &asked // every record is a row
	if s.Spill.Lines == "" {
		s.Spill.Lines = stream.LineColumn(s, have)
	}
	staged, err := t.bringStaging(ctx, conn, &keyless, have, beside{name: name.Table, comment: label(s, t.spilled()), lines: s.Spill.Lines})
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

// spill commits the rows of streams into the tables beside their own, where nobody looks for them.
func (t *Target) spill(streams ...*stream.Stream) error {
	if t.rejects != nil && t.rejects.Spill != nil && !slices.Contains(streams, t.rejects) {
		streams = append(streams, t.rejects) // what the server refuses of the others goes there
	}
	c := &checkpoint.Checkpoint{Committer: t.committer, Aside: true}
	for _, s := range streams {
		if s.Spill.Full && s.Rows() == 0 {
			continue
		}
		if err := t.ensureSpill(s); err != nil {
			return err
		}
		s.Spill.Full = true
		if s.Rows() > 0 {
			c.Loads = append(c.Loads, newWrite(s, len(c.Loads), s.Batch).Aside())
			t.waiting -= s.Batch.Size
			s.Spill.Rows += s.Rows()
			s.Batch = t.pool.Batch(s.Rows())
		}
	}
	c.Rejects = t.rejectLoad()
	return t.submit(c)
}

// ensureSpill makes the table when it is needed for the first time.
func (t *Target) ensureSpill(s *stream.Stream) error {
	if s.Spill.Name.Table != "" {
		return nil
	}
	return t.pipeline.Do(func(ctx context.Context, conn *pgx.Conn) error {
		have, err := t.migrator.LookUp(ctx, conn, s.SchemaName, s.TableName)
		if err == nil {
			err = t.bringSpill(ctx, conn, s, have)
		}
		return s.DBError("prepare a table for rows that wait for their STATE", err)
	})
}

// drains takes what has been spilled, if the checkpoint's states cover it: all of it came before the last of them.
func (t *Target) drains(states []checkpoint.State) []checkpoint.Drain {
	if t.committer.StateTable == nil || len(states) == 0 && !t.ended {
		return nil
	}
	var drains []checkpoint.Drain
	for _, s := range t.order {
		if s.Spill == nil || !s.Spill.Full {
			continue
		}
		job := s.Job()
		job.Staged, job.Columns, job.Has = s.Spill.Name, s.Spill.Columns, merge.Has{Unnumbered: true}
		s.Identify(&job)
		drains = append(drains, checkpoint.Drain{Stream: s.SeenBy(), Job: job, Lines: s.Spill.Lines, Fields: s.Layout.Columns, Removals: s.Spill.Removals})
		s.Spill.Full, s.Spill.Rows, s.Spill.Removals = false, 0, nil
	}
	return drains
}

// dropSpills drops the tables at the end, also with rows in them: those that no STATE covers come again.
func (t *Target) dropSpills() error {
	for _, s := range t.order {
		if s.Spill == nil || s.Spill.Name.Table == "" {
			continue
		}
		if err := t.dropBeside(s, s.Spill.Name, "drop the table of rows that waited for their STATE"); err != nil {
			return err
		}
	}
	return nil
}

// dropBeside drops a table beside a stream's own.
func (t *Target) dropBeside(s *stream.Stream, name merge.Name, doing string) error {
	return t.pipeline.Do(func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, t.config.Begin()+"; DROP TABLE IF EXISTS "+name.SQL()+"; COMMIT")
		if err != nil {
			pgtx.Rollback(ctx, conn)
		}
		return s.DBError(doing, err)
	})
}
