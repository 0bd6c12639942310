package target

import (
	"encoding/binary"
	"slices"

	"target-postgres/merge"
	"target-postgres/target/pgcatalog"
)

// remember adds the key of the record that was encoded last.
func (s *stream) remember() {
	if s.keyed() && !s.batch.Duplicates {
		s.keys.Add(s.keyHash(), s.fresh.Load())
		s.batch.Duplicates = s.keys.Twice || (!s.layout.plan.CanonicalKey() && s.batch.Rows() > 1)
	}
}

// keyHash is a hash of the key of the record just encoded.
func (s *stream) keyHash() uint64 {
	if s.surrogate {
		return binary.BigEndian.Uint64(s.identity[:])
	}
	return s.walker.KeyHash()
}

// settleKeys makes known what there is to know about the keys of the batch.
func (s *stream) settleKeys() {
	if s.rows() == 0 {
		return
	}
	s.keys.Settle(s.fresh.Load())
	s.batch.Duplicates = s.batch.Duplicates || s.keys.Twice
}

// apart says whether a batch that goes straight into the table may do so while those before it are not committed. Whatever
// of the table could make one transaction wait for another forbids it: the one that it waits for would have to wait for its
// own turn.
func (s *stream) apart() bool {
	switch {
	case s.guarded:
		return false
	case s.mode == merge.Append:
		return true
	default:
		return s.layout.plan.CanonicalKey() && s.keys.Apart()
	}
}

// guard says whether a row of the table may be in the way of another: by an index that is unique over more or other columns
// than the key, by a trigger or foreign key, in a partition, in a chunk that the server makes for it, on another server, or because
// another stream writes to it, too.
func (t *Target) guard(s *stream, have *pgcatalog.Table) bool {
	key := s.key
	if !s.keyed() {
		key = nil
	}
	other := slices.ContainsFunc(t.order, func(o *stream) bool { return o.id != s.id && o.into == s.into })
	return other || !have.Simple() || slices.ContainsFunc(have.Indexes, func(i pgcatalog.Index) bool {
		return (i.Unique && (i.Expressions || !pgcatalog.SameNames(i.Columns, key))) || i.Exclusion
	})
}
