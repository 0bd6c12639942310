package stream

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"target-postgres/internal/jsonscan"
	"target-postgres/protocol"
	"target-postgres/target/systemcolumn"
	"target-postgres/typemap"
)

// surrogateLength is how many bytes of the hash are kept.
const surrogateLength = 16

// hash computes the hash of the record just walked, as far as it is stored: a hashed field counts by its hash, and an
// excluded one does not count, so that such values cannot be guessed. Fields that are null do not count, and
// neither do those that say when a record came or that it is gone: a tombstone has the key of its record.
func (s *Stream) hash(m *protocol.Message) {
	s.hashed = append(s.hashed[:0], '{')
	record := s.Plan.Masked(m.Record)
	for _, member := range jsonscan.Members(record, jsonscan.Space(record, 0)) {
		name := string(member.Name)
		if member.Kind == jsonscan.KindNull || s.aside(name) {
			continue
		}
		s.hashed = jsonscan.AppendText(s.hashed, member.Name)
		s.hashed = jsonscan.AppendCanonical(s.hashed, s.asNumber(name, member))
	}
	s.identity = sha256.Sum256(append(s.hashed, '}'))
}

// aside reports whether a field says something about the record rather than being part of it.
func (s *Stream) aside(field string) bool {
	return strings.HasPrefix(field, "_airbyte_") || field == s.Config.DeleteMarkerColumn || slices.Contains(systemcolumn.DeleteMarks(), field) ||
		slices.ContainsFunc(systemcolumn.Metadata(), func(e systemcolumn.Column) bool { return e.Name == field })
}

// asNumber returns a member's value, without its quotes where a field of numbers has a text: taps that keep every digit
// write numbers so.
func (s *Stream) asNumber(field string, member jsonscan.Member) []byte {
	if member.Kind != jsonscan.KindString || !slices.ContainsFunc(s.Fields, func(f typemap.Field) bool { return f.Name == field && typemap.SameFamily(f.Type, typemap.Numeric) }) {
		return member.Value
	}
	text := member.Value[1 : len(member.Value)-1]
	if end, kind, err := jsonscan.Value(text, 0); err != nil || kind != jsonscan.KindNumber || end != len(text) {
		return member.Value
	}
	return text
}

// appendSurrogate writes the key.
func (s *Stream) appendSurrogate(dst []byte) []byte {
	return hex.AppendEncode(dst, s.identity[:surrogateLength])
}
