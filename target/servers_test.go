package target_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"target-postgres/internal/pgtest"
	"target-postgres/target/failure"
)

// setRole changes a setting of every session of the role in the URL.
func (d *database) setRole(login, setting string) {
	d.t.Helper()
	d.run("ALTER ROLE " + pgx.Identifier{pgtest.User(d.t, login)}.Sanitize() + " SET " + setting)
}

// TestAReadOnlySessionIsNotOverridden is about a switch that administrators, and some clouds when a disk fills up, turn
// on so that nothing is written.
func TestAReadOnlySessionIsNotOverridden(t *testing.T) {
	t.Parallel()
	for _, there := range []bool{false, true} {
		t.Run(fmt.Sprintf("table there %t", there), func(t *testing.T) {
			t.Parallel()
			admin, role, as := asRole(t)
			if there {
				admin.run("CREATE TABLE t (id bigint PRIMARY KEY, v text); GRANT ALL ON t TO " + role)
			} else {
				admin.run("GRANT CREATE ON SCHEMA " + admin.schema + " TO " + role)
			}
			admin.setRole(as["url"].(string), "default_transaction_read_only TO on")
			err := admin.load(as, schemaOf("t", idAndText, "id"), record("t", `{"id":1}`))
			refused(t, err, failure.Configuration, "read-only", "default_transaction_read_only", "standby")
			admin.setRole(as["url"].(string), "default_transaction_read_only TO off")
			admin.mustLoad(as, schemaOf("t", idAndText, "id"), record("t", `{"id":1}`))
		})
	}
}

func TestAStandbyIsToldApart(t *testing.T) {
	t.Parallel()
	server := pgtest.Server(t, nil)
	lookInto(t, "public", server.URL).run("CREATE TABLE t (id bigint PRIMARY KEY, v text)")
	// A server that shall be a standby is one, of nobody.
	signal := filepath.Join(server.DataDir, "data", "standby.signal")
	if err := os.WriteFile(signal, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(signal, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := server.Restart(t.Context(), "fast"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"t", "new"} {
		_, err := load(t, newConfig(t, "public", settings{"url": server.URL}), schemaOf(name, idAndText, "id"), record(name, `{"id":1}`))
		refused(t, err, failure.Configuration, "read-only", "standby", "primary")
	}
}

func TestABatchLargerThanTheBuffersOfTemporaryTables(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"append", "replace", "upsert", "history", "soft_delete"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			admin, role, as := asRole(t)
			admin.run("GRANT CREATE ON SCHEMA " + admin.schema + " TO " + role)
			admin.setRole(as["url"].(string), "temp_buffers TO '800kB'")
			as["load_mode"] = mode
			const rows = 4000
			messages := func(value string) []string {
				lines := []string{schemaOf("t", idAndText, "id")}
				for i := range rows {
					lines = append(lines, record("t", fmt.Sprintf(`{"id":%d,"v":%q}`, i%(rows-100), strings.Repeat(value, 100+i%900))))
				}
				return lines
			}
			admin.mustLoad(as, messages("x")...)
			admin.mustLoad(as, messages("y")...)
			want := map[string]string{"append": fmt.Sprint(2 * rows)}[mode]
			if want == "" {
				want = fmt.Sprint(rows - 100)
			}
			active := map[string]string{"history": " WHERE _singular_active"}[mode]
			admin.want("SELECT count(*) FROM t"+active, want)
		})
	}
}

// TestAServerWithoutAConnectionLeft lets the program have a connection only after it was refused one.
func TestAServerWithoutAConnectionLeft(t *testing.T) {
	t.Parallel()
	server := pgtest.Server(t, map[string]string{"max_connections": "5", "superuser_reserved_connections": "2", "max_wal_senders": "0"})
	admin := lookInto(t, "public", server.URL)
	login := pgtest.Role(t, server.URL)
	admin.run("GRANT ALL ON SCHEMA public TO " + pgx.Identifier{pgtest.User(t, login)}.Sanitize())
	// The connection that made the role is closed, but the server may not have noticed yet: its slot must not become
	// free later.
	admin.await(nil, "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'", "1", "somebody else is connected")
	var held []*pgx.Conn
	for {
		conn, err := pgx.Connect(t.Context(), login)
		if err != nil {
			break
		}
		held = append(held, conn)
	}
	if len(held) == 0 {
		t.Fatal("there was no connection to begin with")
	}
	messages := []string{schemaOf("t", idAndText, "id"), record("t", `{"id":1}`), stateOf("1")}
	_, err := load(t, newConfig(t, "public", settings{"url": login, "max_retry_seconds": 0}), messages...)
	refused(t, err, failure.Connection, "no connection left for the role", "max_connections", "PgBouncer")

	retries := 0
	err = loadAloud(t, newConfig(t, "public", settings{"url": login}), func(said string) {
		if !strings.Contains(said, "trying again") {
			return
		}
		if retries++; retries == 1 {
			for _, conn := range held {
				_ = conn.Close(context.Background())
			}
		}
	}, messages...)
	if err != nil || retries == 0 {
		t.Errorf("%v after %d retries", err, retries)
	}
	admin.want("SELECT id FROM t", "1")
}
