package connect

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/internal/netfault"
)

// TestARequestToCancelIsNotGivenUpWhenTheQueryEndsByItself has a pooler that is slow to pass the request on. PgBouncer
// 1.18 stops when the request's connection closes before.
func TestARequestToCancelIsNotGivenUpWhenTheQueryEndsByItself(t *testing.T) {
	t.Parallel()
	s := the(t, plainServer)
	watcher := connect(t, s.config())
	run(t, watcher.PgConn(), "select pg_advisory_lock(4711)")
	asked, goOn := make(chan struct{}), make(chan struct{})
	relay, err := netfault.Listen("127.0.0.1:"+strconv.Itoa(s.port), netfault.Options{
		Connected: func() (toServer, toClient netfault.Pass) {
			return func(data []byte, send func([]byte) error) error {
				if len(data) == 16 { // as long as the request, and no startup packet is
					close(asked)
					<-goOn
				}
				return send(data)
			}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(relay.Close)
	cfg := s.config()
	cfg.Host, cfg.Port, cfg.ApplicationName = "127.0.0.1", relay.Port(), "cancelled too late"
	conn := connect(t, cfg)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	returned := make(chan struct{})
	go func() {
		defer close(returned)
		// It has its lock before the request comes.
		_, _ = conn.Exec(ctx, "select pg_advisory_lock(4711)")
	}()
	waitFor(t, func() bool { return active(t, watcher.PgConn(), cfg.ApplicationName) })
	cancel()
	<-asked
	run(t, watcher.PgConn(), "select pg_advisory_unlock(4711)")
	waitFor(t, func() bool { return !active(t, watcher.PgConn(), cfg.ApplicationName) })
	select {
	case <-returned:
		t.Error("the request was given up")
	case <-time.After(3 * cancelArrives): // pgx waits once that long for a request that it gives up
	}
	close(goOn)
	<-returned
}

func run(t *testing.T, conn *pgconn.PgConn, statement string) {
	t.Helper()
	if err := conn.ExecParams(t.Context(), statement, nil, nil, nil, nil).Read().Err; err != nil {
		t.Fatal(err)
	}
}
