package pipeline

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"target-postgres/target/connect"
)

// ErrStopped is what Run returns after Stop when everything read so far was committed.
var ErrStopped = errors.New("stopped by a signal: what was read is committed and its STATE emitted")

// StoppedError is what Run returns after Stop when something did not come in time: a server, a lock, a reader of the
// output. Everything that was not committed is rolled back, and no STATE speaks of it. It is an [ErrStopped], too.
type StoppedError struct {
	// While is what the run was waiting for.
	While string
	// Err is what the server or the network said last, nil where that was nothing.
	Err error
}

// Error says what the run waited for and what became of the rows.
func (e *StoppedError) Error() string {
	text := "stopped by a signal while " + e.While
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text + "; what was not committed is rolled back, and the next run sends it again"
}

// Unwrap returns the cause.
func (e *StoppedError) Unwrap() error { return e.Err }

// Is reports that it is an [ErrStopped].
func (e *StoppedError) Is(err error) bool { return err == ErrStopped }

// After a signal a wait is given up after waitAfterStop, and cut off if that does not end it within cutAfterStop: two
// seconds together, with some to spare. While the database gets on with a commit it may take workAfterStop, less than
// what containers are given before they are killed (10 s for Docker).
const (
	waitAfterStop = time.Second
	cutAfterStop  = 400 * time.Millisecond
	lateAfterStop = 200 * time.Millisecond
	workAfterStop = 8 * time.Second
	lookAfterStop = 150 * time.Millisecond
)

// Ending is how a run ends when it is told to stop.
type Ending struct {
	// asked is closed by Stop, Late when the run did not end by itself in time.
	asked, Late chan struct{}
	// Stop tells the run to end. Any goroutine may call it, more than once.
	Stop func()
	// doing is what the run waits for now, Lock who keeps a lock from it; nil where it does not wait for such a thing.
	doing, Lock atomic.Pointer[string]
	// searches is how many searches for refused rows are under way.
	searches atomic.Int32
}

// NewEnding returns the end of a run that has not been asked to stop.
func NewEnding() *Ending {
	e := &Ending{asked: make(chan struct{}), Late: make(chan struct{})}
	e.Stop = sync.OnceFunc(func() { close(e.asked) })
	return e
}

// Asks reports whether Stop was called.
func (e *Ending) Asks() bool { return isClosed(e.asked) }

// Asked is closed by Stop.
func (e *Ending) Asked() <-chan struct{} { return e.asked }

// Begin notes what the run waits for, until what it returns is called.
func (e *Ending) Begin(doing string) (end func()) {
	e.doing.Store(&doing)
	return func() { e.doing.CompareAndSwap(&doing, nil) }
}

// Search notes that the run looks for rows that the server refuses, until what it returns is called. A search may take
// many times as long as a commit, and what it has found is lost unless it comes to its end. So a signal does not wait
// for it as for a commit.
func (e *Ending) Search() (end func()) {
	e.searches.Add(1)
	done := e.Begin("looking for the rows that the server refuses")
	return func() {
		done()
		e.searches.Add(-1)
	}
}

// WaitsFor is what the run waits for, in words, "" while the database works.
func (e *Ending) WaitsFor() string {
	for _, waiting := range []*string{e.Lock.Load(), e.doing.Load()} {
		if waiting != nil {
			return *waiting
		}
	}
	return ""
}

// endSoon bounds what is still done after Stop. It returns when the tasks are over.
func (p *Pipeline) endSoon(ctx context.Context) {
	select {
	case <-p.ending.asked:
	case <-p.done:
		return
	}
	var worked atomic.Int64
	asking, cancel := context.WithCancel(ctx)
	defer cancel()
	go p.watchdog.askAgain(asking, func() {
		if p.ending.searches.Load() == 0 {
			worked.Store(time.Now().UnixNano())
		}
	})
	ticker := time.NewTicker(lookAfterStop / 3)
	defer ticker.Stop()
	for began, over := time.Now(), false; !over; {
		select {
		case <-p.done:
			return
		case now := <-ticker.C:
			last := began
			if at := time.Unix(0, worked.Load()); at.After(last) {
				last = at
			}
			over = now.Sub(last) >= waitAfterStop || now.Sub(began) >= workAfterStop
		}
	}
	p.abandon(p.GaveUp(nil))
	if p.overWithin(cutAfterStop) {
		return
	}
	p.watchdog.closeAll()
	if !p.overWithin(lateAfterStop) {
		close(p.ending.Late)
	}
}

// overWithin reports whether the tasks are over within some time.
func (p *Pipeline) overWithin(d time.Duration) bool {
	select {
	case <-p.done:
		return true
	case <-time.After(d):
		return false
	}
}

// GaveUp is the error of a run that was told to stop while it waited.
func (p *Pipeline) GaveUp(cause error) *StoppedError {
	while := p.ending.WaitsFor()
	if while == "" {
		while = "the database was not finished"
	}
	return &StoppedError{While: while, Err: cause}
}

// connecting is what a run does that has no connection.
func connecting(connector *connect.Connector) string {
	return fmt.Sprintf("connecting to %s", connector)
}

// askAgain asks what the sessions are doing until the context ends, and calls working each time that one makes
// progress.
func (o *Watchdog) askAgain(ctx context.Context, working func()) {
	conn, err := o.connector.Connect(ctx)
	if err != nil {
		return
	}
	defer hangUp(conn)
	for {
		sessions := o.current()
		if len(sessions) > 0 {
			reports, err := inspect(ctx, conn, pidsOf(sessions), o.ours(sessions))
			if err != nil {
				return
			}
			o.heard(sessions, reports)
			for i := range reports {
				if reports[i].working() {
					working()
				}
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(lookAfterStop):
		}
	}
}
