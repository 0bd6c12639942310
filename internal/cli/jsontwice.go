package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// givenTwice names the members of an object that it has more than once, at any depth: the last one counts, and the
// others are lost without a word otherwise. The text is known to be JSON.
func givenTwice(data []byte) (notes []string) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	s := &twice{data: data, decoder: json.NewDecoder(bytes.NewReader(data))}
	s.decoder.UseNumber()
	s.value("")
	return s.notes
}

// twice looks for members that an object has more than once.
type twice struct {
	data    []byte
	decoder *json.Decoder
	notes   []string
}

// value reads one value, whose dotted name is path. It reports whether there was one: an object or a list ends without.
func (s *twice) value(path string) bool {
	token, err := s.decoder.Token()
	if err != nil {
		return false
	}
	switch token {
	case json.Delim('{'):
		s.members(path)
	case json.Delim('['):
		for s.value(path) {
		}
	case json.Delim(']'):
		return false
	}
	return true
}

// members reads the members of an object up to its end.
func (s *twice) members(path string) {
	lines := map[string]int{}
	for {
		token, err := s.decoder.Token()
		name, isName := token.(string)
		if err != nil || !isName {
			return // the end of the object
		}
		line := lineOf(s.data, int(s.decoder.InputOffset()))
		full := name
		if path != "" {
			full = path + "." + name
		}
		if before := lines[name]; before > 0 {
			s.notes = append(s.notes, fmt.Sprintf("setting %q is given twice, %s: the last one counts", full, inLines(before, line)))
		}
		lines[name] = line
		if !s.value(full) {
			return
		}
	}
}

// inLines says where two things are that have the same name.
func inLines(first, second int) string {
	if first == second {
		return fmt.Sprintf("both times in line %d", first)
	}
	return fmt.Sprintf("in lines %d and %d", first, second)
}
