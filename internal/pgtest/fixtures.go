package pgtest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// Schema creates an empty schema in the database of URL, drops it with everything in it when the test ends, and returns
// its name, which needs no quoting.
func Schema(t testing.TB) string {
	t.Helper()
	return SchemaIn(t, URL(t))
}

// SchemaIn is Schema for the database that connString names.
func SchemaIn(t testing.TB, connString string) string {
	t.Helper()
	name := uniqueName(t)
	execute(t, connString, "create schema "+name)
	t.Cleanup(func() { execute(t, connString, "drop schema if exists "+name+" cascade") })
	return name
}

// Database creates a database and returns its URL. When the test ends the database is dropped, even if sessions are
// still connected. The options are those of CREATE DATABASE, for example "template template0 encoding 'SQL_ASCII'".
func Database(t testing.TB, options ...string) string {
	t.Helper()
	name, server := uniqueName(t), URL(t)
	execute(t, server, "create database "+name+" "+strings.Join(options, " "))
	t.Cleanup(func() { execute(t, server, "drop database if exists "+name+" with (force)") })
	return withURL(t, server, func(u *url.URL) { u.Path = "/" + name })
}

// Role creates a role that may log in and returns connString with its name and password instead. The options are those
// of CREATE ROLE, for example "createdb". Objects that the role owns in that database when the test ends are dropped
// with it.
func Role(t testing.TB, connString string, options ...string) string {
	t.Helper()
	name, password := uniqueName(t), rand.Text()
	execute(t, connString, fmt.Sprintf("create role %s login password '%s' %s", name, password, strings.Join(options, " ")))
	t.Cleanup(func() {
		execute(t, connString, "drop owned by "+name+" cascade", "drop role "+name)
	})
	return withURL(t, connString, func(u *url.URL) { u.User = url.UserPassword(name, password) })
}

// User returns the name of the user in a URL that this package returned.
func User(t testing.TB, connString string) string {
	t.Helper()
	u, err := url.Parse(connString)
	if err != nil || u.User == nil {
		t.Fatal("not a connection URL with a user")
	}
	return u.User.Username()
}

// execute runs statements over a connection that no test has, also after the test's context has ended.
func execute(t testing.TB, connString string, statements ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), timeout)
	defer cancel()
	conn, err := rested(ctx, connString)
	if err != nil {
		t.Fatalf("connect to the test database: %v", err)
	}
	for _, statement := range statements {
		if _, err := conn.Exec(ctx, statement).ReadAll(); err != nil {
			_ = conn.Close(ctx)
			verb, _, _ := strings.Cut(statement, " password ")
			t.Fatalf("%s: %v", verb, err)
		}
	}
	rest(ctx, connString, conn)
}

// resting are connections to the server of URL between two uses. Every test needs some, and a new one costs more than
// what it is for.
var resting = make(chan *pgconn.PgConn, 4)

// rested returns a connection that rests, or a new one.
func rested(ctx context.Context, connString string) (*pgconn.PgConn, error) {
	if isCommon(connString) {
		select {
		case conn := <-resting:
			if conn.Ping(ctx) == nil {
				return conn, nil
			}
		default:
		}
	}
	conn, err := pgconn.Connect(ctx, connString)
	if err != nil {
		return nil, err
	}
	// Waiting for a transaction that a test left open would be waiting for ever.
	_, err = conn.Exec(ctx, "set lock_timeout = '20s'").ReadAll()
	return conn, err
}

// rest keeps a connection to the server of URL, unless enough rest already, and closes any other.
func rest(ctx context.Context, connString string, conn *pgconn.PgConn) {
	if isCommon(connString) {
		select {
		case resting <- conn:
			return
		default:
		}
	}
	_ = conn.Close(ctx)
}

func withURL(t testing.TB, connString string, change func(*url.URL)) string {
	t.Helper()
	u, err := url.Parse(connString)
	if err != nil {
		t.Fatal("not a connection URL")
	}
	change(u)
	return u.String()
}

// uniqueName makes an identifier that tells where it comes from when a test was killed before it could clean up.
func uniqueName(t testing.TB) string {
	plain := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToLower(strings.TrimPrefix(t.Name(), "Test")))
	return "t_" + plain[:min(len(plain), 30)] + "_" + strings.ToLower(rand.Text()[:12])
}

// Execute runs statements on the server of URL, also in a cleanup, when the test's own context has ended.
func Execute(t testing.TB, statements ...string) {
	t.Helper()
	execute(t, URL(t), statements...)
}
