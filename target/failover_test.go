package target_test

import (
	"io"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"time"

	"target-postgres/internal/pgserver"
	"target-postgres/internal/pgtest"
	"target-postgres/protocol"
	"target-postgres/target"
)

// failover is a primary with a standby, and a line that leads a loader to one of them.
type failover struct {
	t                *testing.T
	primary, standby *pgserver.Server
	old, next        *database
	line             *line
}

func newFailover(t *testing.T) *failover {
	t.Helper()
	primary := pgtest.Server(t, map[string]string{"autovacuum": "off", "synchronous_commit": "on"})
	f := &failover{t: t, primary: primary, standby: pgtest.Standby(t, primary), line: newLine(t, primary.URL)}
	f.old, f.next = lookInto(t, "public", f.primary.URL), lookInto(t, "public", f.standby.URL)
	return f
}

// run loads messages by way of the line, and returns the states and the log.
func (f *failover) run(as settings, messages ...string) (states, logged string, err error) {
	f.t.Helper()
	return f.read(as, strings.NewReader(strings.Join(messages, "\n")))
}

// read is run with an input that may take its time.
func (f *failover) read(as settings, in io.Reader) (states, logged string, err error) {
	f.t.Helper()
	as["url"], as["ssl_mode"] = f.line.url, "disable"
	cfg := newConfig(f.t, "public", as)
	var out, log strings.Builder
	reader := protocol.NewSinger(in, 0)
	defer reader.Close()
	run, err := target.New(cfg, reader, protocol.NewWriter(&out), slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		f.t.Fatal(err)
	}
	err = run.Run(f.t.Context())
	f.t.Logf("the log:\n%s", log.String())
	return out.String(), log.String(), err
}

// wait waits for a query on the standby to yield true.
func (f *failover) wait(query string, args ...any) {
	f.t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for deadline := time.Now().Add(time.Minute); ; <-again.C {
		var holds bool
		if err := f.next.conn.QueryRow(f.t.Context(), query, args...).Scan(&holds); err != nil {
			f.t.Fatalf("%s: %v", query, err)
		}
		if holds {
			return
		}
		if time.Now().After(deadline) {
			f.t.Fatalf("%s: still not", query)
		}
	}
}

// replicate waits until the standby has everything.
func (f *failover) replicate() {
	f.t.Helper()
	f.wait("SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn", f.old.rows("SELECT pg_current_wal_insert_lsn()")[0])
}

// lag cuts the standby off.
func (f *failover) lag() {
	f.t.Helper()
	f.replicate()
	f.next.run("ALTER SYSTEM SET primary_conninfo TO ''")
	f.next.run("SELECT pg_reload_conf()")
	f.wait("SELECT NOT EXISTS (SELECT FROM pg_stat_wal_receiver)")
}

// fail leads the line to the promoted standby, on which others commit rows of their own until the number of the
// transaction that inserted a row into t on the old primary is one of theirs.
func (f *failover) fail() {
	f.t.Helper()
	number := f.old.rows("SELECT max(xmin::text::bigint) FROM t")[0]
	if err := f.standby.Promote(f.t.Context()); err != nil {
		f.t.Errorf("promote: %v", err)
	}
	if err := f.primary.Stop(f.t.Context()); err != nil {
		f.t.Errorf("stop the primary: %v", err)
	}
	f.takeNumbers(f.next, number)
	f.line.Redirect(hostOf(f.t, f.standby.URL))
}

// takeNumbers commits transactions until one has had the number.
func (f *failover) takeNumbers(d *database, number string) {
	f.t.Helper()
	for taken := "false"; taken != "t"; {
		taken = d.rows("INSERT INTO t (id, v) VALUES (1, 'of another client') RETURNING txid_current() >= " + number)[0]
	}
	f.t.Logf("transaction %s is %s on the server that answers now", number, d.rows("SELECT txid_status(" + number + ")")[0])
}

func hostOf(t *testing.T, connString string) string {
	t.Helper()
	u, err := url.Parse(connString)
	if err != nil {
		t.Fatal("not a connection URL")
	}
	return u.Host
}

const repeated = "which may now be there twice"

// TestAFailoverDoesNotAcknowledgeRowsThatAreGone has the answer to a COMMIT lost together with the server that carried
// it out. On the standby that takes its place the transaction's number is another client's, and committed.
func TestAFailoverDoesNotAcknowledgeRowsThatAreGone(t *testing.T) {
	t.Parallel()
	schema, rows := schemaOf("t", idAndText, "id"), []string{record("t", `{"id":7,"v":"a"}`), record("t", `{"id":8,"v":"b"}`), stateOf("1")}
	tests := []struct {
		name     string
		settings settings
		lags     bool
		warns    bool
		fails    bool
	}{
		{"append, the standby lags", settings{"load_mode": "append"}, true, true, false},
		{"append, the standby has it", settings{"load_mode": "append"}, false, false, false},
		{"upsert, the standby lags", settings{"load_mode": "upsert"}, true, false, false},
		{"exactly once, the standby lags", settings{"load_mode": "append", "state_table": true}, true, false, true},
		{"exactly once, the standby has it", settings{"load_mode": "append", "state_table": true}, false, false, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := newFailover(t)
			if _, _, err := f.run(test.settings, schema); err != nil {
				t.Fatal(err)
			}
			f.old.run("ALTER TABLE t DROP CONSTRAINT IF EXISTS t_pkey")
			f.old.run("CREATE INDEX ON t (id)")
			f.replicate()
			f.line.lose = true
			f.line.lost = f.fail
			if test.lags {
				f.lag()
			} else {
				f.line.lost = func() { f.replicate(); f.fail() }
			}
			states, logged, err := f.run(test.settings, append([]string{schema}, rows...)...)
			if test.fails {
				// The run itself is unknown to the standby. The next one begins where the standby is.
				if err == nil || states != "" {
					t.Errorf("%v, states %q", err, states)
				}
				f.next.want("SELECT id, v FROM t WHERE id > 1")
				f.next.want("SELECT count(state) FROM _singular_state", "0")
				states, _, err = f.run(test.settings, append([]string{schema}, rows...)...)
			}
			if err != nil || strings.TrimSpace(states) != "1" {
				t.Errorf("%v, states %q", err, states)
			}
			f.next.want("SELECT id, v FROM t WHERE id > 1 ORDER BY id", "7 | a", "8 | b")
			if got := strings.Contains(logged, repeated); got != test.warns {
				t.Errorf("warned: %t, want %t", got, test.warns)
			}
		})
	}
}

// TestANumberThatACrashGivesToAnotherProvesNothing has the end of the rows, and with it the COMMIT, lost before it
// reaches the server, which then crashes: the number was on no disk, and another client's transaction gets it.
func TestANumberThatACrashGivesToAnotherProvesNothing(t *testing.T) {
	t.Parallel()
	server := pgtest.Server(t, map[string]string{"autovacuum": "off"})
	f := &failover{t: t, line: newLine(t, server.URL)}
	schema := schemaOf("t", idAndText)
	if _, _, err := f.run(settings{"load_mode": "append"}, schema); err != nil {
		t.Fatal(err)
	}
	lookInto(t, "public", server.URL).run("CHECKPOINT")
	f.line.swallow = func() {
		if err := server.Restart(t.Context(), "immediate"); err != nil {
			t.Error(err)
		}
		f.takeNumbers(lookInto(t, "public", server.URL), f.line.number)
	}
	_, logged, err := f.run(settings{"load_mode": "append"}, schema, record("t", `{"id":7,"v":"a"}`))
	if err != nil {
		t.Error(err)
	}
	lookInto(t, "public", server.URL).want("SELECT id, v FROM t WHERE id > 1", "7 | a")
	if !strings.Contains(logged, repeated) {
		t.Error("no warning")
	}
}

// TestACrashAfterACommitIsNoDoubt has the answer lost, and the server crash after it: the rows themselves are the
// proof.
func TestACrashAfterACommitIsNoDoubt(t *testing.T) {
	t.Parallel()
	server := pgtest.Server(t, map[string]string{"synchronous_commit": "on"})
	f := &failover{t: t, line: newLine(t, server.URL)}
	schema := schemaOf("t", `{"id":{"type":"integer"},"v":{"type":"string"},"j":{"type":"object"}}`)
	if _, _, err := f.run(settings{"load_mode": "append"}, schema); err != nil {
		t.Fatal(err)
	}
	f.line.lose = true
	f.line.lost = func() {
		if err := server.Restart(t.Context(), "immediate"); err != nil {
			t.Error(err)
		}
	}
	_, logged, err := f.run(settings{"load_mode": "append"}, schema, record("t", `{"id":7,"v":"a","j":{"k":null}}`), record("t", `{"id":7,"v":"a","j":{"k":null}}`))
	if err != nil || strings.Contains(logged, repeated) {
		t.Error(err)
	}
	lookInto(t, "public", server.URL).want("SELECT id, v, j FROM t", `7 | a | {"k": null}`, `7 | a | {"k": null}`)
}

// TestExactlyOnceEndsWhereItsStateIsNotAsItWasLeft has the row of the state table as a standby would have it that lags:
// this run's, from before its last COMMIT, of rows that wait beside their table.
func TestExactlyOnceEndsWhereItsStateIsNotAsItWasLeft(t *testing.T) {
	t.Parallel()
	database := pgtest.Database(t)
	d := lookInto(t, "public", database)
	f := &failover{t: t, line: newLine(t, database)}
	f.line.lose = true
	f.line.lost = func() { d.run("UPDATE _singular_state SET state = NULL") }
	states, _, err := f.run(settings{"load_mode": "append", "state_table": true, "batch_max_rows": 1},
		schemaOf("t", idAndText), record("t", `{"id":1,"v":"a"}`), stateOf("1"), record("t", `{"id":2,"v":"b"}`), stateOf("2"))
	if err == nil || !strings.Contains(err.Error(), "is not as this run left it") || states != "" {
		t.Errorf("%v, states %q", err, states)
	}
	d.want("SELECT id FROM t")
}
