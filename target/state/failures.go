package state

import (
	"sync"
	"sync/atomic"

	"target-postgres/protocol"
	"target-postgres/target/batch"
)

// Failures are the streams that failed in a run that goes on without them. The goroutine that reads the input adds to
// them, and so does the one that loads.
type Failures struct {
	// Some is true once there is one: until then a record costs no look at the others.
	Some atomic.Bool

	mu     sync.Mutex
	failed map[protocol.Stream]Failure
	order  []protocol.Stream
	// since is where the first of them failed.
	since batch.Position
	// Withheld is true once a STATE did not leave because of them.
	Withheld atomic.Bool
}

// Failure is why and where a stream failed.
type Failure struct {
	// Err is nil for a stream whose STATE is only held back.
	Err error
	// Rows is the position from which the stream's rows are left out, States the one from which its STATE is.
	Rows, States batch.Position
}

// Add takes a failure. The first one of a stream counts.
func (f *Failures) Add(id protocol.Stream, one Failure) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, twice := f.failed[id]; twice {
		return
	}
	if f.failed == nil {
		f.failed = map[protocol.Stream]Failure{}
	}
	if len(f.order) == 0 || one.States < f.since {
		f.since = one.States
	}
	f.failed[id] = one
	f.order = append(f.order, id)
	f.Some.Store(true)
}

// Of returns the failure of a stream, false if it has not failed.
func (f *Failures) Of(id protocol.Stream) (Failure, bool) {
	if !f.Some.Load() {
		return Failure{}, false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	failed, is := f.failed[id]
	return failed, is
}

// Has reports whether a stream has failed.
func (f *Failures) Has(id protocol.Stream) bool {
	_, failed := f.Of(id)
	return failed
}

// Allows reports whether a state may be emitted, and remembers whether one may not. One of a single stream says nothing
// about the others. Any other covers the rows of the streams that failed as soon as it comes after the first failure.
func (f *Failures) Allows(s Message) bool {
	if !f.Some.Load() {
		return true
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	allowed := s.Where < f.since
	if s.Scope == protocol.StateStream {
		failed, is := f.failed[s.Stream]
		allowed = !is || s.Where < failed.States
	}
	if !allowed {
		f.Withheld.Store(true)
	}
	return allowed
}

// Errors lists why streams failed, in the order in which they did.
func (f *Failures) Errors() []error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []error
	for _, id := range f.order {
		if err := f.failed[id].Err; err != nil {
			all = append(all, err)
		}
	}
	return all
}
