package batch

import (
	"slices"
)

// KeyWindow are the keys of the batch that a stream fills and of those before it that may not be committed yet. Rows
// that go straight into the table may do so ahead of their turn only if none of those batches has one of their keys:
// otherwise the one in its turn would wait for the other.
type KeyWindow struct {
	filling keySet
	sent    []sentKeys
	// waiting are keys of the batch that have not been looked up yet.
	waiting []uint64
	// shared is true when the batch has a key of one before it, Twice when it has one of its own again.
	shared, Twice bool
	// all are the keys of every batch before it, nil where they are not kept. known is true when it has one of them.
	all   *keySet
	known bool
}

const (
	// mostKept is how many keys of a run are kept, in 8 MB.
	mostKept = 3 << 18
	// mostBefore is how many keys there may be for each one of a batch: to see whether the rows of the run are the only
	// ones in a table takes reading all of them.
	mostBefore = 32
)

// Keep keeps the keys of all batches from now on.
func (r *KeyWindow) Keep() { r.all, r.known = &keySet{}, false }

// Forget keeps the keys of earlier batches no more: those that come have other hashes.
func (r *KeyWindow) Forget() { r.all = nil }

// New reports whether no batch before the one that is filled had one of its keys, if that is known and of use.
func (r *KeyWindow) New() bool {
	return r.all != nil && !r.known && !r.Twice && r.all.used <= mostBefore*r.filling.used
}

// sentKeys are a batch's keys: all of them if it went straight into the table.
type sentKeys struct {
	keys   keySet
	direct bool
}

// lookUpAtOnce is how many keys wait to be looked up together. The sets are larger than a processor's nearest caches:
// between two records every one of these would be waited for, in a loop they are fetched side by side.
const lookUpAtOnce = 128

// Add takes a key of the batch that is filled. look is set while that may go straight into the table.
func (r *KeyWindow) Add(hash uint64, look bool) {
	r.waiting = append(r.waiting, hash)
	if len(r.waiting) == lookUpAtOnce {
		r.LookUp(look)
	}
}

// LookUp looks up the keys that wait.
func (r *KeyWindow) LookUp(look bool) {
	if !look {
		r.all = nil
	}
	before := r.all != nil && r.all.hasAny(r.waiting)
	r.known = r.known || before
	if look && !r.shared && (before || r.all == nil) { // otherwise no batch has one of them
		r.shared = slices.ContainsFunc(r.sent, func(s sentKeys) bool { return s.keys.hasAny(r.waiting) })
	}
	r.Twice = r.filling.add(r.waiting) || r.Twice
	r.waiting = r.waiting[:0]
}

// Independent reports whether every batch before the one that is filled went straight into the table, and none has a
// key of it.
func (r *KeyWindow) Independent() bool {
	return !r.shared && !slices.ContainsFunc(r.sent, func(s sentKeys) bool { return !s.direct })
}

// Send begins the next batch. The keys of as many before it as may be under way are kept.
func (r *KeyWindow) Send(direct bool, keep int) {
	if r.all != nil && r.all.used+r.filling.used > mostKept {
		r.all = nil
	}
	if r.all != nil {
		r.all.addSet(&r.filling)
	}
	r.sent = slices.Insert(r.sent, 0, sentKeys{keys: r.filling, direct: direct})
	r.filling, r.shared, r.Twice, r.known = keySet{}, false, false, false
	if len(r.sent) > keep {
		r.filling = r.sent[keep].keys
		r.filling.reset()
		r.sent = r.sent[:keep]
	}
}
