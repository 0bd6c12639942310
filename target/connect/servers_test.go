package connect

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/internal/pgserver"
)

// The password of every role, with all that needs escaping somewhere, made of words that occur in nothing else.
const password = `xyzzy@plugh/frotz:%25blorb?#&= '"\é+rezrov`

// fragments of the password, none of which may ever be printed.
var fragments = []string{"xyzzy", "plugh", "frotz", "blorb", "rezrov", "gnusto"}

// keyPassphrase is another secret.
const keyPassphrase = "gnusto-passphrase"

const testTimeout = 2 * time.Minute

// testServer is a PostgreSQL of this package's tests, shared by all of them.
type testServer struct {
	*pgserver.Server // which ends when it is forgotten
	port             int
	ca               *authority
}

// rules of pg_hba.conf, for roles that are made to fail each in its own way.
const rules = `
host      all  postgres                    all  scram-sha-256
host      all  alice,reader,crowded,backslash all  scram-sha-256
host      all  nobody                      all  trust
host      all  rejected                    all  reject
hostssl   all  encrypted                   all  scram-sha-256
hostnossl all  clear                       all  scram-sha-256
hostssl   all  certified                   all  cert
hostssl   all  twofold                        all  scram-sha-256 clientcert=verify-full
host      all  oldstyle                    all  md5
`

// roles that log in by the rules; "nobody" does not exist, "stranger" has no line.
var roles = []string{
	"alice", "reader", "crowded", "backslash", "rejected", "encrypted", "clear", "certified", "twofold", "oldstyle", "stranger",
}

// The servers: without TLS, with a certificate for localhost and db.internal, and with one that has expired.
var (
	plainServer = sync.OnceValues(func() (*testServer, error) { return startServer(nil) })
	tlsServer   = sync.OnceValues(func() (*testServer, error) {
		return startServer(func(tb testing.TB, ca *authority) *issued { return ca.server(tb, "localhost", "db.internal") })
	})
	expiredServer = sync.OnceValues(func() (*testServer, error) {
		return startServer(func(tb testing.TB, ca *authority) *issued { return ca.expired(tb, "localhost") })
	})
)

// the returns one of the servers.
func the(tb testing.TB, server func() (*testServer, error)) *testServer {
	tb.Helper()
	if runtime.GOOS == "windows" {
		tb.Skip("the server's files are written by a shell")
	}
	s, err := server()
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// setup collects what a start needs to call testing helpers outside of a test.
type setup struct {
	testing.TB
	err error
}

func (s *setup) Helper() {}

func (s *setup) Fatal(args ...any) {
	s.err = errors.New(fmt.Sprint(args...))
	panic(s)
}

func startServer(certificate func(testing.TB, *authority) *issued) (_ *testServer, err error) {
	tb := &setup{}
	defer func() {
		if recover() != nil {
			err = tb.err
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
	defer cancel()
	started, err := pgserver.Start(ctx, pgserver.Options{Version: os.Getenv("TEST_POSTGRES_VERSION")})
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(started.URL)
	if err != nil {
		return nil, err
	}
	s := &testServer{Server: started, ca: newAuthority(tb, "the test authority")}
	if s.port, err = strconv.Atoi(u.Port()); err != nil {
		return nil, err
	}
	statements := s.statements()
	if certificate != nil {
		statements = append(statements, tlsStatements(certificate(tb, s.ca), s.ca)...)
	}
	err = s.prepare(ctx, append(statements, "select pg_reload_conf()"), certificate != nil)
	return s, err
}

// statements make the roles and the rules.
func (s *testServer) statements() []string {
	statements := make([]string, 0, len(roles)+8)
	for _, role := range roles {
		statements = append(statements, fmt.Sprintf("create role %s login password '%s'", role, strings.ReplaceAll(password, "'", "''")))
	}
	return append(statements,
		"create database loads", "create database closed allow_connections false", "create database private",
		"revoke connect on database private from public",
		"alter role reader set default_transaction_read_only = on",
		"alter role crowded connection limit 0",
		"alter role backslash set standard_conforming_strings = off",
		write("pg_hba.conf", rules))
}

func tlsStatements(server *issued, ca *authority) []string {
	return []string{
		write("server.crt", server.cert), write("server.key", server.key), write("ca.crt", ca.pem),
		"alter system set ssl_cert_file = 'server.crt'", "alter system set ssl_key_file = 'server.key'",
		"alter system set ssl_ca_file = 'ca.crt'", "alter system set ssl = on",
	}
}

// write lets the server write a file into its own directory, as the user it runs as: a key must not belong to another
// user.
func write(name, text string) string {
	return fmt.Sprintf("copy (select unnest(string_to_array($text$%s$text$, E'\\n'))) to program 'umask 077; cat > %s'", text, name)
}

// prepare runs the statements and waits until new connections see the result.
func (s *testServer) prepare(ctx context.Context, statements []string, encrypted bool) error {
	conn, err := pgx.Connect(ctx, s.URL)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for _, statement := range statements {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("%.60s: %w", statement, err)
		}
	}
	want := map[bool]string{true: "on", false: "off"}[encrypted]
	for got, rejected := "", false; got != want || !rejected; {
		conn, err := pgx.Connect(ctx, s.URL)
		if err != nil {
			return err
		}
		err = conn.QueryRow(ctx, "select current_setting('ssl'), exists (select from pg_hba_file_rules where auth_method = 'reject')").Scan(&got, &rejected)
		_ = conn.Close(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

// config logs alice in.
func (s *testServer) config() Config {
	return Config{Host: "localhost", Port: s.port, Username: "alice", Password: password, Database: "loads"}
}

// connect returns a connection that is closed when the test ends.
func connect(t *testing.T, cfg Config) *pgx.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), testTimeout)
	defer cancel()
	c := connector(t, cfg)
	conn, err := c.Connect(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func connector(t *testing.T, cfg Config) *Connector {
	t.Helper()
	c, err := New(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// fails connects, which must fail, and looks for secrets in all that comes out.
func fails(t *testing.T, cfg Config) *Error {
	t.Helper()
	var log bytes.Buffer
	ctx, cancel := context.WithTimeout(t.Context(), testTimeout)
	defer cancel()
	c, err := New(cfg, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	if err == nil {
		defer c.Close()
		var conn *pgx.Conn
		if conn, err = c.Connect(ctx); err == nil {
			_ = conn.Close(ctx)
			t.Fatalf("connected with %v", cfg)
		}
	}
	var failed *Error
	if !errors.As(err, &failed) {
		t.Fatalf("%T is not an *Error: %v", err, err)
	}
	checkSecrets(t, failed, log.String())
	t.Log(failed)
	return failed
}

// checkSecrets looks at an error in every way it can be printed, and at its causes.
func checkSecrets(t *testing.T, err error, log string) {
	t.Helper()
	var whole *pgconn.ConnectError
	var parsed *pgconn.ParseConfigError
	if errors.As(err, &whole) || errors.As(err, &parsed) {
		t.Errorf("the cause holds the configuration: %T", err)
	}
	text := log
	for cause := err; cause != nil; cause = errors.Unwrap(cause) {
		text += fmt.Sprintf("\n%v\n%+v\n%#v\n%q", cause, cause, cause, cause)
	}
	for _, fragment := range append(fragments, "PRIVATE KEY") {
		if strings.Contains(text, fragment) {
			t.Errorf("%q is printed in:\n%s", fragment, text)
		}
	}
}

// want is what a test expects of an Error.
type want struct {
	step, setting string
	transient     bool
	reason, hint  string // parts
}

func (w want) check(t *testing.T, got *Error) {
	t.Helper()
	if got.Step != w.step || got.Setting != w.setting || got.Transient != w.transient {
		t.Errorf("got step %q, setting %q, transient %v, want %q, %q, %v: %v",
			got.Step, got.Setting, got.Transient, w.step, w.setting, w.transient, got)
	}
	if !strings.Contains(got.Reason, w.reason) || !strings.Contains(got.Hint, w.hint) {
		t.Errorf("got %q, want reason %q and hint %q in it", got, w.reason, w.hint)
	}
	if !strings.Contains(got.Error(), got.Reason) || !strings.Contains(got.Error(), got.Hint) {
		t.Errorf("%q lacks reason or hint", got)
	}
}
