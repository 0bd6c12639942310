package target

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

// StoppedError is what Run returns after Stop when something did not come in time: a server, a lock, a reader of the output. What was
// not committed is rolled back, and no STATE speaks of it. It is an [ErrStopped], too.
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

// After a signal a wait is given up after waitAfterStop, and cut off if that does not end it within cutAfterStop: two seconds
// together, with some to spare. While the database gets on with a commit it may take workAfterStop, less than what containers are
// given before they are killed (10 s for Docker).
const (
	waitAfterStop = time.Second
	cutAfterStop  = 400 * time.Millisecond
	lateAfterStop = 200 * time.Millisecond
	workAfterStop = 8 * time.Second
	lookAfterStop = 150 * time.Millisecond
)

// ending is how a run ends when it is told to stop.
type ending struct {
	// asked is closed by Stop, late when the run did not end by itself in time.
	asked, late chan struct{}
	stop        func()
	// doing is what the run waits for now, lock who keeps a lock from it; nil where it does not wait for such a thing.
	doing, lock atomic.Pointer[string]
}

// newEnding returns the end of a run that nobody has asked to stop.
func newEnding() *ending {
	e := &ending{asked: make(chan struct{}), late: make(chan struct{})}
	e.stop = sync.OnceFunc(func() { close(e.asked) })
	return e
}

// asks reports whether Stop was called.
func (e *ending) asks() bool { return isClosed(e.asked) }

// begin notes what the run waits for, until what it returns is called.
func (e *ending) begin(doing string) (end func()) {
	e.doing.Store(&doing)
	return func() { e.doing.CompareAndSwap(&doing, nil) }
}

// waitsFor is what the run waits for, in words, "" while the database works.
func (e *ending) waitsFor() string {
	for _, waiting := range []*string{e.lock.Load(), e.doing.Load()} {
		if waiting != nil {
			return *waiting
		}
	}
	return ""
}

// endSoon bounds what is still done after Stop. It returns when the jobs are over.
func (l *loader) endSoon(ctx context.Context) {
	select {
	case <-l.ending.asked:
	case <-l.done:
		return
	}
	var worked atomic.Int64
	asking, cancel := context.WithCancel(ctx)
	defer cancel()
	go l.lookout.askAgain(asking, func() { worked.Store(time.Now().UnixNano()) })
	ticker := time.NewTicker(lookAfterStop / 3)
	defer ticker.Stop()
	for began, over := time.Now(), false; !over; {
		select {
		case <-l.done:
			return
		case now := <-ticker.C:
			last := began
			if at := time.Unix(0, worked.Load()); at.After(last) {
				last = at
			}
			over = now.Sub(last) >= waitAfterStop || now.Sub(began) >= workAfterStop
		}
	}
	l.abandon(l.gaveUp(nil))
	if l.overWithin(cutAfterStop) {
		return
	}
	l.lookout.closeAll()
	if !l.overWithin(lateAfterStop) {
		close(l.ending.late)
	}
}

// overWithin reports whether the jobs are over within some time.
func (l *loader) overWithin(d time.Duration) bool {
	select {
	case <-l.done:
		return true
	case <-time.After(d):
		return false
	}
}

// gaveUp is the error of a run that was told to stop while it waited.
func (l *loader) gaveUp(cause error) *StoppedError {
	while := l.ending.waitsFor()
	if while == "" {
		while = "the database was not finished"
	}
	return &StoppedError{While: while, Err: cause}
}

// Doing says in words what the run is waiting for or working on, from any goroutine.
func (t *Target) Doing() string {
	if doing := t.ending.waitsFor(); doing != "" {
		return doing
	}
	return "committing what was read"
}

// connecting is what a run does that has no connection.
func connecting(connector *connect.Connector) string {
	return fmt.Sprintf("connecting to %s", connector)
}

// askAgain asks what the sessions are doing until the context ends, and calls working whenever one gets on.
func (o *lookout) askAgain(ctx context.Context, working func()) {
	conn, err := o.connector.Connect(ctx)
	if err != nil {
		return
	}
	defer hangUp(conn)
	for {
		sessions := o.current()
		if len(sessions) > 0 {
			reports, err := inspect(ctx, conn, pidsOf(sessions))
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
