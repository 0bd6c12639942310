//go:build linux && !386

package connect

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"target-postgres/target/libpq"
)

// impatient is a liveness for tests: seconds instead of a minute.
var impatient = liveness{
	keepAlive: net.KeepAliveConfig{Enable: true, Idle: time.Second, Interval: time.Second, Count: 2},
	silence:   500 * time.Millisecond,
	interval:  50 * time.Millisecond,
}

// mayDeafen skips the test on kernels that allow filters of sockets only to privileged users: there is no other way to
// make a network die between two processes of one machine.
func mayDeafen(t *testing.T) {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = syscall.Close(fd) }()
	if err := syscall.AttachLsf(fd, dropAll()); errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) { //nolint:staticcheck // as in dropAll
		t.Skipf("A DEAD NETWORK IS NOT TESTED: this user may not filter what a socket receives: %v", err)
	}
}

// dropAll is a filter that lets nothing through.
func dropAll() []syscall.SockFilter {
	return []syscall.SockFilter{*syscall.LsfStmt(syscall.BPF_RET|syscall.BPF_K, 0)} //nolint:staticcheck // x/net has no more to offer
}

// deafen makes a socket drop all that arrives before the kernel's TCP sees it, as a network does that has died: nothing
// is acknowledged any more.
func deafen(t *testing.T, conn *watched) {
	t.Helper()
	var failed error
	err := conn.raw.Control(func(fd uintptr) {
		failed = syscall.AttachLsf(int(fd), dropAll()) //nolint:staticcheck // as in dropAll
	})
	if err = errors.Join(err, failed); err != nil {
		t.Error(err)
	}
}

// impatiently connects with the liveness of tests.
func impatiently(t *testing.T, cfg Config) *pgx.Conn {
	t.Helper()
	c := connector(t, cfg)
	c.liveness = impatient
	conn, err := c.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.PgConn().Conn().Close() })
	return conn
}

// socket is the TCP connection under a connection to a server without TLS.
func socket(t *testing.T, conn *pgx.Conn) *watched {
	t.Helper()
	w, ok := conn.PgConn().Conn().(*watched)
	if !ok {
		t.Fatalf("the connection is a %T", conn.PgConn().Conn())
	}
	return w
}

// noticed does something over a dead network, which must end by itself.
func noticed(t *testing.T, conn *pgx.Conn, do func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := do(ctx); err == nil || ctx.Err() != nil || !conn.IsClosed() {
		t.Errorf("got %v, out of time %v, closed %t", err, ctx.Err(), conn.IsClosed())
	}
}

func TestADeadNetworkIsNoticedWhileAQueryIsSent(t *testing.T) {
	t.Parallel()
	mayDeafen(t)
	conn := impatiently(t, the(t, plainServer).config())
	deafen(t, socket(t, conn))
	noticed(t, conn, func(ctx context.Context) error {
		_, err := conn.Exec(ctx, "select 1")
		return err
	})
}

func TestADeadNetworkIsNoticedWhileTheServerWorks(t *testing.T) {
	t.Parallel()
	mayDeafen(t)
	s := the(t, plainServer)
	cfg := s.config()
	cfg.ApplicationName = "deafened"
	conn, watcher := impatiently(t, cfg), connect(t, s.config())
	w := socket(t, conn)
	go func() {
		waitFor(t, func() bool { return active(t, watcher.PgConn(), cfg.ApplicationName) && acknowledged(t, w) })
		deafen(t, w)
	}()
	noticed(t, conn, func(ctx context.Context) error {
		_, err := conn.Exec(ctx, "select pg_sleep(600)")
		return err
	})
	_, _ = watcher.Exec(t.Context(), "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'deafened'")
}

// acknowledged reports whether all that was sent has arrived.
func acknowledged(t *testing.T, w *watched) bool {
	info, err := tcpInfo(w.raw)
	if err != nil {
		t.Error(err)
	}
	return info.Unacked == 0
}

func TestADeadNetworkIsNoticedWhileRowsAreCopied(t *testing.T) {
	t.Parallel()
	mayDeafen(t)
	conn := impatiently(t, the(t, plainServer).config())
	if _, err := conn.Exec(t.Context(), "create temp table copied (t text)"); err != nil {
		t.Fatal(err)
	}
	w := socket(t, conn)
	rows := &endless{after: func() { deafen(t, w) }}
	noticed(t, conn, func(ctx context.Context) error {
		_, err := conn.PgConn().CopyFrom(ctx, rows, "copy copied from stdin")
		return err
	})
}

// endless gives rows for ever, and after a megabyte calls its function once.
type endless struct {
	given int
	after func()
}

func (e *endless) Read(p []byte) (int, error) {
	const row = "0123456789abcde\n"
	n := copy(p, strings.Repeat(row, len(p)/len(row)))
	if e.given += n; e.given > 1<<20 && e.after != nil {
		e.after()
		e.after = nil
	}
	return n, nil
}

// A COPY into a table that another session has locked fills the server's buffers, so that its kernel closes the window:
// for as long as the lock is held nothing moves, and nothing is wrong. TCP_USER_TIMEOUT would end the connection.
func TestAServerThatTakesNothingBecauseItWaitsIsNotDead(t *testing.T) {
	t.Parallel()
	s := the(t, plainServer)
	admin, err := pgx.Connect(t.Context(), s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(t.Context())
	for _, statement := range []string{"create table locked (t text)", "grant insert on locked to alice", "begin", "lock table locked"} {
		if _, err := admin.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	cfg := s.config()
	cfg.Database = "postgres"
	conn := impatiently(t, cfg)
	w := socket(t, conn)
	unlocked := make(chan struct{})
	go func() {
		defer close(unlocked)
		// Several times as long as a dead network would need to be noticed.
		waitFor(t, func() bool { return stalled(t, w, 4*impatient.silence) })
		if _, err := admin.Exec(t.Context(), "commit"); err != nil {
			t.Error(err)
		}
	}()
	rows := &limited{left: 64 << 20}
	tag, err := conn.PgConn().CopyFrom(t.Context(), rows, "copy locked from stdin")
	if err != nil || tag.RowsAffected() != 4<<20 {
		t.Errorf("got %s, %v", tag, err)
	}
	<-unlocked
	if _, err := admin.Exec(t.Context(), "drop table locked"); err != nil {
		t.Error(err)
	}
}

// stalled reports whether the peer's window has been closed for some time.
func stalled(t *testing.T, w *watched, since time.Duration) bool {
	info, err := tcpInfo(w.raw)
	if err != nil {
		t.Error(err)
		return true
	}
	return info.Backoff > 0 && info.Unacked == 0 && time.Duration(info.Last_data_sent)*time.Millisecond > since
}

type limited struct {
	endless
	left int
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left == 0 {
		return 0, io.EOF
	}
	n, err := l.endless.Read(p[:min(len(p)/16*16, l.left)])
	l.left -= n
	return n, err
}

func TestOnlySilenceAfterRepetitionIsDeath(t *testing.T) {
	t.Parallel()
	const long, short = 41_000, 39_000
	for _, test := range []struct {
		name string
		info syscall.TCPInfo
		want bool
	}{
		{"nothing to say", syscall.TCPInfo{Last_ack_recv: long}, false},
		{"just sent after a sleep", syscall.TCPInfo{Last_ack_recv: long, Unacked: 3}, false},
		{"sent again once", syscall.TCPInfo{Last_ack_recv: long, Unacked: 3, Retransmits: 1}, false},
		{"sent again often", syscall.TCPInfo{Last_ack_recv: long, Unacked: 3, Retransmits: 6}, true},
		{"sent again often, answered lately", syscall.TCPInfo{Last_ack_recv: short, Unacked: 3, Retransmits: 6}, false},
		{"window closed, asked once", syscall.TCPInfo{Last_ack_recv: long, Probes: 1, Backoff: 8}, false},
		{"window closed, no answers", syscall.TCPInfo{Last_ack_recv: long, Probes: 2, Backoff: 8}, true},
		{"window closed, answered lately", syscall.TCPInfo{Last_ack_recv: short, Probes: 2, Backoff: 8}, false},
	} {
		if got := dead(&test.info, defaultLiveness.silence); got != test.want {
			t.Errorf("%s: got %t", test.name, got)
		}
	}
}

func TestTheDefaultsNoticeWithinAMinute(t *testing.T) {
	t.Parallel()
	k := defaultLiveness.keepAlive
	if idle := k.Idle + time.Duration(k.Count)*k.Interval; !k.Enable || idle > time.Minute {
		t.Errorf("an idle connection is noticed after %s", idle)
	}
	if busy := defaultLiveness.silence + defaultLiveness.interval; busy > time.Minute {
		t.Errorf("a busy connection is noticed after %s", busy)
	}
}

func TestKeepAliveIsSetOnTheSocket(t *testing.T) {
	t.Parallel()
	conn := connect(t, the(t, plainServer).config())
	for option, want := range map[int]int{syscall.TCP_KEEPIDLE: 15, syscall.TCP_KEEPINTVL: 10, syscall.TCP_KEEPCNT: 3} {
		var got int
		var failed error
		err := socket(t, conn).raw.Control(func(fd uintptr) {
			got, failed = syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, option)
		})
		if err = errors.Join(err, failed); err != nil || got != want {
			t.Errorf("option %d is %d, want %d, %v", option, got, want, err)
		}
	}
}

func TestTheWatchEndsWithTheConnection(t *testing.T) {
	t.Parallel()
	conn := connect(t, the(t, plainServer).config())
	w := socket(t, conn)
	if err := conn.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.look() // as if the timer had fired just before
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.timer != nil {
		t.Error("a closed connection is watched")
	}
}

func TestAHostThatDropsPacketsIsAHostThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	raw, err := listener.(*net.TCPListener).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	// With its queue of one full, the kernel drops further requests to connect.
	if err := raw.Control(func(fd uintptr) { err = syscall.Listen(int(fd), 0) }); err != nil {
		t.Fatal(err)
	}
	first, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	cfg := Config{Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port, Username: "u", ConnectTimeout: 300 * time.Millisecond}
	for _, mode := range []libpq.TLSMode{libpq.TLSDisable, libpq.TLSPrefer} {
		cfg.SSLMode = mode
		want{StepConnect, "host", true, "does not answer within 300ms", "firewalls"}.check(t, fails(t, cfg))
	}
}
