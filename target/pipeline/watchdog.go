package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/target/connect"
	"target-postgres/target/failure"
)

// Watchdog watches the sessions that work for a run. Where the server has not answered one for some time, it asks on a
// connection of its own what that session is doing: whether it waits for a lock and who has it, or whether the session
// is gone. A server that is merely busy is never cut off.
type Watchdog struct {
	connector *connect.Connector
	log       *slog.Logger
	patience  patience
	// waiting is the lock that was last found to be waited for, nil for none.
	waiting *atomic.Pointer[string]

	// own are the sessions of this program, writesAhead reports whether one of them may be in the way of one before it,
	// which giveWay ends. Without a pipeline there is none.
	own         func() []uint32
	writesAhead func() bool
	giveWay     func(waiting, holder uint32)
	// conn is kept between looks while writesAhead.
	conn *pgx.Conn

	mu       sync.Mutex
	sessions []*Watched
	// answered is when the server last gave a sign of life.
	answered time.Time
}

// patience says how long the watchdog waits for what.
type patience struct {
	// first is how long a session may be silent before the first look, then the time until the next doubles up to
	// often.
	first, often time.Duration
	// ahead is the time between looks while a session may be in the way of another one of the program's.
	ahead time.Duration
	// answer bounds a look, silence is how long the server may answer nothing at all.
	answer, silence time.Duration
}

// usualPatience notices a silent network within a minute, at any point of a run.
var usualPatience = patience{
	first: 1500 * time.Millisecond, often: 8 * time.Second, ahead: 250 * time.Millisecond, answer: 8 * time.Second, silence: 30 * time.Second,
}

// Watched is a session that works.
type Watched struct {
	conn        *pgx.Conn
	since, next time.Time
	gap         time.Duration
	// looked is when it was looked at last, or began to work.
	looked time.Time
	// told is the pid of the lock's holder that the log has named, 0 before.
	told int
	// cut is why the connection was closed, nil when it was not.
	cut error
}

// NewWatchdog returns a watchdog without a session to watch. It writes to waiting who keeps a lock from a session.
func NewWatchdog(connector *connect.Connector, waiting *atomic.Pointer[string], log *slog.Logger) *Watchdog {
	return &Watchdog{
		connector: connector, log: log, waiting: waiting, patience: usualPatience, answered: time.Now(),
		own: func() []uint32 { return nil }, writesAhead: func() bool { return false }, giveWay: func(uint32, uint32) {},
	}
}

// Watch begins to watch a session.
func (o *Watchdog) Watch(conn *pgx.Conn) *Watched {
	now := time.Now()
	w := &Watched{conn: conn, since: now, looked: now, next: now.Add(o.patience.first), gap: o.patience.first}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sessions = append(o.sessions, w)
	return w
}

// leave ends the watch with the outcome of what the session did, which it returns: why the watchdog closed the
// connection, where it did.
func (o *Watchdog) leave(w *Watched, err error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sessions = slices.DeleteFunc(o.sessions, func(other *Watched) bool { return other == w })
	o.waiting.Store(nil)
	if err == nil {
		o.answered = time.Now()
		return nil
	}
	if w.cut != nil {
		return w.cut
	}
	return err
}

// Run looks again and again until the context ends.
func (o *Watchdog) Run(ctx context.Context) {
	every := o.patience.first / 3
	if o.patience.ahead > 0 {
		every = min(every, o.patience.ahead/2)
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	defer o.hangUp()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			if due := o.due(now); len(due) > 0 {
				o.look(ctx, due)
			}
		}
	}
}

// due returns the sessions that are to be looked at now.
func (o *Watchdog) due(now time.Time) []*Watched {
	ahead := o.patience.ahead > 0 && o.writesAhead()
	o.mu.Lock()
	defer o.mu.Unlock()
	var due []*Watched
	for _, w := range o.sessions {
		usual := !now.Before(w.next)
		if !usual && !(ahead && now.Sub(w.looked) >= o.patience.ahead) {
			continue
		}
		if usual {
			w.gap = min(2*w.gap, o.patience.often)
			w.next = now.Add(w.gap)
		}
		w.looked = now
		due = append(due, w)
	}
	return due
}

// look asks the server once about the sessions.
func (o *Watchdog) look(ctx context.Context, sessions []*Watched) {
	within, cancel := context.WithTimeout(ctx, o.patience.answer)
	defer cancel()
	reports, err := o.inspect(within, sessions)
	switch {
	case ctx.Err() != nil:
	case err == nil:
		o.heard(sessions, reports)
	case answered(err):
		o.sign()
	default:
		o.log.Debug("the server does not say what a session is doing", "error", err.Error())
		o.unheard(sessions, time.Now())
	}
}

// inspect asks about sessions. The connection is kept while there will be another question soon.
func (o *Watchdog) inspect(ctx context.Context, sessions []*Watched) (reports []report, err error) {
	if o.conn == nil || o.conn.IsClosed() {
		if o.conn, err = o.connector.Connect(ctx); err != nil {
			o.conn = nil
			return nil, err
		}
	}
	reports, err = inspect(ctx, o.conn, pidsOf(sessions), o.ours(sessions))
	if err != nil || !o.writesAhead() {
		_ = o.conn.Close(ctx)
		o.conn = nil
	}
	return reports, err
}

// hangUp ends the connection that is kept.
func (o *Watchdog) hangUp() {
	if o.conn != nil {
		hangUp(o.conn)
	}
}

// ours are the sessions of this program: those that work, and those that wait for their turn.
func (o *Watchdog) ours(working []*Watched) []uint32 {
	pids := pidsOf(working)
	for _, w := range o.current() {
		pids = append(pids, w.conn.PgConn().PID())
	}
	return append(pids, o.own()...)
}

// answered reports whether an error is an answer of the server, which then is there.
func answered(err error) bool {
	_, ok := errors.AsType[*pgconn.PgError](err)
	return ok
}

func pidsOf(sessions []*Watched) []uint32 {
	pids := make([]uint32, len(sessions))
	for i, w := range sessions {
		pids[i] = w.conn.PgConn().PID()
	}
	return pids
}

func (o *Watchdog) sign() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.answered = time.Now()
}

// silence is how long the server has said nothing.
func (o *Watchdog) silence() time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	return time.Since(o.answered)
}

// heard takes what the server says about sessions.
func (o *Watchdog) heard(sessions []*Watched, reports []report) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.answered = time.Now()
	for _, w := range sessions {
		if !slices.Contains(o.sessions, w) {
			continue // it has ended meanwhile
		}
		for i := range reports {
			if reports[i].pid == w.conn.PgConn().PID() {
				o.judge(w, &reports[i])
			}
		}
	}
}

// judge logs what a session waits for, and closes one that is no longer spoken to. The caller has the lock.
func (o *Watchdog) judge(w *Watched, r *report) {
	for _, holder := range r.own {
		o.giveWay(r.pid, holder)
	}
	if r.holder == nil {
		o.waiting.Store(nil)
		if silence := o.patience.silence; r.stale(silence) && time.Since(w.since) >= silence {
			o.close(w, "the server has finished long ago, and its answer did not come")
		}
		return
	}
	waiting := fmt.Sprintf("waiting for %s %s", r.lock, r.holder)
	o.waiting.Store(&waiting)
	if w.told == r.holder.pid {
		return
	}
	w.told = r.holder.pid
	attributes := []any{
		"lock", r.lock, "pid", r.holder.pid, "application_name", r.holder.application, "user", r.holder.user, "waiting_since", utc(w.since),
	}
	if r.holder.since == "" {
		attributes = append(attributes, "since", "before "+utc(w.since))
	} else {
		attributes = append(attributes, "since", r.holder.since, "query_start", r.holder.queryStart, "state", r.holder.state)
	}
	o.log.Warn("waiting for a lock that another session holds", attributes...)
}

func utc(at time.Time) string { return at.UTC().Format(time.RFC3339) }

// unheard closes sessions when the server has not answered anything for too long.
func (o *Watchdog) unheard(sessions []*Watched, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, w := range sessions {
		last := o.answered
		if w.since.After(last) {
			last = w.since
		}
		if silent := now.Sub(last); slices.Contains(o.sessions, w) && o.patience.tooLong(silent) {
			o.close(w, fmt.Sprintf("the server has answered nothing for %s, and no new connection either", silent.Round(time.Second)))
		}
	}
}

// tooLong reports whether a server that has not answered for so long is given up.
func (p patience) tooLong(silent time.Duration) bool { return silent >= p.silence-p.answer/2 }

// close ends a connection that is dead. The caller has the lock.
func (o *Watchdog) close(w *Watched, reason string) {
	w.cut = &failure.Error{Blame: failure.Connection, Reason: "the connection to the server was lost: " + reason}
	hangUp(w.conn)
}

// hangUp closes a connection without a word. TLS would like to say goodbye, which may wait for a network that is dead.
func hangUp(conn *pgx.Conn) { go conn.PgConn().Conn().Close() }

// closeAll ends the connections of all sessions.
func (o *Watchdog) closeAll() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, w := range o.sessions {
		hangUp(w.conn)
	}
}

// current returns the sessions that work now.
func (o *Watchdog) current() []*Watched {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.sessions)
}
