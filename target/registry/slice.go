package registry

import (
	"slices"

	"target-postgres/target/stream"
	"target-postgres/typemap"
)

// describeSlice refuses a slice by a field that the stream does not have: all rows would be replaced.
func describeSlice(s *stream.Spec) error {
	if !s.Sliced() {
		return nil
	}
	for _, field := range s.Config.Slice.Fields {
		if !slices.ContainsFunc(s.Fields, func(f typemap.Field) bool { return f.Name == field }) {
			return s.SliceFault(field, "slice names a field that the stream does not have")
		}
	}
	return nil
}
