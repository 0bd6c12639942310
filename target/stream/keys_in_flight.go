package stream

import (
	"encoding/binary"

	"target-postgres/merge"
)

// Remember adds the key of the record that was encoded last.
func (s *Stream) Remember() {
	if s.Keyed() && !s.Batch.Duplicates {
		s.Keys.Add(s.keyHash(), s.StartedEmpty.Load())
		s.Batch.Duplicates = s.Keys.Twice || (!s.Layout.Plan.CanonicalKey() && s.Batch.Rows() > 1)
	}
}

// keyHash is a hash of the key of the record just encoded.
func (s *Stream) keyHash() uint64 {
	if s.Surrogate {
		return binary.BigEndian.Uint64(s.identity[:])
	}
	return s.Walker.KeyHash()
}

// LookUpKeys looks up the keys that still wait for it, before the batch is sent.
func (s *Stream) LookUpKeys() {
	if s.Rows() == 0 {
		return
	}
	s.Keys.LookUp(s.StartedEmpty.Load())
	s.Batch.Duplicates = s.Batch.Duplicates || s.Keys.Twice
}

// KeepKeys keeps the keys of the run from now on, where no index of the table finds a key in all of its partitions.
func (s *Stream) KeepKeys() {
	if s.StartedEmpty.Load() && s.KeysApart() && s.Layout.Plan.CanonicalKey() {
		s.Keys.Keep()
	}
}

// Independent reports whether a batch may be copied straight into the table while those before it are not committed.
// Everything in the table that could make one transaction wait for another forbids it: the second would have to wait
// for its own turn.
func (s *Stream) Independent() bool {
	switch {
	case s.CrossRowConstraints:
		return false
	case s.Mode == merge.Append:
		return true
	default:
		return s.Layout.Plan.CanonicalKey() && s.Keys.Independent()
	}
}
