//go:build unix

package faults

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"target-postgres/internal/pgtest"
)

// locks are what other users of the tables do.
func locks() []*fault {
	return []*fault{
		{
			name: "table locked", codes: recovers(), later: true,
			strike: func(tr *trial, p *process) { tr.lock(p, func() {}) },
		},
		{
			// The session that is left behind waits, with the end of its transaction already sent.
			name: "table locked and SIGKILL", codes: []int{killed}, later: true,
			strike: func(tr *trial, p *process) { tr.lock(p, func() { p.signal(syscall.SIGKILL) }) },
		},
		{
			name: "table locked and SIGINT again and again", codes: []int{130, 1, killed}, later: true,
			strike: func(tr *trial, p *process) { tr.lock(p, func() { p.signalUntilExit(syscall.SIGINT) }) },
		},
		{
			// It cannot be ended in good order while the table is locked, and is once it no longer is.
			name: "table locked and SIGTERM", codes: []int{143}, flushed: true, later: true,
			strike: func(tr *trial, p *process) { tr.lock(p, func() { p.signal(syscall.SIGTERM) }) },
		},
		{
			name: "role with a short statement_timeout and a table locked", codes: []int{1}, later: true, fewer: 2,
			settings: map[string]any{"max_retry_seconds": 2},
			prepare:  func(tr *trial) { tr.lesserRole() },
			arm: func(tr *trial) {
				tr.struck.Store(true) // a busy server is enough
				tr.sql("ALTER ROLE " + tr.stash.(string) + " SET statement_timeout TO '60ms'")
			},
			disarm: func(tr *trial) { tr.sql("ALTER ROLE " + tr.stash.(string) + " RESET statement_timeout") },
			strike: func(tr *trial, p *process) {
				tr.lock(p, func() {
					tr.until(p, "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock')", tr.app)
				})
			},
		},
	}
}

// lesserRole makes a role for the program that may do what it needs in a schema of its own, and keeps its name in the
// stash.
func (tr *trial) lesserRole() {
	tr.program = pgtest.Role(tr.t, tr.url)
	name := pgtest.User(tr.t, tr.program)
	tr.stash = name
	tr.sql("CREATE SCHEMA " + tr.schema + " AUTHORIZATION " + name)
}

// lock keeps the program from writing into one of its tables until it waits, and then until do has returned. Readers,
// such as the monitor, go on.
func (tr *trial) lock(p *process, do func()) {
	stream := []string{"orders", "users", "prices"}[tr.luck.IntN(3)]
	tr.until(p, "SELECT to_regclass($1) IS NOT NULL", tr.monitor.table(stream))
	select {
	case <-p.exited: // before it made the table
		return
	default:
	}
	tr.with(func(ctx context.Context, conn *pgx.Conn) error {
		if _, err := conn.Exec(ctx, "BEGIN; SET LOCAL lock_timeout TO '20s'"); err != nil {
			return err
		}
		if _, err := conn.Exec(ctx, "LOCK TABLE "+tr.monitor.table(stream)+" IN EXCLUSIVE MODE"); err != nil {
			return err
		}
		tr.until(p, "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock')", tr.app)
		do()
		_, err := conn.Exec(ctx, "ROLLBACK")
		return err
	})
}

// pipes are what those at the program's ends do.
func pipes() []*fault {
	return []*fault{
		{
			name: "stdout closed", codes: []int{1}, deafens: true, later: true,
			strike: func(_ *trial, p *process) { p.out.close() },
		},
		{
			name: "stdout not read for a while", codes: recovers(),
			prepare: func(tr *trial) { tr.tap = tr.tap.padded() },
			strike: func(_ *trial, p *process) {
				go p.out.stick() // it may be the reader itself that strikes
				time.AfterFunc(100*time.Millisecond, p.out.unstick)
			},
		},
		{
			name: "stdout not read and SIGTERM again and again", codes: []int{143, 1, killed}, later: true,
			prepare: func(tr *trial) { tr.tap = tr.tap.padded() },
			strike: func(_ *trial, p *process) {
				p.out.stick()
				p.signalUntilExit(syscall.SIGTERM)
			},
		},
		{
			name: "stdin silent", codes: recovers(), settings: map[string]any{"batch_max_age": 0.05},
			feed: func(tr *trial, p *process) { tr.fallSilent(p) },
		},
		{
			name: "tap dies in the middle of a line", codes: []int{1}, flushed: true,
			feed: func(tr *trial, p *process) { tr.breakOff(p) },
		},
	}
}

// fallSilent says everything up to some STATE and a bit of the next line, and the rest once that STATE has come back.
// In mode replace it never comes before the end.
func (tr *trial) fallSilent(p *process) {
	defer p.stdin.Close()
	states := tr.tap.states()
	silentAt := states[tr.luck.IntN(len(states)-1)].position()
	p.say(tr.tap.messages[:silentAt], func(int) {})
	next := tr.tap.messages[silentAt].raw
	bit := tr.luck.IntN(len(next))
	if _, err := p.stdin.WriteString(next[:bit]); err != nil {
		return
	}
	tr.struck.Store(true)
	tr.point = point{kind: atLine, n: silentAt}
	for left := 0; left < silentAt && !tr.mode.replaces(); {
		select {
		case left = <-p.left:
		case <-p.exited:
			return
		case <-time.After(patience):
			tr.problemf(p, "the STATE of position %d does not leave while the tap is silent", silentAt)
			return
		}
	}
	if _, err := p.stdin.WriteString(next[bit:] + "\n"); err != nil {
		return
	}
	p.say(tr.tap.messages[silentAt+1:], func(int) {})
}

// breakOff says everything up to the middle of some line.
func (tr *trial) breakOff(p *process) {
	defer p.stdin.Close()
	at := tr.luck.IntN(len(tr.tap.messages))
	p.say(tr.tap.messages[:at], func(int) {})
	line := tr.tap.messages[at].raw
	tr.struck.Store(true)
	tr.point = point{kind: atLine, n: at}
	_, _ = p.stdin.WriteString(line[:1+tr.luck.IntN(len(line)-1)]) // the program may have ended
	tr.read = at
}

// limits are what the machine does not give.
func limits() []*fault {
	return []*fault{
		{
			// Go's runtime ends a process that cannot get memory, wherever it is.
			name: "address space limited", codes: []int{1, 2, 127, 134, killed},
			wrap: func(tr *trial) []string {
				tr.struck.Store(true)
				limit := 1_200_000 + tr.luck.IntN(200_000)
				return []string{"sh", "-c", fmt.Sprintf(`ulimit -v %d; exec "$0" "$@"`, limit)}
			},
		},
		{
			// The same at a random moment; a run that needs no more than it has goes on.
			name: "memory used up", codes: []int{1, 2, 134, killed},
			prepare: func(tr *trial) { tr.tap = tr.tap.padded() },
			strike: func(tr *trial, p *process) {
				if err := starve(p.cmd.Process.Pid); err != nil && !errors.Is(err, syscall.ESRCH) {
					tr.problemf(p, "starve the program: %v", err)
				}
			},
		},
		{
			name: "connections limited", codes: recovers(), fewer: 2, later: true,
			prepare: func(tr *trial) { tr.lesserRole() },
			strike: func(tr *trial, p *process) {
				role := tr.stash.(string)
				tr.sql("ALTER ROLE " + role + " CONNECTION LIMIT 0")
				tr.proxy.Cut(true)
				p.untilItSays("trying again")
				tr.sql("ALTER ROLE " + role + " CONNECTION LIMIT 5")
			},
		},
	}
}

// untilItSays waits until the program has written a text to stderr, or has ended.
func (p *process) untilItSays(text string) {
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for !p.stderr.contains(text) {
		select {
		case <-p.exited:
			return
		case <-again.C:
		}
	}
}
