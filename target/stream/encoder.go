package stream

import (
	"strconv"

	"target-postgres/merge"
	"target-postgres/protocol"
	"target-postgres/target/batch"
	"target-postgres/target/config"
	"target-postgres/target/systemcolumn"
	"target-postgres/typemap"
)

// Removes reports whether a marked record takes its row away, rather than being data.
func (s *Stream) Removes() bool {
	return s.Mode == merge.History || s.Mode == merge.SoftDelete || (s.Mode == merge.Upsert && s.Keyed() && s.Config.HardDelete && !s.KeepsTombstones())
}

// wholeTombstones reports whether a marked record is the whole row, and not a part of it: for Airbyte it is the row.
func (s *Stream) wholeTombstones() bool { return s.Airbyte && s.Mode == merge.Upsert }

// Encode appends one record as a CSV line. The error is a *typemap.KeyError, a *typemap.ValueError or a syntax error.
func (s *Stream) Encode(v *Values, dst []byte, m *protocol.Message, at batch.Position) ([]byte, error) {
	dst, err := s.Walker.AppendFields(dst)
	if err != nil {
		return dst, err
	}
	marked := s.Walker.Marked()
	gone := marked && s.Removes()
	if err := s.Walker.Lacking(); err != nil && !gone {
		return dst, err
	}
	absent := gone || s.absentKeeps(marked)
	partial := s.Keyed() && s.Walker.Partial(absent)
	if !gone && !partial {
		if err := s.unplaced(); err != nil {
			return dst, err
		}
	}
	for i := range s.Layout.Extras {
		if i > 0 || len(s.Layout.Columns) > 0 {
			dst = append(dst, ',')
		}
		e := &s.Layout.Extras[i]
		switch e.Kind {
		case systemcolumn.Present:
			if partial || gone {
				dst = s.Walker.Present(dst, absent)
			}
		case systemcolumn.Surrogate:
			s.hash(m)
			dst = s.appendSurrogate(dst)
		case systemcolumn.Gone:
			dst = append(dst, strconv.FormatBool(gone)[0])
		case systemcolumn.RawID, systemcolumn.Emitted, systemcolumn.Meta, systemcolumn.Generation:
			dst = v.appendAirbyte(dst, s, e, m)
		case systemcolumn.Line:
			dst = strconv.AppendInt(dst, int64(at), 10)
		case systemcolumn.At:
			if dst, err = s.appendInstant(dst, e, m); err != nil {
				return dst, err
			}
		default:
			dst = v.appendMetadata(dst, s, e, m)
		}
	}
	// A tombstone that takes its row away is whole as it is.
	s.Batch.Patched = s.Batch.Patched || (partial && !gone)
	s.Batch.Unavailable = s.Batch.Unavailable || (partial && s.Walker.Unavailable())
	if gone {
		s.Batch.Removed = true
		s.Stats.Tombstones.Add(1)
	}
	s.Batch.NullKeys = s.Batch.NullKeys || s.Walker.NullKey()
	s.Batch.Unnumbered = s.Batch.Unnumbered || s.unnumbered()
	return append(dst, '\n'), nil
}

// unplaced is the error of a record that lacks the value by which its row would be put into a partition. The server
// says so, too, but not of a record that another one of its key replaces in the same batch.
func (s *Stream) unplaced() error {
	for _, i := range s.placed {
		if c := s.Layout.Columns[i]; s.Walker.Null(i) {
			return &typemap.ValueError{Column: c.Name, Type: c.Type, Reason: "it is null or absent, and the table is partitioned by the column"}
		}
	}
	return nil
}

// NeedsOps reports whether the record just walked is a tombstone or partial, so that its batch needs the columns for
// it.
func (s *Stream) NeedsOps() bool {
	if s.Ops || !s.Keyed() {
		return false
	}
	marked := s.Walker.Marked() && (s.Removes() || !s.wholeTombstones())
	return marked || s.Walker.Partial(s.absentKeeps(false))
}

// absentKeeps reports whether a field that the record lacks keeps what is stored.
func (s *Stream) absentKeeps(marked bool) bool {
	return s.Schema.Patch || s.Config.AbsentFields == config.KeepAbsentFields || (marked && !s.wholeTombstones())
}

// unnumbered reports whether the record just walked leaves a number to the server.
func (s *Stream) unnumbered() bool {
	for i, numbers := range s.numbers {
		if numbers && s.Walker.Null(i) {
			return true
		}
	}
	return false
}
