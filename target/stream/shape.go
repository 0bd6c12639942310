package stream

import (
	"slices"
	"strings"

	"target-postgres/typemap"
)

// fixed reports whether the type of a column was asked for, so that no value changes it.
func (s *Stream) fixed(column string) bool {
	i := slices.Index(s.Names, column)
	return i >= 0 && s.Fields[i].Fixed
}

// undeclared says what is stored instead of a field that the schema does not have, and whether it is left out.
func (s *Stream) undeclared(field string) (instead *typemap.Digest, leaveOut bool) {
	if s.Airbyte && strings.HasPrefix(field, "_airbyte_") {
		return nil, true // PyAirbyte's cache sends the columns of its own tables along
	}
	return s.Plan.Undeclared(field)
}
