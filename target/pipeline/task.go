package pipeline

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"

	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
)

// running is a task under way. Its own goroutine works on it. Others close and read its channels, and call abort; the
// pipeline's lock guards session.
type running struct {
	task    Task
	session *session
	// prevDone is closed when the task before it is over, nil for the first. It is not that task itself, which would
	// keep all before it in memory.
	prevDone <-chan struct{}
	// opened is closed once the task has a transaction, prevOpened is that of the task before it.
	opened, prevOpened chan struct{}
	open               func()
	// finished is closed when the task has taken effect or failed.
	finished chan struct{}
	// abort makes the task give up the work that it has done ahead, aborted is closed when it has.
	abort   context.CancelFunc
	aborted chan struct{}
	// pid is the server's process that works for the task, 0 before there is one.
	pid atomic.Uint32
}

// wait returns when the task is over. It may be nil: there is none.
func (f *running) wait() {
	if f != nil {
		<-f.finished
	}
}

// start sets a task going. Where no other is under way it has its turn at once.
func (p *Pipeline) start(ctx context.Context, j Task, before *running) *running {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.idle) - 1
	f := &running{
		task: j, session: p.idle[last], opened: make(chan struct{}), finished: make(chan struct{}), aborted: make(chan struct{}),
	}
	f.open = sync.OnceFunc(func() { close(f.opened) })
	p.idle = p.idle[:last]
	if before != nil {
		f.prevDone, f.prevOpened = before.finished, before.opened
	}
	ahead := j.Prepare != nil && len(p.tasks) > 0 && !p.singleConn && !p.retrying
	p.tasks = append(p.tasks, f)
	p.UnderWay.Add(1)
	early, abort := context.WithCancel(ctx)
	f.abort = abort
	go p.run(ctx, early, f, ahead)
	return f
}

// run takes a task to its end: what may be done ahead of its turn, and in its turn the rest.
func (p *Pipeline) run(ctx, early context.Context, f *running, ahead bool) {
	defer f.abort()
	told := p.Telemetry.Task(f.task.Name)
	ctx = told.With(ctx)
	if ahead {
		ahead = p.prepare(ctx, early, f)
	}
	turn := p.Telemetry.Wait(told, "turn")
	if ahead {
		select {
		case <-f.prevDone:
		case <-early.Done():
			pgtx.Rollback(ctx, f.session.conn)
			ahead = false
		}
	}
	if !ahead {
		close(f.aborted)
	}
	if f.prevDone != nil {
		<-f.prevDone
	}
	turn()
	err := p.Failure()
	if err == nil {
		if !ahead && isClosed(f.opened) {
			// It has had a transaction. Those behind it went ahead because of that, and may have what it needs for
			// another one.
			p.abortOthers(f)
		}
		if err = p.attempt(ctx, f, ahead); err != nil && (!f.task.Contained || failure.ConnectionLost(err)) {
			p.fail(err)
		}
	}
	told.End(err)
	p.release(f)
	if f.task.Done != nil {
		f.task.Done(err)
	}
	close(f.finished)
	<-p.room
}

// prepare does what may be done before the task's turn. If that goes wrong, everything is done again in the turn. The
// task before has its transaction first: a pooler that lends out few connections may have one left, and this task would
// keep it while it waits for that one.
func (p *Pipeline) prepare(ctx, early context.Context, f *running) bool {
	select {
	case <-f.prevOpened:
	case <-f.prevDone:
		return false
	case <-early.Done():
		return false
	}
	conn, err := f.connectEarly(ctx, early)
	if failure.SQLState(err) == pgerrcode.TooManyConnections {
		p.mu.Lock()
		defer p.mu.Unlock()
		if !p.singleConn {
			p.log.Info("no second connection is available: copying and merging take turns on one", "because", err.Error())
		}
		p.singleConn = true
	}
	if err != nil {
		return false
	}
	// A task that is aborted stops at once. Hanging up achieves that also through poolers that do not survive a request
	// to cancel (PgBouncer 1.18).
	hangUp := context.AfterFunc(early, func() { _ = conn.PgConn().Conn().Close() })
	f.pid.Store(conn.PgConn().PID())
	w := p.watchdog.Watch(conn)
	err = f.task.Prepare(ctx, conn, &Ticket{
		Opened: f.open, HasCome: func() bool { return isClosed(f.prevDone) },
		Wait: func(over <-chan struct{}) error { return p.waitFor(early, f, over) },
	})
	err = p.watchdog.leave(w, err)
	if !hangUp() {
		f.session.disconnect()
		return false
	}
	return err == nil
}

// waitFor returns when the turn of a task has come that goes ahead.
func (p *Pipeline) waitFor(early context.Context, f *running, over <-chan struct{}) error {
	select {
	case <-f.prevDone:
		return p.Failure()
	case <-early.Done():
		return context.Cause(early)
	case <-over:
		return ErrOver
	}
}

// connectEarly returns the task's own connection, unless its turn comes first: then there is one that works, and its
// own is made for a task after it.
func (f *running) connectEarly(ctx, early context.Context) (*pgx.Conn, error) {
	f.session.startDial(ctx)
	if f.session.dial == nil {
		return f.session.conn, nil
	}
	select {
	case <-f.session.dial.over:
		return f.session.take()
	case <-f.prevDone:
		return nil, errTurn
	case <-early.Done():
		return nil, context.Cause(early)
	}
}

// errTurn says that a task's turn has come.
var errTurn = errors.New("the task before is over")

// release gives back the connection.
func (p *Pipeline) release(f *running) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, f.session)
	p.retrying = false
	p.UnderWay.Add(-1)
	p.tasks = slices.DeleteFunc(p.tasks, func(other *running) bool { return other == f })
}

// useConnected exchanges a connection that is none for one that is: one that no task has, or that of a task whose turn
// comes later and which has done nothing ahead.
func (p *Pipeline) useConnected(f *running) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if f.session.conn != nil {
		return
	}
	for i := range p.idle {
		if p.idle[i].conn != nil {
			f.session, p.idle[i] = p.idle[i], f.session
			return
		}
	}
	for _, other := range p.tasks {
		if other != f && isClosed(other.aborted) && other.session.conn != nil {
			f.session, other.session = other.session, f.session
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

// abortOthers makes every task behind f roll back what it has done ahead: f may be waiting for one of its rows, which
// the server cannot know to be behind f. Nor do they keep an unused connection: it may be the only one that f can
// have.
func (p *Pipeline) abortOthers(f *running) {
	p.mu.Lock()
	p.retrying = true
	others := slices.DeleteFunc(slices.Clone(p.tasks), func(other *running) bool { return other == f })
	p.mu.Unlock()
	for _, other := range others {
		other.abort()
		<-other.aborted
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.idle {
		s.cancelDial()
	}
	for _, other := range others {
		other.session.cancelDial()
	}
}

// ErrOver ends a COPY whose transaction is not to be committed any more.
var ErrOver = errors.New("nothing is sent any more")
