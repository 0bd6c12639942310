package stream

import (
	"target-postgres/merge"
	"target-postgres/protocol"
	"target-postgres/target/config"
	"target-postgres/target/pgcatalog"
)

// Orphan is the staging table of an unfinished refresh.
type Orphan struct {
	// Name is the table's, in the schema of the stream's own; Generation is Airbyte's number of its rows.
	Name       string
	Generation int64
	// Former are its columns whose fields the stream no longer has, as they are in the stream's table.
	Former []merge.Column
}

// KeepsTombstones reports whether hard deletes wait for the swap: should the refresh be cancelled, the rows of the
// table have to learn of them.
func (s *Stream) KeepsTombstones() bool { return s.StagesRefresh() && s.Staging != "" }

// Former lists the columns of a refresh whose fields have gone from the stream since it began. Their values were
// acknowledged like all others.
func (s *Stream) Former(c *config.Config, have, staged *pgcatalog.Table) []merge.Column {
	var columns []merge.Column
	want := s.TableSpec(c)
	for _, column := range staged.Columns {
		if existing := have.Column(column.Name); existing != nil && existing.Writable() && !want.Has(column.Name) {
			columns = append(columns, merge.Column{Name: column.Name, Type: existing.Type()})
		}
	}
	return columns
}

// Completed reports whether the stream came to its end, so that older rows go. Where the catalog has generations, only
// the source can say so.
func (s *Stream) Completed() bool {
	if s.Truncates || s.Schema.Generation != nil {
		return s.Status == protocol.StatusComplete
	}
	return s.Status != protocol.StatusIncomplete
}

// Unreplaced reports whether the replace of a stream did not come to its end, so that no STATE may speak of its rows.
func (s *Stream) Unreplaced() bool { return !s.Skip && s.SwapsAtEnd() && !s.Completed() }
