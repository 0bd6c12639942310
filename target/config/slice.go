package config

import (
	"encoding/json"
	"errors"
	"slices"

	"target-postgres/merge"
	"target-postgres/target/failure"
)

// Slice says what a replace or a full snapshot is held to: the values of some fields, or a range of one. The zero value
// is no slice.
type Slice struct {
	// Fields are the fields that say in which slice a record is.
	Fields []string
	// Range says that there is one field, and that all from its least to its greatest value is one slice.
	Range bool
}

// On reports whether there are slices.
func (s Slice) On() bool { return len(s.Fields) > 0 }

// UnmarshalJSON reads a list of fields, or an object that describes a range.
func (s *Slice) UnmarshalJSON(data []byte) error {
	*s = Slice{}
	if json.Unmarshal(data, &s.Fields) == nil {
		return nil
	}
	var described struct {
		Column string `json:"column"`
		From   string `json:"from"`
		To     string `json:"to"`
	}
	if err := json.Unmarshal(data, &described); err != nil || described.Column == "" {
		return errors.New("a slice is a list of fields or a range of one")
	}
	s.Fields, s.Range = []string{described.Column}, true
	return nil
}

// Sliced reports whether a replace or a full snapshot in a load mode is held to slices.
func (s *StreamConfig) Sliced(mode merge.Mode) bool {
	return s.Slice.On() && (mode == merge.Replace || s.FullSnapshot && mode.NeedsKey())
}

// checkSlice refuses a field that is named twice.
func (s *StreamConfig) checkSlice(prefix string) error {
	for i, field := range s.Slice.Fields {
		if slices.Contains(s.Slice.Fields[:i], field) {
			return &failure.ConfigError{Setting: prefix + "slice", Reason: "names a field twice", Hint: "leave one of them out"}
		}
	}
	return nil
}
