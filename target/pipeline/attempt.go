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
	// Lost is for what was reached once, first for the very first connection.
	Lost, First time.Duration
}

// leastAttempt is what an attempt to connect again is given even where the time for trying again is nearly over.
const leastAttempt = 5 * time.Second

// attempt runs a task until it succeeds, fails for a reason that trying again will not mend, or the time is up.
func (l *Pipeline) attempt(ctx context.Context, f *running, ahead bool) error {
	if f.task.Commit == nil {
		return nil
	}
	began, told := time.Now(), telemetry.From(ctx)
	var before error // of the attempt before
	for wait := 250 * time.Millisecond; ; wait = min(wait*2, 10*time.Second) {
		told.Attempt()
		l.useConnected(f)
		connected := l.Telemetry.Wait(told, "connection")
		conn, err := l.connect(ctx, f, began, before)
		connected()
		if err == nil {
			err = l.runOn(ctx, f, conn, ahead)
		}
		ahead = false
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return stopped(ctx, err)
		case !failure.Transient(err):
			return err
		case l.ending.Asks():
			return l.GaveUp(err)
		}
		left := time.Until(began.Add(l.patience()))
		if left <= 0 {
			return l.unreached(err, time.Since(began))
		}
		wait = min(wait, left) // the last attempt is made when the time is up
		before = err
		l.abortOthers(f)
		l.log.Warn("trying again", "after", wait.Round(time.Millisecond).String(), "because", err.Error())
		l.Telemetry.Retried(err)
		paused := l.Telemetry.Wait(told, "retry")
		if err := l.pause(ctx, wait, err); err != nil {
			return err
		}
		paused()
	}
}

// runOn runs a task on its connection.
func (l *Pipeline) runOn(ctx context.Context, f *running, conn *pgx.Conn, ahead bool) error {
	f.pid.Store(conn.PgConn().PID())
	w := l.watchdog.Watch(conn)
	err := f.task.Commit(ctx, conn, &Ticket{Prepared: ahead, Opened: f.open, Wait: itHasCome, AbortOthers: func() { l.abortOthers(f) }})
	return l.remedy(ctx, conn, l.watchdog.leave(w, err))
}

func itHasCome(<-chan struct{}) error { return nil }

// connect returns the task's connection, for which it waits no longer than trying again is allowed.
func (l *Pipeline) connect(ctx context.Context, f *running, began time.Time, before error) (*pgx.Conn, error) {
	defer l.ending.Begin(connecting(l.connector))()
	until := began.Add(max(l.patience(), l.connector.Timeout()))
	if before != nil {
		until = began.Add(l.patience())
		if least := time.Now().Add(min(leastAttempt, l.connector.Timeout())); until.Before(least) {
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
func (l *Pipeline) patience() time.Duration {
	if l.connector.Reached() {
		return l.retry.Lost
	}
	return l.retry.First
}

// unreached adds to the error of a first connection that it was the first, and for how long it was tried.
func (l *Pipeline) unreached(err error, tried time.Duration) error {
	var failed *connect.Error
	if l.connector.Reached() || !errors.As(err, &failed) || l.retry.First == 0 {
		return err
	}
	return &failure.Error{
		Blame: failure.BlameOf(err), Err: err,
		Hint: fmt.Sprintf("it was tried for %s; first_connection_seconds says how long the very first connection is waited for",
			tried.Truncate(100*time.Millisecond)),
	}
}

// pause waits before the next attempt, which a signal takes away.
func (l *Pipeline) pause(ctx context.Context, wait time.Duration, because error) error {
	defer l.ending.Begin("waiting to try again")()
	select {
	case <-time.After(wait):
		return nil
	case <-l.ending.asked:
		return l.GaveUp(because)
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
