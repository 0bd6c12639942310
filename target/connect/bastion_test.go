package connect

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/ssh"

	"target-postgres/tunnel"
)

// bastion is an SSH server with names of its own for what it forwards to.
type bastion struct {
	listener net.Listener
	hostKey  ssh.Signer
	routes   map[string]string

	mu    sync.Mutex
	conns []net.Conn
}

const bastionPassword = "gnusto-bastion"

func newBastion(t *testing.T, routes map[string]string) *bastion {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &bastion{listener: listener, hostKey: signer, routes: routes}
	t.Cleanup(func() { _ = listener.Close(); b.drop() })
	go b.serve()
	return b
}

func (b *bastion) config() *tunnel.Config {
	host, port, _ := net.SplitHostPort(b.listener.Addr().String())
	number, _ := strconv.Atoi(port)
	return &tunnel.Config{
		Host: host, Port: number, Username: "jump", Password: bastionPassword,
		HostKey: ssh.FingerprintSHA256(b.hostKey.PublicKey()),
	}
}

// drop cuts every connection of clients.
func (b *bastion) drop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, conn := range b.conns {
		_ = conn.Close()
	}
	b.conns = nil
}

func (b *bastion) serve() {
	config := &ssh.ServerConfig{PasswordCallback: func(_ ssh.ConnMetadata, given []byte) (*ssh.Permissions, error) {
		if string(given) != bastionPassword {
			return nil, errors.New("no")
		}
		return &ssh.Permissions{}, nil
	}}
	config.AddHostKey(b.hostKey)
	for {
		conn, err := b.listener.Accept()
		if err != nil {
			return
		}
		b.mu.Lock()
		b.conns = append(b.conns, conn)
		b.mu.Unlock()
		go b.session(conn, config)
	}
}

func (b *bastion) session(conn net.Conn, config *ssh.ServerConfig) {
	_, channels, requests, err := ssh.NewServerConn(conn, config)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	for offered := range channels {
		go b.forward(offered)
	}
}

func (b *bastion) forward(offered ssh.NewChannel) {
	var to struct {
		Host string
		Port uint32
		From string
		Back uint32
	}
	if ssh.Unmarshal(offered.ExtraData(), &to) != nil {
		return
	}
	route := b.routes[net.JoinHostPort(to.Host, strconv.Itoa(int(to.Port)))]
	server, err := net.Dial("tcp", route)
	if err != nil {
		_ = offered.Reject(ssh.ConnectionFailed, "Name or service not known")
		return
	}
	channel, requests, err := offered.Accept()
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	go func() {
		_, _ = io.Copy(channel, server)
		_ = channel.Close()
	}()
	_, _ = io.Copy(server, channel)
	_ = server.Close()
}

// address is host:port of a server.
func (s *testServer) address() string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port))
}

func TestThroughATunnelTheBastionResolvesAndTLSVerifiesTheDatabase(t *testing.T) {
	t.Parallel()
	s := the(t, tlsServer)
	b := newBastion(t, map[string]string{"db.internal:6543": s.address(), "other.internal:6543": s.address()})
	cfg := s.config()
	cfg.Host, cfg.Port, cfg.Tunnel = "db.internal", 6543, b.config()
	cfg.SSLMode, cfg.SSLRootCert = "verify-full", s.ca.pem
	c := connector(t, cfg)
	for _, what := range []string{"first", "second, after the bastion went away"} {
		conn, err := c.Connect(t.Context())
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if got := encryption(t, conn); got != encrypted {
			t.Errorf("%s: the connection is %s", what, got)
		}
		b.drop()
		waitFor(t, func() bool { _, err := conn.Exec(t.Context(), "select 1"); return err != nil })
	}
	cfg.Host = "other.internal"
	want{StepTLS, "host", false, `not for "other.internal"`, "verify-ca"}.check(t, fails(t, cfg))
}

func TestATunnelThatFailsSaysWhyInItsOwnWords(t *testing.T) {
	t.Parallel()
	s := the(t, plainServer)
	b := newBastion(t, nil)
	for _, test := range []struct {
		name   string
		change func(*Config)
		want   want
	}{
		{"password", func(c *Config) { c.Tunnel.Password = "gnusto" }, want{StepTunnel, "ssh_tunnel", false, "ssh tunnel: ", "ssh_tunnel.password"}},
		{"host key", func(c *Config) { c.Tunnel.HostKey = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" }, want{StepTunnel, "ssh_tunnel", false, "ssh_tunnel.host_key", "administrator"}},
		{"nobody there", func(c *Config) { c.Tunnel.Port = 1 }, want{StepTunnel, "ssh_tunnel", true, "refuses connections", "ssh_tunnel.port"}},
		{"unknown to the bastion", func(*Config) {}, want{StepTunnel, "ssh_tunnel", true, "Name or service not known", "as the bastion sees them"}},
		{"no host", func(c *Config) { c.Tunnel.Host = "" }, want{StepTunnel, "ssh_tunnel", false, "not given", "ssh_tunnel.host"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			cfg := s.config()
			cfg.Host, cfg.Tunnel = "db.internal", b.config()
			test.change(&cfg)
			got := fails(t, cfg)
			test.want.check(t, got)
			var cause *tunnel.Error
			if !errors.As(got, &cause) || !strings.Contains(got.Reason, cause.Reason) {
				t.Errorf("the cause is %v", got.Err)
			}
		})
	}
}

func TestAQueryThroughATunnelCanBeCancelled(t *testing.T) {
	t.Parallel()
	s := the(t, tlsServer)
	b := newBastion(t, map[string]string{"db.internal:6543": s.address()})
	cfg := s.config()
	cfg.Host, cfg.Port, cfg.Tunnel, cfg.ApplicationName = "db.internal", 6543, b.config(), "cancelled through a tunnel"
	conn, watcher := connect(t, cfg), connect(t, s.config())
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		waitFor(t, func() bool { return active(t, watcher.PgConn(), cfg.ApplicationName) })
		cancel()
	}()
	if _, err := conn.Exec(ctx, "select pg_sleep(600)"); err == nil || !strings.Contains(err.Error(), "57014") {
		t.Errorf("got %v, want the server's own answer", err)
	}
}
