package connect

import (
	"bufio"
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"target-postgres/target/libpq"
	"target-postgres/tunnel"
)

// listen runs a server that does to every connection what serve does.
func listen(t *testing.T, serve func(net.Conn)) Config {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				serve(conn)
			}()
		}
	}()
	return Config{
		Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port, Username: "u", Password: password,
		ConnectTimeout: 300 * time.Millisecond,
	}
}

func silent(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

// agrees says yes to TLS and then nothing more.
func agrees(conn net.Conn) {
	_, _ = io.ReadFull(conn, make([]byte, 8))
	_, _ = conn.Write([]byte("S"))
	silent(conn)
}

func hangsUp(conn net.Conn) { _, _ = io.ReadFull(conn, make([]byte, 8)) }

func http(conn net.Conn) {
	_, _ = bufio.NewReader(conn).ReadByte()
	_, _ = io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
}

func TestAServerThatIsNotThereOrNotRightIsExplained(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		cfg  Config
		want want
	}{
		{"refused", Config{Host: "127.0.0.1", Port: 1}, want{StepConnect, "host", true, "connection refused: the server 127.0.0.1:1", "listen_addresses"}},
		{"unresolved", Config{Host: "nowhere.invalid"}, want{StepResolve, "host", false, `cannot resolve the host "nowhere.invalid"`, "check host"}},
		{"silent", listen(t, silent), want{StepStartup, "", true, "did not answer within 300ms", "connect_timeout"}},
		{"silent, TLS asked for", with(listen(t, silent), func(c *Config) { c.SSLMode = "require" }), want{StepStartup, "", true, "did not answer within 300ms", "connect_timeout"}},
		{"silent, TLS preferred", with(listen(t, silent), func(c *Config) { c.UseTLS = true }), want{StepStartup, "", true, "did not answer within 300ms", "connect_timeout"}},
		{"silent within TLS", with(listen(t, agrees), func(c *Config) { c.SSLMode = "verify-full" }), want{StepStartup, "", true, "did not answer within 300ms", "connect_timeout"}},
		{"silent bastion", Config{Host: "h", ConnectTimeout: 300 * time.Millisecond, Tunnel: bastionAt(t, listen(t, silent))}, want{StepTunnel, "ssh_tunnel", true, "ssh tunnel: ", ""}},
		{"hangs up", listen(t, hangsUp), want{StepStartup, "", true, "closed the connection", "log"}},
		{"not PostgreSQL", listen(t, http), want{StepStartup, "port", false, "does not speak PostgreSQL", "check host and port"}},
		{"not PostgreSQL, TLS asked for", with(listen(t, http), func(c *Config) { c.SSLMode = "require" }), want{StepTLS, "ssl_mode", false, "does not offer TLS", ""}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.cfg.Username, test.cfg.Password = "u", password
			started := time.Now()
			test.want.check(t, fails(t, test.cfg))
			if took := time.Since(started); test.cfg.ConnectTimeout > 0 && took > 20*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}

// bastionAt takes a listener for a bastion.
func bastionAt(t *testing.T, cfg Config) *tunnel.Config {
	t.Helper()
	return &tunnel.Config{Host: cfg.Host, Port: cfg.Port, Username: "jump", Password: bastionPassword}
}

func with(cfg Config, change func(*Config)) Config {
	change(&cfg)
	return cfg
}

func TestAUnixSocketIsAHostToo(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("paths look different")
	}
	dir := t.TempDir()
	got := fails(t, Config{Host: dir, Username: "u", SSLMode: "require"})
	want{StepConnect, "host", true, filepath.Join(dir, ".s.PGSQL.5432"), "runs on this machine"}.check(t, got)

	listener, err := net.Listen("unix", filepath.Join(dir, ".s.PGSQL.5432"))
	if err != nil {
		t.Skip("the path is too long for a socket: ", err)
	}
	defer listener.Close()
	go func() {
		if conn, err := listener.Accept(); err == nil {
			hangsUp(conn)
			_ = conn.Close()
		}
	}()
	want{StepStartup, "", true, "closed the connection", ""}.check(t, fails(t, Config{Host: dir, Username: "u", SSLMode: "require"}))
}

func TestAHostThatWasThereBeforeMayComeBack(t *testing.T) {
	t.Parallel()
	c := connector(t, Config{Host: "nowhere.invalid", Username: "u"})
	for _, before := range []bool{false, true} {
		c.once.Store(before)
		_, err := c.Connect(t.Context())
		if failed, ok := err.(*Error); !ok || failed.Transient != before {
			t.Errorf("connected before %t: got %v", before, err)
		}
	}
}

func TestADeadAddressLeavesTimeForTheOthersOfItsHost(t *testing.T) {
	t.Parallel()
	cfg := listen(t, silent)
	cfg.ConnectTimeout = time.Minute
	c := connector(t, cfg)
	ctx, cancel := context.WithTimeout(t.Context(), c.timeout)
	defer cancel()
	if _, failed := c.attempt(ctx, c.servers[0], "127.0.0.1", 200); failed == nil || !failed.Transient {
		t.Errorf("got %v", failed)
	}
	if ctx.Err() != nil {
		t.Error("nothing is left")
	}
}

func TestADeadHostLeavesTimeForTheOthers(t *testing.T) {
	t.Parallel()
	s := the(t, plainServer)
	cfg := s.config()
	dead := listen(t, silent)
	cfg.URL = "postgres://127.0.0.1:" + strconv.Itoa(dead.Port) + "," + s.address() + "/loads"
	cfg.Host, cfg.Port, cfg.ConnectTimeout = "", 0, 2*time.Second
	connect(t, cfg)
}

func TestErrorsOfFilesDoNotRepeatTheirPath(t *testing.T) {
	t.Parallel()
	_, err := os.ReadFile(filepath.Join(t.TempDir(), "xyzzy"))
	if got := libpq.WithoutPath(err); strings.Contains(got.Error(), "xyzzy") {
		t.Errorf("got %v", got)
	}
	if got := libpq.WithoutPath(io.EOF); got != io.EOF {
		t.Errorf("got %v", got)
	}
}
