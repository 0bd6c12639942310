package tunnel

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/internal/pgtest"
)

// behind returns the configuration of a connection to the test database, and a bastion: only the bastion can resolve
// the name the configuration has.
func behind(t *testing.T) (*pgx.ConnConfig, *bastion) {
	t.Helper()
	cfg, err := pgx.ParseConfig(pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	if filepath.IsAbs(cfg.Host) {
		t.Skip("the bastion of this test cannot forward to the socket that TEST_POSTGRES_DSN names")
	}
	port := strconv.Itoa(int(cfg.Port))
	b := startBastion(t, func(b *bastion) {
		b.names = map[string]string{"db.private.invalid:" + port: net.JoinHostPort(cfg.Host, port)}
	})
	cfg.Host, cfg.Fallbacks = "db.private.invalid", nil
	return cfg, b
}

func connect(t *testing.T, cfg *pgx.ConnConfig, tun *Tunnel) *pgx.Conn {
	t.Helper()
	cfg = cfg.Copy()
	cfg.DialFunc, cfg.LookupFunc = tun.DialContext, tun.LookupHost
	conn, err := pgx.ConnectConfig(patience(t), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func TestRowsAreCopiedThroughTheTunnel(t *testing.T) {
	t.Parallel()
	cfg, b := behind(t)
	conn := connect(t, cfg, mustOpen(t, b.with()))
	if _, err := conn.Exec(patience(t), "create temp table loaded (id bigint, name text)"); err != nil {
		t.Fatal(err)
	}
	const rows = 100_000
	copied, err := conn.CopyFrom(patience(t), pgx.Identifier{"loaded"}, []string{"id", "name"},
		pgx.CopyFromSlice(rows, func(i int) ([]any, error) { return []any{int64(i), "row " + strconv.Itoa(i)}, nil }))
	if err != nil || copied != rows {
		t.Fatalf("%d of %d rows, %v", copied, rows, err)
	}
	var sum int64
	err = conn.QueryRow(patience(t), "select sum(id) from loaded where name = 'row ' || id").Scan(&sum)
	if want := int64(rows) * (rows - 1) / 2; err != nil || sum != want {
		t.Errorf("the ids add up to %d, want %d, %v", sum, want, err)
	}
}

func TestAContextThatEndsInterruptsAQueryInTheTunnel(t *testing.T) {
	t.Parallel()
	cfg, b := behind(t)
	conn := connect(t, cfg, mustOpen(t, b.with()))
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := conn.Exec(ctx, "select pg_sleep(600)")
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the query ended with %v", err)
	}
}

func TestACancelRequestTakesTheWayThroughTheTunnel(t *testing.T) {
	t.Parallel()
	cfg, b := behind(t)
	conn := connect(t, cfg, mustOpen(t, b.with()))
	over := make(chan error, 1)
	go func() {
		_, err := conn.Exec(context.Background(), "select pg_sleep(600)")
		over <- err
	}()
	// A request that overtakes its query does nothing, so go on asking.
	for {
		if err := conn.PgConn().CancelRequest(patience(t)); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-over:
			var cause *pgconn.PgError
			if !errors.As(err, &cause) || cause.Code != "57014" {
				t.Errorf("the query ended with %v", err)
			}
			return
		default:
		}
	}
}

func TestABastionThatDropsInMidLoadIsNamedByPgx(t *testing.T) {
	t.Parallel()
	cfg, b := behind(t)
	tun := mustOpen(t, b.with())
	conn := connect(t, cfg, tun)
	if _, err := conn.Exec(patience(t), "create temp table loaded (id bigint)"); err != nil {
		t.Fatal(err)
	}
	const late = 50_000 // well behind the first buffer
	_, err := conn.CopyFrom(patience(t), pgx.Identifier{"loaded"}, []string{"id"}, pgx.CopyFromFunc(func() func() ([]any, error) {
		id := int64(0)
		return func() ([]any, error) {
			if id++; id == late {
				b.drop()
			}
			return []any{id}, nil // for ever: only the bastion ends it
		}
	}()))
	if failure := mustFail(t, err); failure.Step != StepSession || !failure.Transient() {
		t.Errorf("the load fails with %#v", failure)
	}
	var one int
	if err := connect(t, cfg, tun).QueryRow(patience(t), "select 1").Scan(&one); err != nil {
		t.Errorf("after dialling again: %v", err)
	}
}

func TestAnUnreachableDatabaseIsNamedByPgx(t *testing.T) {
	t.Parallel()
	cfg, b := behind(t)
	tun := mustOpen(t, b.with())
	cfg.DialFunc, cfg.LookupFunc = tun.DialContext, tun.LookupHost
	_, port, _ := net.SplitHostPort(unused(t))
	number, _ := strconv.ParseUint(port, 10, 16)
	cfg.Host, cfg.Port = "127.0.0.1", uint16(number)
	_, err := pgx.ConnectConfig(patience(t), cfg)
	if failure := mustFail(t, err); failure.Step != StepDatabase {
		t.Errorf("the connection fails with %#v", failure)
	}
}
