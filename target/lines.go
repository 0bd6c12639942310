package target

import (
	"context"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
	"target-postgres/typemap"
)

// Rows that gather in a table beside the stream's own meet the constraints of its own only at the end, when the input has gone by.
// The table beside then has one more column, for where each row stood in the input, so that a row that is refused can be named.

// linesFor names that column. It is "" where nothing about the stream's table can object to a row that the table beside took.
func (s *stream) linesFor(have *pgcatalog.Table) string {
	if objectsToNothing(have, s) {
		return ""
	}
	return lineColumn(s, have)
}

func lineColumn(s *stream, have *pgcatalog.Table) string {
	return unused("_singular_line", func(name string) bool { return slices.Contains(s.names, name) || have.Column(name) != nil })
}

// objectsToNothing reports whether the table takes every row that one with the same columns and key takes.
func objectsToNothing(t *pgcatalog.Table, s *stream) bool {
	refuses := func(c pgcatalog.Column) bool {
		alwaysThere := slices.ContainsFunc(airbyteColumns(), func(e extra) bool { return s.airbyte && e.name == c.Name })
		return c.Generated || (c.NotNull && !alwaysThere && !s.exchanges && !slices.Contains(s.key, c.Name))
	}
	return t.Simple() && !t.UserCode && !t.Security && !t.Checked && !slices.ContainsFunc(t.Columns, refuses) &&
		!slices.ContainsFunc(t.Indexes, func(i pgcatalog.Index) bool { return !i.Covers(s.key) })
}

// forgetLines empties the column in what an earlier run left: it is about the input of that run.
func (t *Target) forgetLines(ctx context.Context, conn *pgx.Conn, s *stream) error {
	known, _ := t.catalog.Known(s.schemaName, s.staging)
	if s.lines == "" || (known != nil && known.Column(s.lines) == nil) {
		return nil
	}
	defer t.catalog.Forget(s.schemaName)
	return t.transact(ctx, conn, func() error {
		_, err := conn.Exec(ctx, "ALTER TABLE "+pgtx.Qualified(s.schemaName, s.staging)+" DROP COLUMN IF EXISTS "+typemap.Quote(s.lines))
		return err
	})
}

// withoutLines are the columns of a job without that one.
func withoutLines(columns []merge.Column, lines string) []merge.Column {
	return slices.DeleteFunc(slices.Clone(columns), func(c merge.Column) bool { return c.Name == lines })
}

// aside is the same load into the spill, with where each row stood.
func (l *load) aside() *load {
	lines := l.spillLines
	l.spills, l.job.Target = true, l.spill
	layout := *l.layout
	layout.extras = append(slices.Clone(layout.extras), extra{name: lines, typ: typemap.BigInt, kind: extraLine})
	l.layout = &layout
	l.job.Columns = append(slices.Clone(l.job.Columns), merge.Column{Name: lines, Type: typemap.BigInt})
	i := -1
	rows := l.batch.Rewritten(func(row []byte) []byte {
		i++
		return strconv.AppendInt(append(slices.Clip(row), ','), int64(l.batch.RowsAt[i]), 10)
	})
	return l.with(rows)
}

// unused is a name that is not taken.
func unused(name string, taken func(name string) bool) string {
	for taken(name) {
		name += "_"
	}
	return name
}
