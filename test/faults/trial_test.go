//go:build unix

package faults

import (
	"context"
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"net/url"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"target-postgres/internal/pgserver"
)

// Figures of the whole run.
var trials, strikes, resumed, problems atomic.Int64

// flushed counts the trials whose run had to commit what it had read, gaveUp those in which the server was too busy to
// do so before the program had to end.
var flushed, gaveUp atomic.Int64

// trial is one input on its way through the program, one fault, and what comes after it.
type trial struct {
	t     *testing.T
	fault *fault
	mode  mode
	seed  uint64
	// r is for the point and the settings, luck for the fault itself.
	r, luck *rand.Rand
	tap     *tap
	point   point
	// batch is the rows of a batch, connections the setting parallelism.
	batch, connections int

	// url leads to the server as the superuser, program as the role that the program has.
	url, program string
	server       *pgserver.Server
	schema, app  string
	monitor      *monitor
	proxy        *proxy

	once   sync.Once
	struck atomic.Bool
	beside sync.WaitGroup
	// read is the number of messages that the program has read for sure before it ended.
	read int
	// stash is what a fault keeps from one of its functions to the next.
	stash any
	// before is what the tables held before the run, where that matters.
	before map[string][]string
}

func newTrial(t *testing.T, f *fault, m mode, seed uint64, serverURL string, server *pgserver.Server) *trial {
	h := fnv.New64a()
	_, _ = h.Write([]byte(f.name + "/" + m.name))
	tr := &trial{
		t: t, fault: f, mode: m, seed: seed, tap: newTap(seed, m), url: serverURL, program: serverURL, server: server,
		r: rand.New(rand.NewPCG(seed, h.Sum64())), luck: rand.New(rand.NewPCG(seed, h.Sum64()+1)),
	}
	tr.schema = uniqueName()
	tr.app = tr.schema
	tr.monitor = newMonitor(tr.url, tr.schema, m)
	t.Cleanup(func() {
		if err := tr.monitor.exec("DROP SCHEMA IF EXISTS " + tr.schema + " CASCADE"); err != nil {
			t.Errorf("drop the schema: %v", err)
		}
		tr.monitor.close()
	})
	tr.batch = []int{7, 20, 50}[tr.r.IntN(3)]
	tr.point = f.choose(tr.r, tr.tap, m, tr.batch)
	tr.connections = connections(tr.r)
	return tr
}

// connections draws the setting parallelism of a trial. The default comes as often as the others together.
func connections(r *rand.Rand) int {
	drawn := []int{2, 4, 2, 8}[r.IntN(4)]
	if n, err := strconv.Atoi(os.Getenv("FAULT_PARALLELISM")); err == nil {
		return n
	}
	return drawn
}

// run is the whole trial.
func (tr *trial) run() {
	trials.Add(1)
	tr.call(tr.fault.prepare)
	if tr.mode.whole {
		tr.plain(tr.program, tr.schema, oldTap(tr.seed, tr.mode))
		tr.before = tr.dump(tr.monitor)
	}
	tr.call(tr.fault.arm)
	p := tr.load(0, true)
	tr.beside.Wait()
	if tr.struck.Load() {
		strikes.Add(1)
	}
	tr.call(tr.fault.disarm)
	tr.examine(p)
	if p.code != 0 || tr.fault.deafens {
		tr.resume(p)
	}
	tr.compare(p)
}

func (tr *trial) call(f func(*trial)) {
	if f != nil {
		f(tr)
	}
}

// problem reports what went wrong with all that is needed to see it again.
func (tr *trial) problemf(p *process, format string, args ...any) {
	tr.t.Helper()
	problems.Add(1)
	said := ""
	if p != nil {
		said = p.complaints()
	}
	tr.t.Errorf("struck: %t, at %s %d; batches of %d rows, %d connections: %s\nthe program said:\n%s",
		tr.struck.Load(), tr.point.kind, tr.point.n, tr.batch, tr.connections, fmt.Sprintf(format, args...), said)
}

// config is the program's configuration for this trial, through the proxy if there is one.
func (tr *trial) config(connString, schema string, through *proxy) map[string]any {
	u, err := url.Parse(connString)
	if err != nil {
		tr.t.Fatal("not a connection URL")
	}
	if through != nil {
		u.Host = through.Address()
	}
	cfg := map[string]any{"url": u.String(), "schema": schema, "application_name": tr.app, "parallelism": tr.connections}
	maps.Copy(cfg, tr.mode.settings)
	return cfg
}

// load runs the program on the rest of the input after a position. With strike set the fault strikes.
func (tr *trial) load(position int, strike bool) *process {
	tr.t.Helper()
	var p *process
	launched := make(chan struct{}) // it may connect before launch returns
	tr.proxy = newProxy(tr.t, hostOf(tr.t, tr.program))
	tr.proxy.query = func() {
		<-launched
		p.out.catchUp()
	}
	if strike {
		tr.proxy.reached = func(kind pointKind, n int) {
			<-launched
			if tr.fault.hold > 0 && kind == atCommit {
				<-time.After(tr.fault.hold)
				p.out.catchUp()
			}
			tr.reached(p, kind, n)
		}
		if tr.point.kind == atByte {
			tr.proxy.strikeAt = int64(tr.point.n)
		}
	}
	cfg := tr.config(tr.program, tr.schema, tr.proxy)
	cfg["batch_max_rows"], cfg["max_retry_seconds"] = tr.batch, 30
	var wrap []string
	if strike {
		maps.Copy(cfg, tr.fault.settings)
		if tr.fault.wrap != nil {
			wrap = tr.fault.wrap(tr)
		}
	}
	p = launch(tr.t, cfg, wrap, tr.tap, func(p *process, line []byte) { tr.line(p, line, strike) })
	p.from = position
	close(launched)
	if strike && tr.fault.feed != nil {
		tr.fault.feed(tr, p)
	} else {
		p.say(tr.tap.from(position), func(n int) {
			if strike && tr.point == (point{atLine, n}) {
				p.listened()
				tr.reached(p, atLine, n)
			}
		})
		_ = p.stdin.Close()
	}
	if err := p.finish(); err != nil {
		tr.problemf(nil, "%.8000v", err)
	}
	tr.proxy.Close()
	return p
}

// plain runs the program undisturbed, in batches as large as they come.
func (tr *trial) plain(server, schema string, t *tap) {
	tr.t.Helper()
	p := launch(tr.t, tr.config(server, schema, nil), nil, t, func(p *process, line []byte) {
		if t.catalog != "" {
			p.heard(line)
		}
	})
	p.say(t.from(0), func(int) {})
	_ = p.stdin.Close()
	if err := p.finish(); err != nil || p.code != 0 {
		tr.t.Fatalf("undisturbed, the program ended with exit code %d: %v\n%s", p.code, err, p.stderr)
	}
}

// reached strikes if the point is the one.
func (tr *trial) reached(p *process, kind pointKind, n int) {
	if kind != tr.point.kind || n != tr.point.n || tr.fault.strike == nil {
		return
	}
	tr.once.Do(func() {
		// What has not begun to work yet does not even know its signals. It connects for the first line.
		select {
		case <-tr.proxy.Used():
		case <-p.exited:
		}
		tr.struck.Store(true)
		if tr.fault.later {
			tr.beside.Go(func() { tr.fault.strike(tr, p) })
			return
		}
		tr.fault.strike(tr, p)
	})
}

// line takes a line that the program has written.
func (tr *trial) line(p *process, line []byte, strike bool) {
	if tr.mode.airbyte == nil {
		tr.state(p, line, strike)
		return
	}
	state, records := p.heard(line)
	if state == nil {
		return
	}
	tr.state(p, state, strike)
	p.counted += records
	if n := len(p.states); n > 0 && p.counted != p.tap.counted(p.from, p.states[n-1]) {
		tr.problemf(p, "the states count %d records from position %d to %d, want %d", p.counted, p.from, p.states[n-1], p.tap.counted(p.from, p.states[n-1]))
	}
}

// state checks a STATE at the instant it has left.
func (tr *trial) state(p *process, line []byte, strike bool) {
	position := positionIn(line)
	switch {
	case position < 1 || position > len(p.tap.messages) || p.tap.messages[position-1].state != string(line):
		tr.problemf(p, "a STATE left that the tap has not said: %.200s", line)
		return
	case len(p.states) > 0 && position <= p.states[len(p.states)-1]:
		tr.problemf(p, "the STATE of position %d left after that of %d", position, p.states[len(p.states)-1])
	}
	if err := tr.monitor.check(p.tap, position); err != nil {
		tr.problemf(p, "%v", err)
	}
	if tr.mode.saved && strike {
		if saved, err := tr.monitor.saved(); err != nil || positionIn([]byte(saved)) < position {
			tr.problemf(p, "the STATE of position %d is out, and %.200s is saved (%v)", position, saved, err)
		}
	}
	p.states = append(p.states, position)
	p.left <- position
	if strike {
		tr.reached(p, atState, len(p.states))
	}
}

// resume runs the program again with what is left to do, as the user who started it would.
func (tr *trial) resume(p *process) {
	resumed.Add(1)
	position := 0
	if n := len(p.states); n > 0 && (!tr.mode.whole || tr.mode.resumes) {
		position = p.states[n-1]
	}
	if tr.mode.saved {
		position = tr.saved(p)
	}
	again := tr.load(position, false)
	if again.code != 0 {
		tr.problemf(again, "resumed at position %d, the program ended with exit code %d", position, again.code)
	}
	if position == len(tr.tap.messages) {
		tr.tidy(again) // everything was acknowledged
		return
	}
	tr.complete(again)
}

// sql runs a statement as the superuser over a connection of its own.
func (tr *trial) sql(statement string, args ...any) {
	tr.with(func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, statement, args...)
		return err
	})
}

// with runs do with a connection of its own.
func (tr *trial) with(do func(ctx context.Context, conn *pgx.Conn) error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, tr.url)
	if err == nil {
		defer conn.Close(ctx)
		err = do(ctx, conn)
	}
	if err != nil {
		tr.problemf(nil, "while striking: %v", err)
	}
}

// hostOf is the address in a connection URL.
func hostOf(t testing.TB, connString string) string {
	t.Helper()
	u, err := url.Parse(connString)
	if err != nil || u.Port() == "" {
		t.Fatal("the URL of the server must have a port")
	}
	return u.Host
}
