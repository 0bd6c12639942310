// Package pgtest gives tests a real PostgreSQL.
//
// The server is the one that $TEST_POSTGRES_DSN names, else a temporary one that all test processes of this user share
// ($TEST_POSTGRES_VERSION picks its major version). It is started when the first test asks and ends with the last
// process. There is no way around it: a test that gets no server fails.
//
// Everything that a test makes here has a name of its own and is removed when the test ends, so that tests may run in
// parallel, also on a server that other people use.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"target-postgres/internal/pgserver"
)

// timeout bounds every step; a server that takes longer is broken.
const timeout = time.Minute

// server finds or starts the server once per process, which keeps its share in it until it ends.
var server = sync.OnceValues(func() (*pgserver.Server, error) {
	if dsn := os.Getenv("TEST_POSTGRES_DSN"); dsn != "" {
		u, err := url.Parse(dsn)
		if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
			return nil, errors.New("TEST_POSTGRES_DSN must be a URL, postgres://user:password@host:port/database")
		}
		return &pgserver.Server{URL: dsn}, nil
	}
	return pgserver.Share(context.Background(), pgserver.Options{
		Version: os.Getenv("TEST_POSTGRES_VERSION"),
		Logf:    func(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) },
	})
})

// Server starts a server for one test, for what must not happen to the shared one: crashes, restarts, settings. It is
// of $TEST_POSTGRES_VERSION too, and is stopped when the test ends.
func Server(t testing.TB, settings map[string]string) *pgserver.Server {
	t.Helper()
	s, err := pgserver.Start(t.Context(), pgserver.Options{
		Version: os.Getenv("TEST_POSTGRES_VERSION"), Settings: settings, Logf: t.Logf,
	})
	if err != nil {
		t.Fatalf("no PostgreSQL for this test: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Stop(context.Background()); err != nil {
			t.Errorf("stop the server of this test: %v", err)
		}
	})
	return s
}

// Standby starts an asynchronous standby of a server for one test. It is stopped when the test ends.
func Standby(t testing.TB, primary *pgserver.Server) *pgserver.Server {
	t.Helper()
	s, err := primary.Standby(t.Context())
	if err != nil {
		t.Fatalf("no standby for this test: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Stop(context.Background()); err != nil {
			t.Errorf("stop the standby of this test: %v", err)
		}
	})
	return s
}

// Dir is t.TempDir for the data directory of a server: everybody may enter it, because root's server runs as another
// user, to whom t.TempDir is closed.
func Dir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "pgtest-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // being open is what it is for
		t.Fatal(err)
	}
	return dir
}

// URL returns the connection URL of the server: a superuser's, except that of $TEST_POSTGRES_DSN, which is what it is
// but must be allowed to create schemas, databases and roles.
func URL(t testing.TB) string {
	t.Helper()
	s, err := server()
	if err != nil {
		t.Fatalf("no PostgreSQL for the tests: %v", err)
	}
	common.Store(&s.URL)
	return s.URL
}

// common is the URL of the server that tests have in common, once a test has asked for it.
var common atomic.Pointer[string]

func isCommon(connString string) bool {
	at := common.Load()
	return at != nil && *at == connString
}

// Connect returns a connection to the server of URL that is closed when the test ends.
func Connect(t testing.TB) *pgx.Conn {
	t.Helper()
	return ConnectTo(t, URL(t))
}

// ConnectTo returns a connection to any server or database that is closed when the test ends.
func ConnectTo(t testing.TB, connString string) *pgx.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	conn, err := pgx.Connect(ctx, connString)
	if err != nil {
		t.Fatalf("connect to the test database: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), timeout)
		defer cancel()
		_ = conn.Close(ctx) // a test may have broken it on purpose
	})
	return conn
}

// LoaderURL is how the program under test connects to the server of URL: $TEST_LOADER_DSN where a pooler stands between
// them, else URL itself.
func LoaderURL(t testing.TB) string {
	t.Helper()
	if through := os.Getenv("TEST_LOADER_DSN"); through != "" {
		return through
	}
	return URL(t)
}
