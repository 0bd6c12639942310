package target

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"target-postgres/target/connect"
)

// retry says for how long a job is tried again.
type retry struct {
	// lost is for what was reached once, first for the very first connection.
	lost, first time.Duration
}

// retryOf is what the settings say.
func retryOf(c *Config) retry {
	return retry{
		lost:  time.Duration(c.MaxRetrySeconds) * time.Second,
		first: time.Duration(min(c.FirstConnectionSeconds, c.MaxRetrySeconds)) * time.Second,
	}
}

// leastAttempt is what an attempt to connect again is given even where the time for trying again is nearly over.
const leastAttempt = 5 * time.Second

// attempt runs a job until it succeeds, fails for a reason that trying again will not mend, or the time is up.
func (l *loader) attempt(ctx context.Context, f *flight, ahead bool) error {
	if f.job.run == nil {
		return nil
	}
	began := time.Now()
	var before error // of the attempt before
	for wait := 250 * time.Millisecond; ; wait = min(wait*2, 10*time.Second) {
		l.useConnected(f)
		conn, err := l.connect(ctx, f, began, before)
		if err == nil {
			err = l.runOn(ctx, f, conn, ahead)
		}
		ahead = false
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return stopped(ctx, err)
		case !transient(err):
			return err
		case l.ending.asks():
			return l.gaveUp(err)
		case time.Now().Add(wait).After(began.Add(l.patience())):
			return l.unreached(err)
		}
		before = err
		l.groundOthers(f)
		l.log.Warn("trying again", "after", wait.String(), "because", err.Error())
		if err := l.pause(ctx, wait, err); err != nil {
			return err
		}
	}
}

// runOn runs a job on its connection.
func (l *loader) runOn(ctx context.Context, f *flight, conn *pgx.Conn, ahead bool) error {
	w := l.lookout.watch(conn)
	err := f.job.run(ctx, conn, &turn{ahead: ahead, opened: f.open, wait: itHasCome, alone: func() { l.groundOthers(f) }})
	return l.remedy(ctx, conn, l.lookout.leave(w, err))
}

func itHasCome(<-chan struct{}) error { return nil }

// connect returns the job's connection, for which it waits no longer than trying again is allowed.
func (l *loader) connect(ctx context.Context, f *flight, began time.Time, before error) (*pgx.Conn, error) {
	defer l.ending.begin(connecting(l.connector))()
	until := began.Add(max(l.patience(), l.connector.Timeout()))
	if before != nil {
		until = began.Add(l.patience())
		if least := time.Now().Add(min(leastAttempt, l.connector.Timeout())); until.Before(least) {
			until = least
		}
	}
	conn, err := f.slot.connect(ctx, until)
	if errors.Is(err, errTooLate) && before != nil {
		return nil, before
	}
	return conn, err
}

// patience is how long a job may be tried again now.
func (l *loader) patience() time.Duration {
	if l.connector.Reached() {
		return l.retry.lost
	}
	return l.retry.first
}

// unreached adds to the error of a first connection that it was the first.
func (l *loader) unreached(err error) error {
	var failed *connect.Error
	if l.connector.Reached() || !errors.As(err, &failed) || l.retry.first == 0 {
		return err
	}
	return &Error{
		Kind: KindOf(err), Err: err,
		Hint: fmt.Sprintf("it was tried for %s; first_connection_seconds says how long the very first connection is waited for", l.retry.first),
	}
}

// pause waits before the next attempt, which a signal takes away.
func (l *loader) pause(ctx context.Context, wait time.Duration, because error) error {
	defer l.ending.begin("waiting to try again")()
	select {
	case <-time.After(wait):
		return nil
	case <-l.ending.asked:
		return l.gaveUp(because)
	case <-ctx.Done():
		return stopped(ctx, context.Cause(ctx))
	}
}

// stopped is the error of a job that was ended by its context.
func stopped(ctx context.Context, err error) error {
	if by, ok := errors.AsType[*StoppedError](context.Cause(ctx)); ok {
		return by
	}
	return err
}

// transient reports whether trying again may help.
func transient(err error) bool { return KindOf(err) == KindTransient }
