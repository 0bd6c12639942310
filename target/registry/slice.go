package registry

import (
	"slices"

	"target-postgres/target/revision"
	"target-postgres/typemap"
)

// describeSlice refuses a slice by a field that the stream does not have: all rows would be replaced. A range of hashes
// has rows of all values in it.
func describeSlice(s *revision.Spec) error {
	if field, lacks := LackingSlice(s); lacks && s.Sliced() {
		return s.SliceFault(field, "slice names a field that the stream does not have")
	}
	if s.Config.Slice.Range && s.Sliced() {
		if field := s.Config.Slice.Fields[0]; hashed(s, field) {
			return s.SliceFault(field, "slice names the range of a field that is stored as a hash")
		}
	}
	return nil
}

// LackingSlice is the first field of the setting slice that a stream does not have; lacks is false if it has them all.
func LackingSlice(s *revision.Spec) (field string, lacks bool) {
	for _, field := range s.Config.Slice.Fields {
		if !slices.ContainsFunc(s.Fields, func(f typemap.Field) bool { return f.Name == field }) {
			return field, true
		}
	}
	return "", false
}
