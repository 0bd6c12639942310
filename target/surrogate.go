package target

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"target-postgres/internal/jsonscan"
	"target-postgres/protocol"
	"target-postgres/typemap"
)

// surrogateColumn is the key of a stream without one, where surrogate_key asks for it: a hash of the record. Its value never changes
// for a record, whatever version of the program writes it, since it is stored.
const surrogateColumn = "_singular_id"

// surrogateLength is how many bytes of the hash are kept.
const surrogateLength = 16

// describeSurrogate decides whether the stream gets its key from its records.
func (t *Target) describeSurrogate(s *spec, keys []string) {
	s.surrogate = s.config.SurrogateKey && len(keys) == 0 && s.mode.NeedsKey()
	if s.config.SurrogateKey && len(keys) > 0 && t.streams[s.id] == nil {
		t.log.Warn("surrogate_key is ignored: the stream has a key", "stream", s.name)
	}
}

// hash computes the hash of the record just walked. Fields that are null do not count, and neither do those that say when a
// record came or that it is gone: a tombstone has the key of its record.
func (s *stream) hash(m *protocol.Message) {
	s.hashed = append(s.hashed[:0], '{')
	for _, member := range jsonscan.Members(m.Record, jsonscan.Space(m.Record, 0)) {
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
func (s *spec) aside(field string) bool {
	return strings.HasPrefix(field, "_airbyte_") || field == s.config.DeleteMarkerColumn || slices.Contains(deleteMarks(), field) ||
		slices.ContainsFunc(metadataColumns(), func(e extra) bool { return e.name == field })
}

// asNumber returns a member's value, without its quotes where a field of numbers has a text: taps that keep every digit write
// numbers so.
func (s *spec) asNumber(field string, member jsonscan.Member) []byte {
	if member.Kind != jsonscan.KindString || !slices.ContainsFunc(s.fields, func(f typemap.Field) bool { return f.Name == field && isNumber(f.Type) }) {
		return member.Value
	}
	text := member.Value[1 : len(member.Value)-1]
	if end, kind, err := jsonscan.Value(text, 0); err != nil || kind != jsonscan.KindNumber || end != len(text) {
		return member.Value
	}
	return text
}

// isNumber reports whether a column holds numbers.
func isNumber(t typemap.Type) bool {
	switch t.Kind {
	case typemap.KindInt2, typemap.KindInt4, typemap.KindInt8, typemap.KindNumeric, typemap.KindFloat4, typemap.KindFloat8:
		return true
	default:
		return false
	}
}

// appendSurrogate writes the key.
func (s *stream) appendSurrogate(dst []byte) []byte {
	return hex.AppendEncode(dst, s.identity[:surrogateLength])
}
