package stream

import (
	"slices"

	"target-postgres/merge"
	"target-postgres/target/pgcatalog"
)

// An identity column (GENERATED … AS IDENTITY) takes the values that the stream brings. Where a record brings none the
// server numbers the row, as it does for every other writer.

// Own is a column of the stream's own table, the zero column if there is none.
func (s *Stream) Own(name string) pgcatalog.Column {
	i := slices.IndexFunc(s.columns, func(c pgcatalog.Column) bool { return c.Name == name })
	if i < 0 {
		return pgcatalog.Column{}
	}
	return s.columns[i]
}

// Identify tells the merge which columns of its target are identities. Tables beside the stream's own have none.
func (s *Stream) Identify(job *merge.Job) {
	if job.Target.Table != s.TableName || job.Target.Schema != s.SchemaName {
		return
	}
	job.Columns, job.Key = s.identities(job.Columns), s.identities(job.Key)
}

func (s *Stream) identities(columns []merge.Column) []merge.Column {
	columns = slices.Clone(columns)
	for i, c := range columns {
		identity := s.Own(c.Name).Identity
		columns[i].Identity, columns[i].Always = identity != "", identity == "a"
	}
	return columns
}

// unnumbered reports whether the record just walked leaves a number to the server.
func (s *Stream) unnumbered() bool {
	for i, numbers := range s.Layout.numbers {
		if numbers && s.Walker.Null(i) {
			return true
		}
	}
	return false
}
