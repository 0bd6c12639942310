package stream

import (
	"target-postgres/merge"
)

// SliceOf is what the merges hold to the slices.
func (s *Stream) SliceOf() merge.Slice {
	if !s.Sliced() {
		return merge.Slice{}
	}
	slice := merge.Slice{Columns: s.SliceColumns(), Range: s.Config.Slice.Range}
	if s.Slices != "" {
		slice.Brought = merge.Name{Schema: s.SchemaName, Table: s.Slices}
	}
	return slice
}
