package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"target-postgres/internal/pgtest"
	"target-postgres/target/connect"
	"target-postgres/target/failure"
)

// swallower is a proxy that, once it is deaf, acknowledges everything and hands on nothing, to new connections too.
type swallower struct {
	deaf atomic.Bool
	url  string
}

func newSwallower(t *testing.T) *swallower {
	t.Helper()
	server, err := url.Parse(pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s, behind := &swallower{}, server.Host
	server.Host = listener.Addr().String()
	s.url = server.String()
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			there, err := net.Dial("tcp", behind)
			if err != nil {
				_ = client.Close()
				continue
			}
			go s.hand(client, there)
			go s.hand(there, client)
		}
	}()
	return s
}

func (s *swallower) hand(from, to net.Conn) {
	defer to.Close()
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		if !s.deaf.Load() {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
	}
}

// hasty is a patience for tests: a second for every half minute.
var hasty = patience{first: 60 * time.Millisecond, often: 250 * time.Millisecond, answer: 250 * time.Millisecond, silence: time.Second}

func hastyLookout(t *testing.T, connString string) (*Watchdog, *connect.Connector) {
	t.Helper()
	connector, err := connect.New(connect.Config{URL: connString}, nil)
	if err != nil {
		t.Fatal(err)
	}
	o := NewWatchdog(connector, &NewEnding().Lock, slog.New(slog.DiscardHandler))
	o.patience = hasty
	go o.Run(t.Context())
	return o, connector
}

func TestAConnectionThatSwallowsEverythingIsGivenUp(t *testing.T) {
	t.Parallel()
	proxy := newSwallower(t)
	o, connector := hastyLookout(t, proxy.url)
	conn, err := connector.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w := o.Watch(conn)
	proxy.deaf.Store(true)
	_, err = conn.Exec(t.Context(), "SELECT 1")
	err = o.leave(w, err)
	if e, ok := errors.AsType[*failure.Error](err); !ok || e.Blame != failure.Connection || !strings.Contains(e.Reason, "has answered nothing") {
		t.Errorf("got %v", err)
	}
}

// TestANetworkThatFallsSilentWhileRowsWaitIsNoticed has no task under way when the network falls silent: what waits is
// due much later.
func TestANetworkThatFallsSilentWhileRowsWaitIsNoticed(t *testing.T) {
	t.Parallel()
	proxy := newSwallower(t)
	connector, err := connect.New(connect.Config{URL: proxy.url}, nil)
	if err != nil {
		t.Fatal(err)
	}
	none := func(_ context.Context, _ *pgx.Conn, err error) error { return err }
	failed := make(chan struct{})
	l := newPipeline(connector, Retry{}, none, 2, NewEnding(), slog.New(slog.DiscardHandler), func() { close(failed) })
	l.watchdog.patience = hasty
	l.begin(t.Context())
	waiting, nothing := func() bool { return true }, func() bool { return false }
	if err := l.Do(func(context.Context, *pgx.Conn) error { return nil }); err != nil {
		t.Fatal(err)
	}
	proxy.deaf.Store(true)
	for _, none := range []error{l.StayInTouch(time.Hour, waiting), l.StayInTouch(0, nothing)} {
		if none != nil || l.UnderWay.Load() != 0 {
			t.Errorf("the server is asked when it has just answered, or when nothing waits: %v", none)
		}
	}
	if err := l.StayInTouch(0, waiting); err != nil {
		t.Fatal(err)
	}
	<-failed
	if err := l.Close(); !strings.Contains(fmt.Sprint(err), "has answered nothing") {
		t.Errorf("got %v", err)
	}
}

func TestAServerThatIsBusyIsNotCutOff(t *testing.T) {
	t.Parallel()
	o, connector := hastyLookout(t, pgtest.URL(t))
	conn, err := connector.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	w := o.Watch(conn)
	_, err = conn.Exec(t.Context(), "SELECT pg_sleep(5)") // five times the silence
	if err = o.leave(w, err); err != nil {
		t.Errorf("got %v", err)
	}
}

func TestOnlyWorkThatGetsOnIsWaitedForAfterASignal(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		report report
		want   bool
	}{
		{report{state: "active"}, true},
		{report{state: "active", waitType: "IO", event: "DataFileRead"}, true},
		{report{state: "active", waitType: "IPC", event: "BgWorkerShutdown"}, true},
		{report{state: "active", waitType: "IPC", event: "SyncRep"}, false},
		{report{state: "active", waitType: "Lock", event: "relation"}, false},
		{report{state: "active", waitType: "Client", event: "ClientRead"}, false},
		{report{state: "active", waitType: "Timeout", event: "PgSleep"}, false},
		{report{state: "idle in transaction"}, false},
	} {
		if got := test.report.working(); got != test.want {
			t.Errorf("%+v: got %t", test.report, got)
		}
	}
}

func TestWhatAHolderIsCalled(t *testing.T) {
	t.Parallel()
	h := holder{pid: 7, application: "psql", user: "dba", state: "idle in transaction", queryStart: "2026-01-01T00:00:00Z"}
	want := `held by pid 7 (application_name "psql", user "dba", idle in transaction, query started 2026-01-01T00:00:00Z)`
	if got := h.String(); got != want {
		t.Errorf("got %s", got)
	}
	if got := (&holder{}).String(); !strings.Contains(got, "pg_prepared_xacts") {
		t.Errorf("a prepared transaction is %s", got)
	}
}
