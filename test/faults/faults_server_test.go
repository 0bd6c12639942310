//go:build unix

package faults

import (
	"context"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"target-postgres/internal/netfault"
)

// signals are what an operator or a scheduler does to the program.
func signals() []*fault {
	return []*fault{
		{
			name: "SIGKILL", codes: []int{killed},
			strike: func(_ *trial, p *process) { p.signal(syscall.SIGKILL) },
		},
		{
			name: "SIGTERM", codes: []int{143}, flushed: true,
			strike: func(_ *trial, p *process) { p.signal(syscall.SIGTERM) },
		},
		{
			name: "SIGINT", codes: []int{130}, flushed: true,
			strike: func(_ *trial, p *process) { p.signal(syscall.SIGINT) },
		},
		{
			// Here the program has read more than it has handed to the server.
			name: "SIGTERM while the tap is silent", codes: []int{143}, flushed: true,
			feed: func(tr *trial, p *process) {
				defer p.stdin.Close()
				tr.struck.Store(true)
				tr.point = point{kind: atLine, n: 1 + tr.luck.IntN(len(tr.tap.messages)-1)}
				p.say(tr.tap.messages[:tr.point.n], func(int) {})
				p.listened()
				tr.until(p, `SELECT count(*) > 0 AND coalesce(bool_and(state = 'idle' AND state_change < clock_timestamp() - interval '100 ms'), false)
					FROM pg_stat_activity WHERE application_name = $1`, tr.app)
				p.signal(syscall.SIGTERM)
				<-p.exited
			},
		},
		{
			name: "SIGINT again and again", codes: []int{130, 1, killed}, later: true,
			strike: func(_ *trial, p *process) { p.signalUntilExit(syscall.SIGINT) },
		},
	}
}

// sessions are what happens to the program's sessions on the server.
func sessions() []*fault {
	const own = " FROM pg_stat_activity WHERE application_name = $1"
	return []*fault{
		{
			name: "session terminated", codes: recovers(),
			strike: func(tr *trial, _ *process) { tr.sql("SELECT pg_terminate_backend(pid)"+own, tr.app) },
		},
		{
			name: "statement cancelled", codes: recovers(),
			strike: func(tr *trial, _ *process) { tr.sql("SELECT pg_cancel_backend(pid)"+own, tr.app) },
		},
		{
			name: "server restarted at once", codes: recovers(), restarts: true, fewer: 4,
			strike: func(tr *trial, _ *process) {
				if err := tr.server.Restart(context.Background(), "immediate"); err != nil {
					tr.problemf(nil, "%v", err)
				}
			},
		},
		{
			name: "server killed", codes: recovers(), restarts: true, fewer: 4,
			strike: func(tr *trial, _ *process) {
				if err := tr.server.Kill(); err != nil {
					tr.problemf(nil, "%v", err)
				}
				if err := tr.server.Restart(context.Background(), "immediate"); err != nil {
					tr.problemf(nil, "%v", err)
				}
			},
		},
	}
}

// network are the faults of what lies between.
func network() []*fault {
	return []*fault{
		{
			name: "connection cut", codes: recovers(),
			strike: func(tr *trial, _ *process) { tr.proxy.Cut(tr.luck.IntN(2) == 0) },
		},
		{
			// Whether it was committed, only the server knows: sent again, it would be there twice.
			name: "answer to a COMMIT lost", codes: recovers(), points: []pointKind{atCommitted},
			strike: func(tr *trial, _ *process) { tr.proxy.Cut(true) },
		},
		{
			// The newest run drops what older ones have gathered. The older one must not take that for its own success.
			name: "connection cut and a newer run clears away", codes: []int{1}, points: []pointKind{atCommit},
			only: func(m mode) bool { return m.whole },
			strike: func(tr *trial, _ *process) {
				tr.proxy.Cut(true)
				tr.sql(`DO $$ DECLARE t record; BEGIN
					FOR t IN SELECT * FROM pg_tables WHERE schemaname = '` + tr.schema + `' AND tablename LIKE '\_singular\_%' LOOP
						EXECUTE format('DROP TABLE IF EXISTS %I.%I', t.schemaname, t.tablename);
					END LOOP;
				END $$`)
			},
		},
		{
			name: "connection cut and refused three times", codes: recovers(), fewer: 2,
			strike: func(tr *trial, _ *process) {
				tr.proxy.Refuse(3)
				tr.proxy.Cut(true)
			},
		},
		{
			name: "connection stalled", codes: recovers(),
			strike: func(tr *trial, _ *process) { tr.proxy.stall(time.Duration(20+tr.luck.IntN(200)) * time.Millisecond) },
		},
		{
			name: "every COMMIT delayed", codes: recovers(), hold: 10 * time.Millisecond,
			arm: func(tr *trial) { tr.struck.Store(true) },
		},
		{
			name: "bytes one by one", codes: recovers(),
			strike: func(tr *trial, _ *process) { tr.proxy.drip.Store(20_000) },
		},
		{
			// The server has given the session up and the program does not know, until it does.
			name: "connection half open towards the program", codes: recovers(), later: true,
			strike: func(tr *trial, p *process) {
				var sessions []int32
				tr.with(func(ctx context.Context, conn *pgx.Conn) error {
					return conn.QueryRow(ctx, "SELECT array_agg(pid) FROM pg_stat_activity WHERE application_name = $1", tr.app).Scan(&sessions)
				})
				release := tr.proxy.Part(netfault.Server)
				defer release()
				tr.until(p, "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = ANY ($1))", sessions)
			},
		},
		{
			// The program has given the session up and the server does not know: its transaction stays, with its locks.
			name: "connection half open towards the server", codes: recovers(), later: true,
			strike: func(tr *trial, p *process) {
				release := tr.proxy.Part(netfault.Client)
				defer release()
				tr.until(p, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock')
					OR (SELECT count(*) < 2 FROM pg_stat_activity WHERE application_name = $1)
					OR EXISTS (SELECT FROM pg_stat_activity WHERE application_name = $1 AND state = 'idle' AND state_change > $2)`, tr.app, time.Now())
			},
		},
		{
			// Nothing comes through and nothing says so. The user has to end it.
			name: "network swallows everything", codes: []int{143, 1, killed}, later: true,
			strike: func(tr *trial, p *process) {
				tr.proxy.swallow()
				p.signalUntilExit(syscall.SIGTERM)
			},
		},
		{
			// The server does not answer the reconnection: connect_timeout and max_retry_seconds end it.
			name: "connection cut and new ones swallowed", codes: []int{1}, fewer: 4,
			settings: map[string]any{"connect_timeout": 1, "max_retry_seconds": 1},
			strike: func(tr *trial, _ *process) {
				tr.proxy.Mute()
				tr.proxy.Cut(true)
			},
		},
	}
}

// until waits until a condition holds on the server, or the program has ended.
func (tr *trial) until(p *process, condition string, args ...any) {
	tr.with(func(ctx context.Context, conn *pgx.Conn) error {
		again := time.NewTicker(10 * time.Millisecond)
		defer again.Stop()
		for holds := false; ; {
			if err := conn.QueryRow(ctx, condition, args...).Scan(&holds); err != nil || holds {
				return err
			}
			select {
			case <-p.exited:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			case <-again.C:
			}
		}
	})
}
