package protocol

import (
	"bytes"
	"slices"
)

// Same reports whether two SCHEMA messages say the same in the same bytes: a tap that repeats itself costs nothing.
func (s *Schema) Same(other *Schema) bool {
	return bytes.Equal(s.JSON, other.JSON) && slices.Equal(s.KeyProperties, other.KeyProperties) &&
		s.HasKeyProperties == other.HasKeyProperties && s.Patch == other.Patch
}
