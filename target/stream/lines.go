package stream

import (
	"slices"

	"target-postgres/merge"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/revision"
	"target-postgres/target/systemcolumn"
)

// Rows that gather in a table beside the stream's own meet the constraints of its own only at the end, when the input
// has gone by. The table beside then has one more column, for where each row stood in the input, so that a row that is
// refused can be named.

// LinesFor names the column for where rows stood in the input, "" where nothing about the stream's table can object to
// a row that the table beside took.
func (s *Stream) LinesFor(have *pgcatalog.Table) string {
	if objectsToNothing(have, s) {
		return ""
	}
	return LineColumn(s, have)
}

// LineColumn names a column for where rows stood in the input, which neither the stream nor its table has.
func LineColumn(s *Stream, have *pgcatalog.Table) string {
	return revision.Unused("_singular_line", func(name string) bool { return slices.Contains(s.Names, name) || have.Column(name) != nil })
}

// objectsToNothing reports whether the table takes every row that one with the same columns and key takes.
func objectsToNothing(t *pgcatalog.Table, s *Stream) bool {
	refuses := func(c pgcatalog.Column) bool {
		alwaysThere := slices.ContainsFunc(systemcolumn.Airbyte(), func(e systemcolumn.Column) bool { return s.Airbyte && e.Name == c.Name })
		return c.Generated || (c.NotNull && !alwaysThere && !s.Exchanges && !slices.Contains(s.Key, c.Name))
	}
	return t.Simple() && !t.UserCode && !t.Security && !t.Checked && !slices.ContainsFunc(t.Columns, refuses) &&
		!slices.ContainsFunc(t.Indexes, func(i pgcatalog.Index) bool { return !i.Covers(s.Key) })
}

// WithoutLines are the columns of a job without the one that is called lines.
func WithoutLines(columns []merge.Column, lines string) []merge.Column {
	return slices.DeleteFunc(slices.Clone(columns), func(c merge.Column) bool { return c.Name == lines })
}
