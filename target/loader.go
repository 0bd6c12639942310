package target

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"target-postgres/connect"
)

// loader owns the connection. It runs jobs one after the other in a goroutine of its own, so that the input is read while
// the database works, and answers a lost connection or a deadlock by running the job again.
type loader struct {
	connector *connect.Connector
	log       *slog.Logger
	// retryFor bounds the time for which one job is tried again.
	retryFor time.Duration
	// failed is called once, when a job has failed for good.
	failed func()

	jobs chan job
	done chan struct{}
	conn *pgx.Conn

	mu  sync.Mutex
	err error
}

// job is one piece of work for the database. Jobs run in the order in which they were given; once one has failed the
// others are not run.
type job struct {
	// run may be called several times: whatever it did is rolled back when it returns an error.
	run func(ctx context.Context, conn *pgx.Conn) error
	// done is called with the outcome, also when the job was not run at all. It may be nil.
	done func(error)
}

// newLoader starts the goroutine. It connects when the first job comes. One job may wait while another runs: that is what
// bounds the memory.
func newLoader(ctx context.Context, connector *connect.Connector, retryFor time.Duration, log *slog.Logger, failed func()) *loader {
	l := &loader{
		connector: connector, log: log, retryFor: retryFor, failed: failed,
		jobs: make(chan job), done: make(chan struct{}),
	}
	go l.work(ctx)
	return l
}

// submit hands over a job and returns once the one before it has begun. The error is that of an earlier job.
func (l *loader) submit(j job) error {
	if err := l.failure(); err != nil {
		return err
	}
	l.jobs <- j
	return nil
}

// do runs a job and waits for it.
func (l *loader) do(run func(ctx context.Context, conn *pgx.Conn) error) error {
	finished := make(chan error, 1)
	if err := l.submit(job{run: run, done: func(err error) { finished <- err }}); err != nil {
		return err
	}
	return <-finished
}

// drain waits for every job that was submitted.
func (l *loader) drain() error {
	return l.do(func(context.Context, *pgx.Conn) error { return nil })
}

// close waits for the jobs and closes the connection.
func (l *loader) close() error {
	close(l.jobs)
	<-l.done
	return l.failure()
}

func (l *loader) failure() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

func (l *loader) work(ctx context.Context) {
	defer close(l.done)
	for j := range l.jobs {
		err := l.failure()
		if err == nil {
			if err = l.attempt(ctx, j); err != nil {
				l.mu.Lock()
				l.err = err
				l.mu.Unlock()
				l.failed()
			}
		}
		if j.done != nil {
			j.done(err)
		}
	}
	l.disconnect()
}

// attempt runs a job until it succeeds, fails for a reason that trying again will not mend, or the time is up.
func (l *loader) attempt(ctx context.Context, j job) error {
	deadline := time.Now().Add(l.retryFor)
	for wait := 250 * time.Millisecond; ; wait = min(wait*2, 10*time.Second) {
		err := l.once(ctx, j)
		if err == nil || ctx.Err() != nil {
			return err
		}
		if l.conn != nil && l.conn.IsClosed() {
			l.disconnect()
		}
		if !transient(err) || time.Now().Add(wait).After(deadline) {
			return err
		}
		l.log.Warn("trying again", "after", wait.String(), "because", err.Error())
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (l *loader) once(ctx context.Context, j job) error {
	if l.conn == nil {
		conn, err := l.connector.Connect(ctx)
		if err != nil {
			return err
		}
		l.conn = conn
	}
	return j.run(ctx, l.conn)
}

// disconnect closes the connection politely, but does not wait long for a server that is gone.
func (l *loader) disconnect() {
	if l.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := l.conn.Close(ctx); err != nil {
		l.log.Debug("close the connection", "error", err.Error())
	}
	l.conn = nil
}

// transient says whether trying again may help.
func transient(err error) bool {
	if failed, ok := errors.AsType[*connect.Error](err); ok {
		return failed.Transient
	}
	return KindOf(err) == KindTransient
}
