package checkpoint

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"target-postgres/protocol"
	"target-postgres/target/batch"
	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/pipeline"
	"target-postgres/target/stream"
	"target-postgres/target/tablewrite"
)

// failures are the streams that failed in a run that goes on without them. The goroutine that reads the input adds to them,
// and so does the one that loads.
type failures struct {
	// some is true once there is one: until then a record costs no look at the others.
	some atomic.Bool

	mu     sync.Mutex
	failed map[protocol.Stream]StreamFailure
	order  []protocol.Stream
	// since is where the first of them failed.
	since batch.Position
	// Withheld is true once a STATE did not leave because of them.
	Withheld atomic.Bool
}

// StreamFailure is why and where a stream failed.
type StreamFailure struct {
	// Err is nil for a stream whose STATE is only held back.
	Err error
	// Rows is the position from which the stream's rows are left out, states the one from which its STATE is.
	Rows, States batch.Position
}

// Add takes a failure. The first one of a stream counts.
func (f *failures) Add(id protocol.Stream, one StreamFailure) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, twice := f.failed[id]; twice {
		return
	}
	if f.failed == nil {
		f.failed = map[protocol.Stream]StreamFailure{}
	}
	if len(f.order) == 0 || one.States < f.since {
		f.since = one.States
	}
	f.failed[id] = one
	f.order = append(f.order, id)
	f.some.Store(true)
}

// Of returns the failure of a stream.
func (f *failures) Of(id protocol.Stream) (StreamFailure, bool) {
	if !f.some.Load() {
		return StreamFailure{}, false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	failed, is := f.failed[id]
	return failed, is
}

// Has reports whether a stream has failed.
func (f *failures) Has(id protocol.Stream) bool {
	_, failed := f.Of(id)
	return failed
}

// Allows reports whether a state may be emitted, and remembers whether one may not. One of a single stream says nothing about
// the others. Any other covers the rows of the streams that failed as soon as it comes after the first failure.
func (f *failures) Allows(s State) bool {
	if !f.some.Load() {
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
func (f *failures) Errors() []error {
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

// GoesOn reports whether an error of a stream is one that the other streams of a run need not suffer from.
func (k *Committer) GoesOn(id protocol.Stream, err error) bool {
	of := k.config.ForStream(id)
	return of.OnStreamError == config.ContinueAfterStreamErrors && k.Failed() == nil && !errors.Is(err, pipeline.ErrStopped) && !failure.OfServer(err)
}

// Fail leaves out what comes of a stream from a position on.
func (k *Committer) Fail(s *stream.View, at batch.Position, err error) {
	k.Failures.Add(s.ID, StreamFailure{Err: err, Rows: at, States: min(at, s.Promised())})
	if of := k.config.ForStream(s.ID); of.OnStreamError != config.ContinueAfterStreamErrors {
		return // the run is at its end, and its last line says it
	}
	k.log.Error("the stream failed", "stream", s.Name, "because", err.Error())
}

// withoutFailed drops what a checkpoint must not bring any more: the rows of streams that have failed, and the states that
// cover them. Rows that may only be committed together with such a state stay behind with it.
func (c *Checkpoint) withoutFailed() {
	f := &c.Committer.Failures
	if !f.some.Load() {
		return
	}
	before := len(c.States)
	c.States = slices.DeleteFunc(slices.Clone(c.States), func(s State) bool { return !f.Allows(s) })
	fewer := len(c.States) < before
	covered := batch.Position(-1)
	if n := len(c.States); n > 0 {
		covered = c.States[n-1].Where
	}
	if fewer && covered < 0 {
		c.Drains = nil
	}
	var loads []*tablewrite.Write
	for _, l := range c.Loads {
		until := batch.MaxPosition
		if fewer && c.Committer.Waits(l.Stream) && !c.Aside {
			until = covered
		}
		drop := func(i int) bool {
			failed, is := f.Of(l.Owner(i).ID)
			return l.Batch.RowsAt[i] >= until || (is && l.Batch.RowsAt[i] >= failed.Rows)
		}
		if !l.Any(drop) {
			loads = append(loads, l)
		} else if kept := l.Batch.Without(drop); kept.Rows() > 0 {
			loads = append(loads, l.With(kept))
		}
	}
	c.Loads = loads
}
