package target

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5"

	"target-postgres/target/connect"
)

// remedy completes the hint of an error while the connection is there that met it, and returns the error.
type remedy func(ctx context.Context, conn *pgx.Conn, err error) error

// loader owns the connections. It runs jobs in goroutines of its own, so that the input is read while the database works,
// and answers a lost connection or a deadlock by running the job again. Jobs take effect one after the other, in the order
// in which they were given; what a job may do ahead of its turn it does on another connection meanwhile.
type loader struct {
	connector *connect.Connector
	log       *slog.Logger
	retry     retry
	remedy    remedy
	lookout   *lookout
	ending    *ending
	// abandon ends all jobs for a reason.
	abandon context.CancelCauseFunc
	// failed is called once, when a job has failed for good.
	failed func()

	jobs chan job
	done chan struct{}
	// expected says, once, that another job is likely to come before the first is over. asked is true from then on.
	expected chan struct{}
	asked    atomic.Bool
	// room has a place for every connection: that is what bounds the jobs under way, and with them the memory.
	room chan struct{}

	// underWay counts the flights, for those who do not want to wait for the lock.
	underWay atomic.Int32

	mu  sync.Mutex
	err error
	// idle are the connections that no job has, the last used one last.
	idle []*slot
	// flights are the jobs under way, in order.
	flights []*flight
	// alone is true once the server had no further connection, retrying while a job is tried again: no other goes ahead.
	alone, retrying bool
}

// job is one piece of work for the database. Once one has failed the others are not run.
type job struct {
	// ahead does what may be done before the jobs before this one have taken effect, in a transaction that it leaves open, or
	// commits once its turn has come. It may be nil.
	ahead func(ctx context.Context, conn *pgx.Conn, turn *turn) error
	// run does the rest, or everything unless ahead is done. It may be called several times: whatever it did is rolled
	// back when it returns an error. It is nil for a job that only waits for its turn.
	run func(ctx context.Context, conn *pgx.Conn, turn *turn) error
	// done is called with the outcome, also when the job was not run at all. It may be nil.
	done func(error)
	// contained is true for a job whose failure is told to whoever waits for it, and ends the run only if the connection is lost.
	contained bool
}

// turn is what a job is told about its turn.
type turn struct {
	// ahead is true when what may be done before is done.
	ahead bool
	// opened is to be called once the transaction is open. The next job may go ahead then.
	opened func()
	// wait returns when the turn has come, at once where it has. The error says that it will not come, or that it is over before.
	wait func(over <-chan struct{}) error
	// alone is to be called before another transaction is begun: it takes back what others have done ahead.
	alone func()
}

// newLoader starts the goroutines. A connection is made when a job needs one.
func newLoader(ctx context.Context, connector *connect.Connector, again retry, remedy remedy, connections int, ending *ending, log *slog.Logger, failed func()) *loader {
	l := &loader{
		connector: connector, log: log, retry: again, remedy: remedy, lookout: newLookout(connector, &ending.lock, log), ending: ending, failed: failed,
		jobs: make(chan job), done: make(chan struct{}), room: make(chan struct{}, connections), expected: make(chan struct{}, 1),
	}
	for range connections {
		l.idle = append(l.idle, &slot{connector: connector, log: log})
	}
	ctx, l.abandon = context.WithCancelCause(ctx)
	looking, looked := context.WithCancel(ctx)
	go l.lookout.run(looking)
	go l.endSoon(ctx)
	go func() {
		defer looked()
		l.work(ctx)
	}()
	return l
}

// submit hands over a job and returns once there is room for it. The error is that of an earlier job.
func (l *loader) submit(j job) error {
	if err := l.failure(); err != nil {
		return err
	}
	l.jobs <- j
	return nil
}

// do runs a job in its turn and waits for it. If it fails while the connection works, other jobs can still be done.
func (l *loader) do(run func(ctx context.Context, conn *pgx.Conn) error) error {
	finished := make(chan error, 1)
	err := l.submit(job{
		run: func(ctx context.Context, conn *pgx.Conn, _ *turn) error {
			err := run(ctx, conn)
			if err != nil && conn.PgConn().TxStatus() != 'I' {
				rollback(ctx, conn)
			}
			return err
		},
		done:      func(err error) { finished <- err },
		contained: true,
	})
	if err != nil {
		return err
	}
	return <-finished
}

// idles says whether no job is under way. Who asks has almost enough for one, and probably more to come: another connection is
// made meanwhile.
func (l *loader) idles() bool {
	if !l.asked.Load() && l.asked.CompareAndSwap(false, true) {
		l.expected <- struct{}{}
	}
	return l.underWay.Load() == 0
}

// drain waits for every job that was submitted. After a signal it needs no connection for that.
func (l *loader) drain() error {
	if l.ending.asks() {
		finished := make(chan error, 1)
		if err := l.submit(job{done: func(err error) { finished <- err }}); err != nil {
			return err
		}
		return <-finished
	}
	return l.do(func(context.Context, *pgx.Conn) error { return nil })
}

// close waits for the jobs and closes the connections.
func (l *loader) close() error {
	close(l.jobs)
	<-l.done
	return l.failure()
}

// failure returns the error that ended the run, nil as long as there is none. Any goroutine may call it.
func (l *loader) failure() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// fail keeps the error that ends the run.
func (l *loader) fail(err error) {
	l.mu.Lock()
	first := l.err == nil
	if first {
		l.err = err
		for _, f := range l.flights {
			f.recall() // nothing that was done ahead will count
		}
	}
	l.mu.Unlock()
	if first {
		l.failed()
	}
}

// work starts one job after the other, each as soon as there is a connection for it.
func (l *loader) work(ctx context.Context) {
	defer close(l.done)
	var last *flight
	for {
		l.room <- struct{}{}
		j, more := l.next(ctx)
		if !more {
			break
		}
		if j.ahead == nil {
			last.wait()
		}
		last = l.start(ctx, j, last)
	}
	last.wait()
	for _, s := range l.idle {
		s.disconnect()
	}
}

// next waits for a job.
func (l *loader) next(ctx context.Context) (j job, more bool) {
	for {
		select {
		case <-l.expected:
			l.prepare(ctx)
		case j, more = <-l.jobs:
			return j, more
		}
	}
}

// prepare has another connection made.
func (l *loader) prepare(ctx context.Context) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range slices.Backward(l.idle) {
		if s.conn == nil && !l.alone {
			s.prepare(ctx)
			return
		}
	}
}
