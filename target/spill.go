package target

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
)

// spill is the table beside a stream's own in which rows wait for the STATE that covers them, once there are more of them
// than memory is for, or the layout of the next ones is another.
type spill struct {
	name    merge.Name
	columns []merge.Column
	// lines is the column that says where a row stood in the input.
	lines string
	// full says that there may be rows in it, rows how many at least; removals are what has to happen after they are in the
	// stream's table.
	full     bool
	rows     int
	removals []merge.Statement
}

// spilled is the comment's word for such a table.
func (t *Target) spilled() string {
	return "rows before their STATE (" + t.committer.stateTable.id + ")"
}

// prepareSpill keeps the table in step with the stream's own, and drops that of an interrupted run: its tap sends the rows
// again.
func (t *Target) prepareSpill(ctx context.Context, conn *pgx.Conn, s *stream, have *pgcatalog.Table) error {
	if s.spill == nil {
		if err := t.dropLeftovers(ctx, conn, s, t.spilled()); err != nil {
			return err
		}
		s.spill = &spill{}
	}
	if s.spill.name.Table == "" {
		return nil
	}
	return t.bringSpill(ctx, conn, s, have)
}

func (t *Target) bringSpill(ctx context.Context, conn *pgx.Conn, s *stream, have *pgcatalog.Table) error {
	name := merge.Name{Schema: s.schemaName, Table: t.nameBeside(s, "waiting")}
	keyless, asked := *s, *s.spec
	asked.key, keyless.spec = nil, &asked // every record is a row
	if s.spill.lines == "" {
		s.spill.lines = lineColumn(s, have)
	}
	staged, err := t.bringStaging(ctx, conn, &keyless, have, beside{name: name.Table, comment: label(s, t.spilled()), lines: s.spill.lines})
	if err != nil {
		return err
	}
	s.spill.name, s.spill.columns = name, nil
	for _, column := range staged.Columns {
		if existing := have.Column(column.Name); existing != nil && existing.Writable() {
			s.spill.columns = append(s.spill.columns, merge.Column{Name: column.Name, Type: existing.Type()})
		}
	}
	return nil
}

// spill commits the rows of streams into the tables beside their own, where nobody looks for them.
func (t *Target) spill(streams ...*stream) error {
	if t.rejects != nil && t.rejects.spill != nil && !slices.Contains(streams, t.rejects) {
		streams = append(streams, t.rejects) // what the server refuses of the others goes there
	}
	c := &checkpoint{committer: t.committer, aside: true}
	for _, s := range streams {
		if s.spill.full && s.rows() == 0 {
			continue
		}
		if err := t.ensureSpill(s); err != nil {
			return err
		}
		s.spill.full = true
		if s.rows() > 0 {
			c.loads = append(c.loads, newLoad(s, len(c.loads), s.batch).aside())
			t.waiting -= s.batch.Size
			s.spill.rows += s.rows()
			s.batch = t.pool.Batch(s.rows())
		}
	}
	c.rejects = t.rejectLoad()
	return t.submit(c)
}

// ensureSpill makes the table when it is needed for the first time.
func (t *Target) ensureSpill(s *stream) error {
	if s.spill.name.Table != "" {
		return nil
	}
	return t.pipeline.Do(func(ctx context.Context, conn *pgx.Conn) error {
		have, err := t.migrator.LookUp(ctx, conn, s.schemaName, s.tableName)
		if err == nil {
			err = t.bringSpill(ctx, conn, s, have)
		}
		return s.dbError("prepare a table for rows that wait for their STATE", err)
	})
}

// drains takes what has been spilled, if the checkpoint's states cover it: all of it came before the last of them.
func (t *Target) drains(states []state) []drain {
	if t.committer.stateTable == nil || len(states) == 0 && !t.ended {
		return nil
	}
	var drains []drain
	for _, s := range t.order {
		if s.spill == nil || !s.spill.full {
			continue
		}
		job := s.job()
		job.Staged, job.Columns, job.Has = s.spill.name, s.spill.columns, merge.Has{Unnumbered: true}
		s.identify(&job)
		drains = append(drains, drain{stream: s.seenBy(), job: job, lines: s.spill.lines, fields: s.layout.columns, removals: s.spill.removals})
		s.spill.full, s.spill.rows, s.spill.removals = false, 0, nil
	}
	return drains
}

// dropSpills drops the tables at the end, also with rows in them: those that no STATE covers come again.
func (t *Target) dropSpills() error {
	for _, s := range t.order {
		if s.spill == nil || s.spill.name.Table == "" {
			continue
		}
		if err := t.dropBeside(s, s.spill.name, "drop the table of rows that waited for their STATE"); err != nil {
			return err
		}
	}
	return nil
}

// dropBeside drops a table beside a stream's own.
func (t *Target) dropBeside(s *stream, name merge.Name, doing string) error {
	return t.pipeline.Do(func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, t.config.Begin()+"; DROP TABLE IF EXISTS "+name.SQL()+"; COMMIT")
		if err != nil {
			pgtx.Rollback(ctx, conn)
		}
		return s.dbError(doing, err)
	})
}
