package ahead

import "sync/atomic"

// Rule is what the batches of a stream have shown so far. Its zero value lets them be copied ahead.
type Rule struct {
	makes   atomic.Bool
	early   atomic.Bool
	gaveWay atomic.Int32
	stopped atomic.Bool
}

// mostGivenWay is how often batches may give way in a table whose parts the server makes. The lock of a part that is
// made is no reason to give up, because the next batches may need none. Another reason is likely to come back.
const mostGivenWay = 3

// Copied notes whether a batch that was copied has had the server make a part of the table. Before the first batch it
// says whether that one is likely to.
func (r *Rule) Copied(made bool) {
	if made {
		r.early.Store(false)
	}
	r.makes.Store(made)
}

// MakeEarly notes that the parts of the table are made before the rows that need them are copied, until a batch shows
// that one was not.
func (r *Rule) MakeEarly() { r.early.Store(true) }

// Early reports whether parts are still made before their rows.
func (r *Rule) Early() bool { return r.early.Load() }

// Makes reports whether the next batch is likely to have the server make a part of the table, because the batch that
// was copied last did.
func (r *Rule) Makes() bool { return r.makes.Load() && !r.early.Load() }

// Stopped reports whether no batch is copied ahead any more.
func (r *Rule) Stopped() bool { return r.stopped.Load() }

// GaveWay notes that a batch was taken back because the one before it waited for a lock that it held. parts says that
// the server makes parts of the table. It reports whether this was the last batch that was copied ahead.
func (r *Rule) GaveWay(parts bool) (stops bool) {
	if parts && r.gaveWay.Add(1) < mostGivenWay {
		r.Copied(true)
		return false
	}
	return r.stopped.CompareAndSwap(false, true)
}
