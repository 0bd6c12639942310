package target

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"
)

// flight is a job under way.
type flight struct {
	job  job
	slot *slot
	// before is closed when the job before it is over, nil for the first. It is not that job itself, which would keep all before
	// it in memory.
	before <-chan struct{}
	// opened is closed once the job has a transaction, beforeOpened is that of the job before it.
	opened, beforeOpened chan struct{}
	open                 func()
	// over is closed when the job has taken effect or failed.
	over chan struct{}
	// recall makes the job give up what it has done ahead, grounded is closed when it has.
	recall   context.CancelFunc
	grounded chan struct{}
}

// wait returns when the job is over. It may be nil: there is none.
func (f *flight) wait() {
	if f != nil {
		<-f.over
	}
}

// start sets a job going. Where no other is under way it has its turn at once.
func (l *loader) start(ctx context.Context, j job, before *flight) *flight {
	l.mu.Lock()
	defer l.mu.Unlock()
	last := len(l.idle) - 1
	f := &flight{
		job: j, slot: l.idle[last], opened: make(chan struct{}), over: make(chan struct{}), grounded: make(chan struct{}),
	}
	f.open = sync.OnceFunc(func() { close(f.opened) })
	l.idle = l.idle[:last]
	if before != nil {
		f.before, f.beforeOpened = before.over, before.opened
	}
	ahead := j.ahead != nil && len(l.flights) > 0 && !l.alone && !l.retrying
	l.flights = append(l.flights, f)
	l.underWay.Add(1)
	early, recall := context.WithCancel(ctx)
	f.recall = recall
	go l.fly(ctx, early, f, ahead)
	return f
}

// fly takes a job to its end: what may be done ahead of its turn, and in its turn the rest.
func (l *loader) fly(ctx, early context.Context, f *flight, ahead bool) {
	defer f.recall()
	if ahead {
		ahead = l.goAhead(ctx, early, f)
	}
	if ahead {
		select {
		case <-f.before:
		case <-early.Done():
			rollback(ctx, f.slot.conn)
			ahead = false
		}
	}
	if !ahead {
		close(f.grounded)
	}
	if f.before != nil {
		<-f.before
	}
	err := l.failure()
	if err == nil {
		if !ahead && isClosed(f.opened) {
			// It has had a transaction. Those behind it went ahead because of that, and may have what it needs for another one.
			l.groundOthers(f)
		}
		if err = l.attempt(ctx, f, ahead); err != nil && (!f.job.contained || lost(err)) {
			l.fail(err)
		}
	}
	l.land(f)
	if f.job.done != nil {
		f.job.done(err)
	}
	close(f.over)
	<-l.room
}

// goAhead does what may be done before the job's turn. Whatever goes wrong is left to the turn, in which everything is done
// again. The job before has its transaction first: a pooler that lends out few connections may have one left, and this job
// would keep it while it waits for that one.
func (l *loader) goAhead(ctx, early context.Context, f *flight) bool {
	select {
	case <-f.beforeOpened:
	case <-f.before:
		return false
	case <-early.Done():
		return false
	}
	conn, err := f.connectAhead(ctx, early)
	if stateOf(err) == tooManyConnections {
		l.mu.Lock()
		defer l.mu.Unlock()
		if !l.alone {
			l.log.Info("the server has no connection to spare: copying and merging by turns on one", "because", err.Error())
		}
		l.alone = true
	}
	if err != nil {
		return false
	}
	// Whoever recalls the job does not wait for what it is doing. Hanging up does that, too, through poolers that do not survive
	// a request to cancel (PgBouncer 1.18).
	hangUp := context.AfterFunc(early, func() { _ = conn.PgConn().Conn().Close() })
	w := l.lookout.watch(conn)
	err = f.job.ahead(ctx, conn, &turn{opened: f.open, wait: func(over <-chan struct{}) error { return l.waitFor(early, f, over) }})
	err = l.lookout.leave(w, err)
	if !hangUp() {
		f.slot.disconnect()
		return false
	}
	return err == nil
}

// waitFor returns when the turn of a job has come that goes ahead.
func (l *loader) waitFor(early context.Context, f *flight, over <-chan struct{}) error {
	select {
	case <-f.before:
		return l.failure()
	case <-early.Done():
		return context.Cause(early)
	case <-over:
		return errOver
	}
}

// tooManyConnections is the SQLSTATE of a server that takes no further connection.
const tooManyConnections = "53300"

// connectAhead returns the job's own connection, unless its turn comes first: then there is one that works, and its own is made
// for a job after it.
func (f *flight) connectAhead(ctx, early context.Context) (*pgx.Conn, error) {
	f.slot.prepare(ctx)
	if f.slot.coming == nil {
		return f.slot.conn, nil
	}
	select {
	case <-f.slot.coming.over:
		return f.slot.take()
	case <-f.before:
		return nil, errTurn
	case <-early.Done():
		return nil, context.Cause(early)
	}
}

// errTurn says that a job's turn has come.
var errTurn = errors.New("the job before is over")

// land gives back the connection.
func (l *loader) land(f *flight) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.idle = append(l.idle, f.slot)
	l.retrying = false
	l.underWay.Add(-1)
	l.flights = slices.DeleteFunc(l.flights, func(other *flight) bool { return other == f })
}

// useConnected exchanges a connection that is none for one that is: one that no job has, or that of a job whose turn comes
// later and which has done nothing ahead.
func (l *loader) useConnected(f *flight) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if f.slot.conn != nil {
		return
	}
	for i := range l.idle {
		if l.idle[i].conn != nil {
			f.slot, l.idle[i] = l.idle[i], f.slot
			return
		}
	}
	for _, other := range l.flights {
		if other != f && isClosed(other.grounded) && other.slot.conn != nil {
			f.slot, other.slot = other.slot, f.slot
			return
		}
	}
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// groundOthers makes every job behind f roll back what it has done ahead: f may be waiting for one of its rows, which the
// server cannot know to be behind f. Nor do they keep a connection that nobody uses yet: it may be the only one that f can have.
func (l *loader) groundOthers(f *flight) {
	l.mu.Lock()
	l.retrying = true
	others := slices.DeleteFunc(slices.Clone(l.flights), func(other *flight) bool { return other == f })
	l.mu.Unlock()
	for _, other := range others {
		other.recall()
		<-other.grounded
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.idle {
		s.giveUp()
	}
	for _, other := range others {
		other.slot.giveUp()
	}
}
