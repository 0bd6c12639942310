package pipeline

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"target-postgres/target/connect"
	"target-postgres/target/failure"
	"target-postgres/target/telemetry"
)

// Retry says for how long a task is tried again.
type Retry struct {
	// Lost is for what was reached once, First for the very first connection. 0 does not try again.
	Lost, First time.Duration
}

// leastAttempt is what an attempt to connect again is given even where the time for trying again is nearly over.
const leastAttempt = 5 * time.Second

// attempt runs a task until it succeeds, fails for a reason that trying again will not mend, or the time is up.
func (p *Pipeline) attempt(ctx context.Context, f *running, ahead bool) error {
	if f.task.Commit == nil {
		return nil
	}
	began, told := time.Now(), telemetry.From(ctx)
	var before error // of the attempt before
	for wait := 250 * time.Millisecond; ; wait = min(wait*2, 10*time.Second) {
		told.Attempt()
		p.useConnected(f)
		connected := p.Telemetry.Wait(told, "connection")
		conn, err := p.connect(ctx, f, began, before)
		connected()
		if err == nil {
			err = p.runOn(ctx, f, conn, ahead)
		}
		ahead = false
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return stopped(ctx, err)
		case !failure.Transient(err):
			return err
		case p.ending.Asks():
			return p.GaveUp(err)
		}
		left := time.Until(began.Add(p.patience()))
		if left <= 0 {
			return p.unreached(err, time.Since(began))
		}
		wait = min(wait, left) // the last attempt is made when the time is up
		before = err
		p.abortOthers(f)
		p.log.Warn("trying again", "after", wait.Round(time.Millisecond).String(), "because", err.Error())
		p.Telemetry.Retried(err)
		paused := p.Telemetry.Wait(told, "retry")
		if err := p.pause(ctx, wait, err); err != nil {
			return err
		}
		paused()
	}
}

// runOn runs a task on its connection.
func (p *Pipeline) runOn(ctx context.Context, f *running, conn *pgx.Conn, ahead bool) error {
	f.pid.Store(conn.PgConn().PID())
	w := p.watchdog.Watch(conn)
	err := f.task.Commit(ctx, conn, &Ticket{
		Prepared: ahead, Opened: f.open, HasCome: func() bool { return true }, Wait: itHasCome, AbortOthers: func() { p.abortOthers(f) },
	})
	return p.remedy(ctx, conn, p.watchdog.leave(w, err))
}

func itHasCome(<-chan struct{}) error { return nil }

// connect returns the task's connection, for which it waits no longer than trying again is allowed.
func (p *Pipeline) connect(ctx context.Context, f *running, began time.Time, before error) (*pgx.Conn, error) {
	defer p.ending.Begin(connecting(p.connector))()
	until := began.Add(max(p.patience(), p.connector.Timeout()))
	if before != nil {
		until = began.Add(p.patience())
		if least := time.Now().Add(min(leastAttempt, p.connector.Timeout())); until.Before(least) {
			until = least
		}
	}
	conn, err := f.session.connect(ctx, until)
	if errors.Is(err, errTooLate) && before != nil {
		return nil, before
	}
	return conn, err
}

// patience is how long a task may be tried again now.
func (p *Pipeline) patience() time.Duration {
	if p.connector.Reached() {
		return p.retry.Lost
	}
	return p.retry.First
}

// unreached adds to the error of a first connection that it was the first, and for how long it was tried.
func (p *Pipeline) unreached(err error, tried time.Duration) error {
	var failed *connect.Error
	if p.connector.Reached() || !errors.As(err, &failed) || p.retry.First == 0 {
		return err
	}
	return &failure.Error{
		Blame: failure.BlameOf(err), Err: err,
		Hint: fmt.Sprintf("it was tried for %s; to try the first connection for longer, raise first_connection_seconds",
			tried.Truncate(100*time.Millisecond)),
	}
}

// pause waits before the next attempt, which a signal takes away.
func (p *Pipeline) pause(ctx context.Context, wait time.Duration, because error) error {
	defer p.ending.Begin("waiting to try again")()
	select {
	case <-time.After(wait):
		return nil
	case <-p.ending.asked:
		return p.GaveUp(because)
	case <-ctx.Done():
		return stopped(ctx, context.Cause(ctx))
	}
}

// stopped is the error of a task that was ended by its context.
func stopped(ctx context.Context, err error) error {
	if by, ok := errors.AsType[*StoppedError](context.Cause(ctx)); ok {
		return by
	}
	return err
}
