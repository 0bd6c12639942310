package target

import (
	"slices"

	"target-postgres/merge"
)

// recentKeys are the keys of the batch that a stream fills and of those before it that may not be committed yet. Rows that
// go straight into the table may do so ahead of their turn only if none of those batches has one of their keys: otherwise
// the one in its turn would wait for the other.
type recentKeys struct {
	filling keySet
	sent    []sentKeys
	// waiting are keys of the batch that have not been looked up yet.
	waiting []uint64
	// shared is true when the batch has a key of one before it, twice when it has one of its own again.
	shared, twice bool
}

// sentKeys are a batch's keys: all of them if it went straight into the table.
type sentKeys struct {
	keys   keySet
	direct bool
}

// lookUpAtOnce is how many keys wait to be looked up together. The sets are larger than a processor's nearest caches: between two
// records every one of these would be waited for, in a loop they are fetched side by side.
const lookUpAtOnce = 128

// add takes a key of the batch that is filled. look is set while that may go straight into the table.
func (r *recentKeys) add(hash uint64, look bool) {
	r.waiting = append(r.waiting, hash)
	if len(r.waiting) == lookUpAtOnce {
		r.settle(look)
	}
}

// settle looks up the keys that wait.
func (r *recentKeys) settle(look bool) {
	if look && !r.shared {
		r.shared = slices.ContainsFunc(r.sent, func(s sentKeys) bool { return s.keys.hasAny(r.waiting) })
	}
	r.twice = r.filling.add(r.waiting) || r.twice
	r.waiting = r.waiting[:0]
}

// apart says whether every batch before the one that is filled went straight into the table, and none has a key of it.
func (r *recentKeys) apart() bool {
	return !r.shared && !slices.ContainsFunc(r.sent, func(s sentKeys) bool { return !s.direct })
}

// send begins the next batch. The keys of as many before it as may be under way are kept.
func (r *recentKeys) send(direct bool, keep int) {
	r.sent = slices.Insert(r.sent, 0, sentKeys{keys: r.filling, direct: direct})
	r.filling, r.shared, r.twice = keySet{}, false, false
	if len(r.sent) > keep {
		r.filling = r.sent[keep].keys
		r.filling.reset()
		r.sent = r.sent[:keep]
	}
}

// remember adds the key of the record that was encoded last.
func (s *stream) remember() {
	if s.keyed() && !s.batch.duplicates {
		s.keys.add(s.walker.KeyHash(), s.fresh.Load())
		s.batch.duplicates = s.keys.twice || (!s.layout.plan.CanonicalKey() && s.batch.rows() > 1)
	}
}

// settleKeys makes known what there is to know about the keys of the batch.
func (s *stream) settleKeys() {
	if s.rows() == 0 {
		return
	}
	s.keys.settle(s.fresh.Load())
	s.batch.duplicates = s.batch.duplicates || s.keys.twice
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
		return s.layout.plan.CanonicalKey() && s.keys.apart()
	}
}

// guard says whether a row of the table may be in the way of another: by an index that is unique over more or other columns
// than the key, by a trigger or foreign key, in a partition, on another server, or because another stream writes to it, too.
func (t *Target) guard(s *stream, have *table) bool {
	key := s.key
	if !s.keyed() {
		key = nil
	}
	other := slices.ContainsFunc(t.order, func(o *stream) bool { return o.id != s.id && o.into == s.into })
	return other || !have.simple() || slices.ContainsFunc(have.Indexes, func(i index) bool {
		return (i.Unique && (i.Expressions || !sameNames(i.Columns, key))) || i.Exclusion
	})
}
