package target

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"target-postgres/protocol"
	"target-postgres/target/batch"
	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/pipeline"
)

// failures are the streams that failed in a run that goes on without them. The goroutine that reads the input adds to them,
// and so does the one that loads.
type failures struct {
	// some is true once there is one: until then a record costs no look at the others.
	some atomic.Bool

	mu     sync.Mutex
	failed map[protocol.Stream]streamFailure
	order  []protocol.Stream
	// since is where the first of them failed.
	since batch.Position
	// withheld is true once a STATE did not leave because of them.
	withheld atomic.Bool
}

// streamFailure is why and where a stream failed.
type streamFailure struct {
	// err is nil for a stream whose STATE is only held back.
	err error
	// rows is the position from which the stream's rows are left out, states the one from which its STATE is.
	rows, states batch.Position
}

// add takes a failure. The first one of a stream counts.
func (f *failures) add(id protocol.Stream, one streamFailure) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, twice := f.failed[id]; twice {
		return
	}
	if f.failed == nil {
		f.failed = map[protocol.Stream]streamFailure{}
	}
	if len(f.order) == 0 || one.states < f.since {
		f.since = one.states
	}
	f.failed[id] = one
	f.order = append(f.order, id)
	f.some.Store(true)
}

// of returns the failure of a stream.
func (f *failures) of(id protocol.Stream) (streamFailure, bool) {
	if !f.some.Load() {
		return streamFailure{}, false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	failed, is := f.failed[id]
	return failed, is
}

// allows reports whether a state may be emitted, and remembers whether one may not. One of a single stream says nothing about
// the others. Any other covers the rows of the streams that failed as soon as it comes after the first failure.
func (f *failures) allows(s state) bool {
	if !f.some.Load() {
		return true
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	allowed := s.where < f.since
	if s.scope == protocol.StateStream {
		failed, is := f.failed[s.stream]
		allowed = !is || s.where < failed.states
	}
	if !allowed {
		f.withheld.Store(true)
	}
	return allowed
}

// errors lists why streams failed, in the order in which they did.
func (f *failures) errors() []error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []error
	for _, id := range f.order {
		if err := f.failed[id].err; err != nil {
			all = append(all, err)
		}
	}
	return all
}

// StreamsError is the outcome of a run in which streams failed while the others were loaded to their end.
type StreamsError struct {
	// Failed says why each of them failed.
	Failed []error
	// End is what ended the run before the end of its input, nil if nothing did.
	End error
	// others says what became of the other streams, "" if there was none.
	others string
}

// Error names every stream that failed, and why. What ended the run comes first: it is no failure of a stream.
func (s *StreamsError) Error() string {
	reasons := make([]string, len(s.Failed))
	for i, err := range s.Failed {
		reasons[i] = err.Error()
	}
	text := strings.Join(reasons, "; ") + s.others
	switch {
	case len(s.Failed) > 1:
		text = fmt.Sprintf("%d streams failed: %s", len(s.Failed), text)
	case s.End != nil:
		text = "1 stream failed: " + text
	}
	if s.End != nil {
		text = s.End.Error() + "; " + text
	}
	return text
}

// Unwrap returns what ended the run, or the first failure.
func (s *StreamsError) Unwrap() error { return cmp.Or(s.End, s.Failed[0]) }

// othersOf says what became of the streams that did not fail. A stream may have rows that only a STATE after the failure covers.
func (t *Target) othersOf() string {
	loaded := 0
	var unfinished []string
	for _, one := range t.Summary(nil).Streams {
		switch {
		case one.Error != "" || one.Skipped:
		case one.outcome() == "loaded":
			loaded++
		default:
			unfinished = append(unfinished, strconv.Quote(one.Stream))
		}
	}
	switch {
	case len(unfinished) > 0:
		return "; not all records were loaded of: " + strings.Join(unfinished, ", ")
	case loaded > 1:
		return "; the other streams were loaded"
	case loaded == 1:
		return "; the other stream was loaded"
	}
	return ""
}

// goesOn reports whether an error of a stream is one that the other streams of a run need not suffer from.
func (k *Committer) goesOn(id protocol.Stream, err error) bool {
	of := k.config.ForStream(id)
	return of.OnStreamError == config.ContinueAfterStreamErrors && k.failed() == nil && !errors.Is(err, pipeline.ErrStopped) && !failure.OfServer(err)
}

// contain makes an error of one stream that stream's own where the setting on_stream_error asks for it.
func (t *Target) contain(m *protocol.Message, err error) error {
	e, ok := errors.AsType[*failure.Error](err)
	if !ok || m.Stream == (protocol.Stream{}) || e.Stream != m.Stream.String() {
		return err
	}
	s := t.streams[m.Stream]
	if s == nil {
		s = t.undescribed(m.Stream)
	}
	if !t.committer.goesOn(m.Stream, err) {
		return err
	}
	t.committer.fail(&s.view, batch.PositionOf(m.Line, t.recordOfLine), err)
	return nil
}

// undescribed registers a stream that failed before it had a table.
func (t *Target) undescribed(id protocol.Stream) *stream {
	s := newStream(&spec{id: id, name: id.String(), schema: &protocol.Schema{}}, t.now())
	t.streams[id], t.last = s, nil
	t.order = append(t.order, s)
	return s
}

// fail leaves out what comes of a stream from a position on.
func (k *Committer) fail(s *view, at batch.Position, err error) {
	k.failures.add(s.id, streamFailure{err: err, rows: at, states: min(at, s.promised())})
	if k.config.OnStreamError != config.ContinueAfterStreamErrors {
		return // the run is at its end, and its last line says it
	}
	k.log.Error("the stream failed", "stream", s.name, "because", err.Error())
}

// promised is the position from which a STATE says more than readers of the stream's table see, should the stream fail. The
// rows of a replace are not there before the input has ended.
func (s *view) promised() batch.Position {
	if s.swapsAtEnd() {
		return s.since
	}
	return batch.MaxPosition
}

// leaveOut counts a message of a stream that has failed.
func (t *Target) leaveOut(m *protocol.Message) {
	if s := t.find(m.Stream); s != nil && m.Kind == protocol.KindRecord {
		s.stats.read.Add(1)
		t.live.rows.Add(1)
	}
}

// withoutFailed drops what a checkpoint must not bring any more: the rows of streams that have failed, and the states that
// cover them. Rows that may only be committed together with such a state stay behind with it.
func (c *checkpoint) withoutFailed() {
	f := &c.committer.failures
	if !f.some.Load() {
		return
	}
	before := len(c.states)
	c.states = slices.DeleteFunc(slices.Clone(c.states), func(s state) bool { return !f.allows(s) })
	fewer := len(c.states) < before
	covered := batch.Position(-1)
	if n := len(c.states); n > 0 {
		covered = c.states[n-1].where
	}
	if fewer && covered < 0 {
		c.drains = nil
	}
	var loads []*load
	for _, l := range c.loads {
		until := batch.MaxPosition
		if fewer && c.committer.waits(l.stream) && !c.aside {
			until = covered
		}
		drop := func(i int) bool {
			failed, is := f.of(l.owner(i).id)
			return l.batch.RowsAt[i] >= until || (is && l.batch.RowsAt[i] >= failed.rows)
		}
		if !l.any(drop) {
			loads = append(loads, l)
		} else if kept := l.batch.Without(drop); kept.Rows() > 0 {
			loads = append(loads, l.with(kept))
		}
	}
	c.loads = loads
}

func (l *load) any(drop func(i int) bool) bool {
	for i := range l.batch.Rows() {
		if drop(i) {
			return true
		}
	}
	return false
}
