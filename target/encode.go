package target

import (
	"bytes"
	"errors"
	"strconv"
	"time"

	"target-postgres/merge"
	"target-postgres/protocol"
	"target-postgres/target/batch"
	"target-postgres/target/config"
	"target-postgres/typemap"
)

// removes says whether a marked record takes its row away, rather than being data.
func (s *stream) removes() bool {
	return s.mode == merge.History || s.mode == merge.SoftDelete || (s.keyed() && s.config.HardDelete && !s.keepsTombstones())
}

// wholeTombstones says that a marked record is not taken for a part of its row: for Airbyte it is the row.
func (s *spec) wholeTombstones() bool { return s.airbyte && s.mode == merge.Upsert }

// encode appends one record as a CSV line. The error is a *typemap.KeyError, a *typemap.ValueError or a syntax error.
func (s *stream) encode(t *Target, dst []byte, m *protocol.Message) ([]byte, error) {
	dst, err := s.walker.AppendFields(dst)
	if err != nil {
		return dst, err
	}
	marked := s.walker.Marked()
	t.answers.marked = t.answers.marked || marked
	gone := marked && s.removes()
	absent := gone || s.absentKeeps(marked)
	partial := s.keyed() && s.walker.Partial(absent)
	for i := range s.layout.extras {
		if i > 0 || len(s.layout.columns) > 0 {
			dst = append(dst, ',')
		}
		e := &s.layout.extras[i]
		switch e.kind {
		case extraPresent:
			if partial || gone {
				dst = s.walker.Present(dst, absent)
			}
		case extraSurrogate:
			s.hash(m)
			dst = s.appendSurrogate(dst)
		case extraGone:
			dst = append(dst, strconv.FormatBool(gone)[0])
		case extraRawID, extraEmitted, extraMeta, extraGeneration:
			dst = t.appendAirbyte(dst, s, e, m)
		case extraLine:
			dst = strconv.AppendInt(dst, int64(batch.PositionOf(m.Line, t.recordOfLine)), 10)
		case extraAt:
			if dst, err = s.appendInstant(dst, e, m); err != nil {
				return dst, err
			}
		default:
			dst = t.appendMetadata(dst, s, e, m)
		}
	}
	// A tombstone that takes its row away is whole as it is.
	s.batch.Patched = s.batch.Patched || (partial && !gone)
	s.batch.Unavailable = s.batch.Unavailable || (partial && s.walker.Unavailable())
	if gone {
		s.batch.Removed = true
		s.stats.tombstones.Add(1)
	}
	s.batch.NullKeys = s.batch.NullKeys || s.walker.NullKey()
	s.batch.Unnumbered = s.batch.Unnumbered || s.unnumbered()
	return append(dst, '\n'), nil
}

// needsOps says whether the record just walked is a tombstone or partial, so that its batch needs the columns for it.
func (s *stream) needsOps() bool {
	if s.ops || !s.keyed() {
		return false
	}
	marked := s.walker.Marked() && (s.removes() || !s.wholeTombstones())
	return marked || s.walker.Partial(s.absentKeeps(false))
}

// absentKeeps reports whether a field that the record lacks keeps what is stored.
func (s *spec) absentKeeps(marked bool) bool {
	return s.schema.Patch || s.config.AbsentFields == config.KeepAbsentFields || (marked && !s.wholeTombstones())
}

// appendExtracted writes the instant at which the record was extracted, if its message says so.
func appendExtracted(dst []byte, m *protocol.Message) ([]byte, bool) {
	if m.EmittedAt != 0 {
		dst = time.UnixMilli(m.EmittedMillis()).UTC().AppendFormat(dst, "2006-01-02T15:04:05.000Z")
		return dst, true
	}
	if len(m.Extracted) == 0 || bytes.ContainsAny(m.Extracted, `"\`) {
		return dst, false
	}
	out, err := typemap.AppendInstant(dst, m.Extracted)
	return out, err == nil
}

// asValueError unwraps what a plan says of a value.
func asValueError(err error) *typemap.ValueError {
	if bad, ok := errors.AsType[*typemap.ValueError](err); ok {
		return bad
	}
	return nil
}
