package pipeline

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"target-postgres/target/connect"
	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
	"target-postgres/target/telemetry"
)

// Remedy completes the hint of an error while the connection is there that met it, and returns the error.
type Remedy func(ctx context.Context, conn *pgx.Conn, err error) error

// Pipeline owns the connections. It runs tasks in goroutines of its own, so that the input is read while the database
// works, and answers a lost connection or a deadlock by running the task again. Tasks take effect one after the other,
// in the order in which they were given; what a task may do ahead of its turn it does on another connection meanwhile.
type Pipeline struct {
	connector *connect.Connector
	log       *slog.Logger
	retry     Retry
	remedy    Remedy
	watchdog  *Watchdog
	ending    *Ending
	// abandon ends all tasks for a reason.
	abandon context.CancelCauseFunc
	// failed is called once, when a task has failed for good.
	failed func()
	// Telemetry is told what the tasks do. It may be nil, and is set before the first task.
	Telemetry *telemetry.Run

	queue chan Task
	done  chan struct{}
	// expected says, once, that another task is likely to come before the first is over. asked is true from then on.
	expected chan struct{}
	asked    atomic.Bool
	// room has a place for every connection: that is what bounds the tasks under way, and with them the memory.
	room chan struct{}

	// UnderWay counts the tasks, for those who do not want to wait for the lock.
	UnderWay atomic.Int32

	mu  sync.Mutex
	err error
	// idle are the connections that no task has, the last used one last.
	idle []*session
	// tasks are the tasks under way, in order.
	tasks []*running
	// singleConn is true once the server had no further connection, retrying while a task is tried again: no other goes
	// ahead.
	singleConn, retrying bool
}

// Task is one piece of work for the database. Once one has failed the others are not run.
type Task struct {
	// Name is what telemetry calls the task, "" for one that it is not told about.
	Name string
	// Prepare does what may be done before the tasks before this one have taken effect, in a transaction that it leaves
	// open, or commits once its turn has come. It may be nil.
	Prepare func(ctx context.Context, conn *pgx.Conn, turn *Ticket) error
	// Commit does the rest, or everything unless Prepare was done. It may be called several times: its work is
	// rolled back when it returns an error. It is nil for a task that only waits for its turn.
	Commit func(ctx context.Context, conn *pgx.Conn, turn *Ticket) error
	// WritesAhead says that Prepare writes where tasks before it may write as well. GaveWay is called when it is taken
	// back because one of these waits for it. It may be nil.
	WritesAhead bool
	GaveWay     func()
	// Done is called with the outcome, also when the task was not run at all. It may be nil.
	Done func(error)
	// Contained is true for a task whose failure only the function that waits for it gets, and which ends the run only
	// if the connection is lost.
	Contained bool
}

// Ticket is what a task is told about its turn.
type Ticket struct {
	// Prepared is true when what may be done before is done.
	Prepared bool
	// Opened is to be called once the transaction is open. The next task may go ahead then.
	Opened func()
	// HasCome reports whether the turn has come.
	HasCome func() bool
	// Wait returns when the turn has come, at once where it has. The error says that it will not come, or that it is
	// over before.
	Wait func(over <-chan struct{}) error
	// AbortOthers is to be called before another transaction is begun: it takes back what others have done ahead.
	AbortOthers func()
}

// New starts the goroutines. A connection is made when a task needs one.
func New(ctx context.Context, connector *connect.Connector, again Retry, remedy Remedy, connections int, ending *Ending, log *slog.Logger, failed func()) *Pipeline {
	p := newPipeline(connector, again, remedy, connections, ending, log, failed)
	p.begin(ctx)
	return p
}

func newPipeline(connector *connect.Connector, again Retry, remedy Remedy, connections int, ending *Ending, log *slog.Logger, failed func()) *Pipeline {
	p := &Pipeline{
		connector: connector, log: log, retry: again, remedy: remedy, watchdog: NewWatchdog(connector, &ending.Lock, log), ending: ending, failed: failed,
		queue: make(chan Task), done: make(chan struct{}), room: make(chan struct{}, connections), expected: make(chan struct{}, 1),
	}
	for range connections {
		p.idle = append(p.idle, &session{connector: connector, log: log})
	}
	p.watchdog.own, p.watchdog.writesAhead, p.watchdog.giveWay = p.pids, p.writesAhead, p.giveWay
	return p
}

// begin starts the goroutines.
func (p *Pipeline) begin(ctx context.Context) {
	ctx, p.abandon = context.WithCancelCause(ctx)
	looking, looked := context.WithCancel(ctx)
	go p.watchdog.Run(looking)
	go p.endSoon(ctx)
	go func() {
		defer looked()
		p.work(ctx)
	}()
}

// Submit hands over a task and returns once there is room for it. The error is that of an earlier task.
func (p *Pipeline) Submit(j Task) error {
	if err := p.Failure(); err != nil {
		return err
	}
	p.queue <- j
	return nil
}

// Do runs a task in its turn and waits for it. It returns the error of run, or that of an earlier task which ended the
// pipeline. If run fails while the connection works, other tasks can still be done.
func (p *Pipeline) Do(run func(ctx context.Context, conn *pgx.Conn) error) error {
	finished := make(chan error, 1)
	err := p.Submit(Task{
		Commit: func(ctx context.Context, conn *pgx.Conn, _ *Ticket) error {
			err := run(ctx, conn)
			if err != nil && conn.PgConn().TxStatus() != 'I' {
				pgtx.Rollback(ctx, conn)
			}
			return err
		},
		Done:      func(err error) { finished <- err },
		Contained: true,
	})
	if err != nil {
		return err
	}
	return <-finished
}

// Idles reports whether no task is under way. The caller has almost enough rows for one, and probably more to come:
// another connection is made meanwhile.
func (p *Pipeline) Idles() bool {
	if !p.asked.Load() && p.asked.CompareAndSwap(false, true) {
		p.expected <- struct{}{}
	}
	return p.UnderWay.Load() == 0
}

// HasRoom reports whether fewer tasks are under way than there are connections.
func (p *Pipeline) HasRoom() bool { return int(p.UnderWay.Load()) < cap(p.room) }

// TouchEvery is how long a server may say nothing while rows wait for it, and no task is under way. Rows may wait for
// batch_max_age, however long that is. A network that is silent is noticed within a minute all the same.
const TouchEvery = 10 * time.Second

// StayInTouch asks the server whether it is still there if it has said nothing for that long, no task is under way, and
// something waits that will be sent to it. The error is what ended the run.
func (p *Pipeline) StayInTouch(every time.Duration, waits func() bool) error {
	if p.UnderWay.Load() > 0 || p.watchdog.silence() < every || !waits() {
		return p.Failure()
	}
	return p.Submit(Task{Commit: func(ctx context.Context, conn *pgx.Conn, _ *Ticket) error {
		return failure.FromServer("", "ask whether the server is there", conn.Ping(ctx))
	}})
}

// Drain waits for every task that was submitted, and returns the error that ended the pipeline, nil for none. After a
// signal it needs no connection for that.
func (p *Pipeline) Drain() error {
	if p.ending.Asks() {
		finished := make(chan error, 1)
		if err := p.Submit(Task{Done: func(err error) { finished <- err }}); err != nil {
			return err
		}
		return <-finished
	}
	return p.Do(func(context.Context, *pgx.Conn) error { return nil })
}

// Close waits for the tasks and closes the connections.
func (p *Pipeline) Close() error {
	close(p.queue)
	<-p.done
	return p.Failure()
}

// Failure returns the error that ended the run, nil as long as there is none. Any goroutine may call it.
func (p *Pipeline) Failure() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// fail keeps the error that ends the run.
func (p *Pipeline) fail(err error) {
	p.mu.Lock()
	first := p.err == nil
	if first {
		p.err = err
		for _, f := range p.tasks {
			f.abort() // nothing that was done ahead will count
		}
	}
	p.mu.Unlock()
	if first {
		p.failed()
	}
}

// work starts one task after the other, each as soon as there is a connection for it.
func (p *Pipeline) work(ctx context.Context) {
	defer close(p.done)
	var last *running
	for {
		p.room <- struct{}{}
		j, more := p.next(ctx)
		if !more {
			break
		}
		if j.Prepare == nil {
			last.wait()
		}
		last = p.start(ctx, j, last)
	}
	last.wait()
	for _, s := range p.idle {
		s.disconnect()
	}
}

// next waits for a task.
func (p *Pipeline) next(ctx context.Context) (j Task, more bool) {
	for {
		select {
		case <-p.expected:
			p.dialAhead(ctx)
		case j, more = <-p.queue:
			return j, more
		}
	}
}

// dialAhead has another connection made.
func (p *Pipeline) dialAhead(ctx context.Context) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range slices.Backward(p.idle) {
		if s.conn == nil && !p.singleConn {
			s.startDial(ctx)
			return
		}
	}
}
