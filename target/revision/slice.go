package revision

import (
	"fmt"

	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
	"target-postgres/typemap"
)

// Sliced reports whether a replace or a full snapshot of the stream is held to the slices that the run brings.
func (s *Spec) Sliced() bool { return s.Config.Sliced(s.Mode) }

// SliceFault is the error of a slice that cannot be: field is the one to blame, fault what is wrong with it.
func (s *Spec) SliceFault(field, fault string) *failure.Error {
	return &failure.Error{
		Blame: failure.Configuration, Stream: s.Name, Column: field, Reason: fault,
		Hint: "name fields that say in which slice a record is in " + s.Setting("slice", `["…"]`) + ", or leave it out",
	}
}

// CheckSlice refuses a slice that the table cannot be held to.
func (s *Revision) CheckSlice() error {
	if !s.Sliced() {
		return nil
	}
	for i, column := range s.SliceColumns() {
		if column == "" {
			return s.SliceFault(s.Config.Slice.Fields[i], "slice names a field that has no column")
		}
	}
	if s.place.Sharded() {
		return &failure.Error{
			Blame: failure.Configuration, Stream: s.Name, Reason: "slice is for tables of one server and foreign tables, and Citus distributes " + pgtx.Qualified(s.SchemaName, s.TableName),
			Hint: "leave slice out, or load into a table that Citus does not distribute",
		}
	}
	return nil
}

// SliceColumns are the columns of the fields of the slice, "" for one that has none.
func (s *Revision) SliceColumns() []string {
	columns := make([]string, len(s.Config.Slice.Fields))
	for i, field := range s.Config.Slice.Fields {
		columns[i] = s.ColumnOf(field, nil)
	}
	return columns
}

// SliceProbe is a query that fails where the types of the columns of the slice have no equality, or no order that a
// range needs.
func (s *Revision) SliceProbe() string {
	columns, table := s.SliceColumns(), pgtx.Qualified(s.SchemaName, s.TableName)
	if s.Config.Slice.Range {
		column := typemap.Quote(columns[0])
		return fmt.Sprintf("SELECT min(%[1]s), max(%[1]s) FROM %[2]s WHERE false AND %[1]s >= %[1]s", column, table)
	}
	return fmt.Sprintf("SELECT DISTINCT %s FROM %s WHERE false", pgtx.QuoteAll(columns), table)
}

// NoSlice is the error of columns for which the query of [Revision.SliceProbe] fails with err.
func (s *Revision) NoSlice(err error) error {
	kind := "equality"
	if s.Config.Slice.Range {
		kind = "least and greatest value"
	}
	fault := s.SliceFault(s.Config.Slice.Fields[0], "slice names a column whose type has no "+kind)
	fault.Err = failure.WithCode(failure.SQLState(err))
	return fault
}
