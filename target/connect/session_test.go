package connect

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"
)

func TestTheSessionIsInUTCAndUTF8AndNamed(t *testing.T) {
	t.Parallel()
	cfg := the(t, plainServer).config()
	cfg.URL = "postgres://?timezone=Asia/Tokyo&client_encoding=LATIN1&datestyle=German"
	got := make([]string, 3)
	if err := connect(t, cfg).QueryRow(t.Context(),
		"select current_setting('TimeZone'), current_setting('client_encoding'), current_setting('application_name')").
		Scan(&got[0], &got[1], &got[2]); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"UTC", "UTF8", "target-postgres"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestOnlyStartupParametersThatPgBouncerTakesAreSent(t *testing.T) {
	t.Parallel()
	config := connector(t, Config{Username: "u", ApplicationName: "a"}).servers[0].config
	want := map[string]string{"application_name": "a", "client_encoding": "UTF8", "TimeZone": "UTC"}
	if diff := cmp.Diff(want, config.RuntimeParams); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	config = connector(t, Config{Username: "u", URL: "postgres://?options=-c%20a=b"}).servers[0].config
	if got := config.RuntimeParams["options"]; got != "-c a=b" {
		t.Errorf("options somebody asked for are %q", got)
	}
}

func TestNothingIsPreparedInTheSession(t *testing.T) {
	t.Parallel()
	conn := connect(t, the(t, plainServer).config())
	for range 2 {
		var text string
		var number int
		if err := conn.QueryRow(t.Context(), "select $1::text, $2::int", `it's a \ "b"`, 7).Scan(&text, &number); err != nil {
			t.Fatal(err)
		}
		if text != `it's a \ "b"` || number != 7 {
			t.Errorf("got %q and %d", text, number)
		}
	}
	var prepared int
	if err := conn.QueryRow(t.Context(), "select count(*) from pg_prepared_statements").Scan(&prepared); err != nil || prepared != 0 {
		t.Errorf("%d statements are prepared, %v", prepared, err)
	}
}

func TestAServerWithoutStandardStringsGetsTheSameValues(t *testing.T) {
	t.Parallel()
	cfg := the(t, plainServer).config()
	cfg.Username = "backslash"
	conn := connect(t, cfg)
	var setting, text string
	if err := conn.QueryRow(t.Context(), "show standard_conforming_strings").Scan(&setting); err != nil || setting != "off" {
		t.Fatalf("the role has %q, %v", setting, err)
	}
	if err := conn.QueryRow(t.Context(), "select $1::text", `a\b'c`).Scan(&text); err != nil || text != `a\b'c` {
		t.Errorf("got %q, %v", text, err)
	}
}

func TestACancelledQueryEndsOnTheServerToo(t *testing.T) {
	t.Parallel()
	for name, server := range map[string]func() (*testServer, error){"unencrypted": plainServer, "encrypted": tlsServer} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := the(t, server)
			cfg := s.config()
			cfg.UseTLS = true
			cfg.ApplicationName = "cancelled " + name
			conn, watcher := connect(t, cfg), connect(t, s.config())
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				waitFor(t, func() bool { return active(t, watcher.PgConn(), cfg.ApplicationName) })
				cancel()
			}()
			_, err := conn.Exec(ctx, "select pg_sleep(600)")
			var pg *pgconn.PgError
			if !errors.As(err, &pg) || pg.Code != "57014" {
				t.Errorf("got %v, want the server's own answer", err)
			}
			if _, err := conn.Exec(t.Context(), "select 1"); err != nil {
				t.Errorf("the connection does not outlive it: %v", err)
			}
		})
	}
}

// active reports whether a session runs a query under an application name.
func active(t *testing.T, conn *pgconn.PgConn, name string) bool {
	result := conn.ExecParams(t.Context(),
		"select from pg_stat_activity where application_name = $1 and state = 'active'", [][]byte{[]byte(name)}, nil, nil, nil).Read()
	if result.Err != nil {
		t.Error(result.Err)
		return true
	}
	return result.CommandTag.RowsAffected() > 0
}

// waitFor asks until the answer is yes.
func waitFor(t *testing.T, yes func() bool) {
	t.Helper()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.Now().Add(testTimeout)
	for !yes() {
		if time.Now().After(deadline) {
			t.Error("it never came")
			return
		}
		<-ticker.C
	}
}

func TestAClosedConnectorConnectsNoMoreThroughItsTunnel(t *testing.T) {
	t.Parallel()
	s := the(t, plainServer)
	b := newBastion(t, map[string]string{"db.internal:5432": s.address()})
	cfg := s.config()
	cfg.Host, cfg.Port, cfg.Tunnel = "db.internal", 0, b.config()
	c := connector(t, cfg)
	conn, err := c.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), "select 1"); err == nil {
		t.Error("a connection outlives its tunnel")
	}
	_, err = c.Connect(t.Context())
	var failed *Error
	if !errors.As(err, &failed) || failed.Transient || !errors.Is(err, errClosed) {
		t.Errorf("got %v", err)
	}
}
