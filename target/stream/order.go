package stream

import (
	"slices"

	"target-postgres/merge"
	"target-postgres/target/migrate"
	"target-postgres/target/systemcolumn"
)

// Records of a key may be ordered by a column: that of order_by, Airbyte's cursor, or in history the field that
// history_time_column names. An older record then never takes anything back from a newer one.
// (docs/adr/0020-order-of-records.md)

// order tells the merge how the records of a key are ordered.
func (s *Stream) order(job *merge.Job) {
	job.Order = s.OrderedBy()
	job.Loose = len(job.Order) > 0 && s.Cursor() == "" && s.Mode == merge.History
	if column := s.Ordering(); s.Config.OrderBy != "" && slices.Contains(job.Order, column) {
		job.Fill = column
	}
	if s.Tombstones != "" && len(job.Order) > 0 {
		job.Tombstones = merge.Name{Schema: s.SchemaName, Table: s.Tombstones}
	}
}

// OrderedBy lists the columns that order the records of a key, none if they are taken as they arrive.
func (s *Stream) OrderedBy() []string {
	column := s.Ordering()
	switch {
	case !s.Keyed() || s.insertsLate():
		return nil
	case s.Airbyte && s.Mode == merge.Upsert && column != "":
		return []string{column, systemcolumn.EmittedColumn}
	case s.Airbyte && s.Mode == merge.Upsert:
		return []string{systemcolumn.EmittedColumn}
	case column == "":
		return nil
	// A pass that replaces those before it is newer than all of them, also if its records have older values.
	case s.Airbyte && s.Truncates:
		return []string{systemcolumn.GenerationColumn, column}
	case !s.Airbyte && s.Versioned:
		return []string{migrate.VersionColumn, column}
	default:
		return []string{column}
	}
}
