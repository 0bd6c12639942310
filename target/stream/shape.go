package stream

import (
	"fmt"
	"slices"
	"strings"

	"target-postgres/target/failure"
	"target-postgres/typemap"
)

// DescribeOrder refuses to store only hashes, or nothing, of the field by which records are ordered.
func (s *Spec) DescribeOrder() error {
	for setting, field := range map[string]string{"history_time_column": s.Config.HistoryTimeColumn, "the cursor": s.Schema.Cursor, "order_by": s.Config.OrderBy} {
		hidden := s.Plan.LeavesOut(field) || slices.ContainsFunc(s.Fields, func(f typemap.Field) bool {
			return f.Name == field && f.Digest != nil
		})
		if field != "" && hidden {
			return &failure.Error{
				Kind: failure.KindConfig, Stream: s.Name, Column: field,
				Reason: setting + " is a field that columns excludes or hashes, and records are ordered by its values",
				Hint:   fmt.Sprintf("take exclude and hash away from %q, or order the records by another field", field),
			}
		}
	}
	return nil
}

// Declares reports whether the stream has a field, in its schema or by a stream map, be it left out.
func (s *Spec) Declares(field string) bool { return s.Plan.Declares(field) }

// fixed reports whether the type of a column was asked for, so that no value changes it.
func (s *Spec) fixed(column string) bool {
	i := slices.Index(s.Names, column)
	return i >= 0 && s.Fields[i].Fixed
}

// undeclared says what is stored instead of a field that the schema does not have, and whether it is left out.
func (s *Spec) undeclared(field string) (instead *typemap.Digest, leaveOut bool) {
	if s.Airbyte && strings.HasPrefix(field, "_airbyte_") {
		return nil, true // PyAirbyte's cache sends the columns of its own tables along
	}
	return s.Plan.Undeclared(field)
}
