package target_test

import (
	"context"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"target-postgres/internal/pgtest"
	"target-postgres/protocol"
	"target-postgres/target"
	"target-postgres/target/config"
	"target-postgres/target/failure"
)

// listener calls heard for every message that is logged, by any goroutine, one at a time.
type listener struct {
	slog.Handler

	mu    sync.Mutex
	heard func(message string)
}

func listen(heard func(string)) *slog.Logger {
	return slog.New(&listener{Handler: slog.DiscardHandler, heard: heard})
}

func (l *listener) Enabled(context.Context, slog.Level) bool { return true }

func (l *listener) Handle(_ context.Context, r slog.Record) error {
	text := r.Message
	r.Attrs(func(a slog.Attr) bool {
		text += " " + a.String()
		return true
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	l.heard(text)
	return nil
}

// loadAloud runs messages and calls heard for everything that is logged.
func loadAloud(t *testing.T, cfg *config.Config, heard func(string), messages ...string) error {
	t.Helper()
	reader := protocol.NewSinger(strings.NewReader(strings.Join(messages, "\n")), 0)
	t.Cleanup(reader.Close)
	run, err := target.New(cfg, reader, protocol.NewWriter(io.Discard), listen(heard))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // a guard: what it waits for never comes
	defer cancel()
	return run.Run(ctx)
}

// merged are the settings of several, later ones over earlier ones.
func merged(all ...settings) settings {
	one := settings{}
	for _, some := range all {
		maps.Copy(one, some)
	}
	return one
}

func TestALockThatIsReleasedIsWaitedFor(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, properties string }{
		{"by the rows", idAndText},
		{"by the DDL", `{"id":{"type":"integer"},"v":{"type":"string"},"more":{"type":"string"}}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := look(t)
			const mode = "append"
			d.mustLoad(settings{"load_mode": mode}, schemaOf("t", idAndText, "id"), record("t", `{"id":1,"v":"old"}`))
			d.run("BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE")
			var retries int
			err := loadAloud(t, newConfig(t, d.schema, settings{"lock_timeout": 1, "load_mode": mode}), func(said string) {
				if !strings.Contains(said, "trying again") {
					return
				}
				if retries++; retries == 1 {
					d.run("COMMIT") // the first attempt has failed: now the lock goes
				}
				if !strings.Contains(said, "lock") {
					t.Errorf("it tries again because of something else: %s", said)
				}
			}, schemaOf("t", test.properties, "id"), record("t", `{"id":2,"v":"b"}`))
			if err != nil {
				t.Fatal(err)
			}
			if retries == 0 {
				t.Error("the lock was in nobody's way")
			}
			d.want("SELECT id, v FROM t ORDER BY id", "1 | old", "2 | b")
		})
	}
}

func TestALockThatIsNotReleasedEndsTheRun(t *testing.T) {
	t.Parallel()
	d := look(t)
	const mode = "append"
	d.mustLoad(settings{"load_mode": mode}, schemaOf("t", idAndText, "id"), record("t", `{"id":1,"v":"old"}`))
	d.run("BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE")
	cfg := newConfig(t, d.schema, settings{"lock_timeout": 1, "max_retry_seconds": 0, "load_mode": mode})
	err := loadAloud(t, cfg, func(string) {}, schemaOf("t", idAndText, "id"), record("t", `{"id":1,"v":"new"}`), stateOf("1"))
	refused(t, err, failure.Connection, `stream "t"`, "lock", "pg_stat_activity", "lock_timeout")
	d.run("COMMIT")
	d.want("SELECT id, v FROM t", "1 | old")
}

func TestAStatementThatTakesTooLongSaysWhichSettingAllowsIt(t *testing.T) {
	t.Parallel()
	d := look(t)
	d.run(`CREATE TABLE t (id bigint PRIMARY KEY, v text);
		CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(600); RETURN new; END $$;
		CREATE TRIGGER slow BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION slow()`)
	err := d.load(settings{"statement_timeout": 1, "max_retry_seconds": 0}, schemaOf("t", idAndText, "id"), record("t", `{"id":1,"v":"a"}`))
	refused(t, err, failure.Connection, `stream "t"`, "statement timeout", "raise statement_timeout")
	d.want("SELECT count(*) FROM t", "0")
}

func TestARoleThatIsNotInheritedOwnsWhatIsCreated(t *testing.T) {
	t.Parallel()
	url := pgtest.Database(t)
	admin := lookInto(t, "public", url)
	owner, login := pgtest.Role(t, url), pgtest.Role(t, url, "noinherit")
	quoted := pgx.Identifier{pgtest.User(t, owner)}.Sanitize()
	admin.run("GRANT CREATE ON DATABASE " + admin.one("SELECT quote_ident(current_database())") + " TO " + quoted)
	admin.run("GRANT " + quoted + " TO " + pgx.Identifier{pgtest.User(t, login)}.Sanitize())
	d := lookInto(t, "public", url)
	d.schema = "made"
	as := settings{"url": login, "role": pgtest.User(t, owner), "load_mode": "append"}
	for range 2 {
		d.mustLoad(as, schemaOf("t", idAndText, "id"), record("t", `{"id":1,"v":"a"}`))
	}
	d.want("SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class WHERE relnamespace = 'made'::regnamespace", pgtest.User(t, owner))
	d.want("SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'made'", pgtest.User(t, owner))
	d.want("SELECT count(*) FROM made.t", "2")
}

func TestARoleThatMayNotBeTakenIsExplained(t *testing.T) {
	t.Parallel()
	d := look(t)
	login, other := pgtest.Role(t, pgtest.URL(t)), pgtest.Role(t, pgtest.URL(t))
	name := pgtest.User(t, other)
	err := d.load(settings{"url": login, "role": name}, schemaOf("t", idAndText, "id"), record("t", `{"id":1}`))
	refused(t, err, failure.Configuration, "set role", name, "leave out the setting role")
}

func TestTheRunIsSeenInTheListOfSessions(t *testing.T) {
	t.Parallel()
	for name, more := range map[string]settings{"target-postgres": nil, "nightly of " + t.Name(): {"application_name": "nightly of " + t.Name()}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := pgtest.Database(t)
			d := lookInto(t, "public", url)
			w := newWitness(t, d.schema)
			var seen []string
			w.onLine = func(int) {
				seen = d.rows("SELECT DISTINCT application_name FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
			}
			messages := []string{schemaOf("t", idAndText, "id"), record("t", `{"id":1}`), stateOf("{}")}
			run := newTarget(t, newConfig(t, d.schema, merged(settings{"url": url}, more)), strings.NewReader(strings.Join(messages, "\n")), w)
			if err := run.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(seen, []string{name}) {
				t.Errorf("the sessions are called %q while the STATE leaves, want %q", seen, name)
			}
		})
	}
}

func TestNothingOfARunIsLeftInTheDatabaseBesideItsTables(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"append", "replace", "upsert", "history", "soft_delete"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			url := pgtest.Database(t)
			d := lookInto(t, "public", url)
			cfg := settings{"url": url, "load_mode": mode, "batch_max_rows": 2}
			if mode == "history" || mode == "soft_delete" {
				cfg["full_snapshot"] = true
			}
			for range 2 {
				d.mustLoad(cfg, schemaOf("t", idAndText, "id"), record("t", `{"id":1,"v":"a"}`), record("t", `{"id":2,"v":"a"}`), record("t", `{"id":1,"v":"b"}`), stateOf("1"))
			}
			d.want(`SELECT c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
				WHERE c.relkind NOT IN ('i', 't') AND n.nspname !~ '^pg_(catalog|toast)$|^information_schema$'`, "t")
			d.want("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())", "0")
			d.want("SELECT count(*) FROM pg_prepared_xacts", "0")
		})
	}
}
