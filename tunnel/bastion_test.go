package tunnel

import (
	"context"
	"errors"
	"io"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// bastion is an SSH server in this process that forwards and does nothing else.
// Its fields are set before start.
type bastion struct {
	config    *ssh.ServerConfig
	hostKeys  []ssh.Signer
	forbids   bool              // refuses every channel
	stalls    bool              // leaves every channel unanswered
	silent    bool              // does not answer global requests
	names     map[string]string // its private name resolution: address → address
	listener  net.Listener
	keepAlive chan struct{} // one for every keep-alive received
	ended     chan struct{} // one for every forwarded connection that ended

	mu        sync.Mutex
	conns     map[net.Conn]bool
	connected int // over its life
}

const (
	user             = "loader"
	secretPassword   = "correct-horse-battery-staple"
	secretPassphrase = "open-sesame-27182"
)

// startBastion runs a bastion that takes every key of testKeys from user. The options change it.
func startBastion(t testing.TB, options ...func(*bastion)) *bastion {
	t.Helper()
	b := &bastion{
		hostKeys:  []ssh.Signer{testKeys()["ed25519"].signer},
		keepAlive: make(chan struct{}, 1000), ended: make(chan struct{}, 1000),
		conns: map[net.Conn]bool{},
	}
	b.config = &ssh.ServerConfig{
		PublicKeyCallback: func(conn ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			for _, known := range testKeys() {
				if conn.User() == user && sameKey(known.signer.PublicKey(), key) {
					return nil, nil
				}
			}
			return nil, errors.New("unknown key")
		},
	}
	for _, option := range options {
		option(b)
	}
	for _, key := range b.hostKeys {
		b.config.AddHostKey(key)
	}
	b.listener = listen(t)
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := b.listener.Accept()
			if err != nil {
				return
			}
			b.mu.Lock()
			b.conns[conn] = true
			b.connected++
			b.mu.Unlock()
			running.Go(func() { b.serve(conn) })
		}
	})
	t.Cleanup(func() {
		_ = b.listener.Close()
		b.drop()
		running.Wait()
	})
	return b
}

// drop cuts every connection, as a crash would.
func (b *bastion) drop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for conn := range b.conns {
		_ = conn.Close()
	}
}

func (b *bastion) connections() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.connected
}

func (b *bastion) serve(conn net.Conn) {
	defer conn.Close()
	server, channels, requests, err := ssh.NewServerConn(conn, b.config)
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		for request := range requests {
			if request.Type == "keepalive@openssh.com" {
				b.keepAlive <- struct{}{}
			}
			if request.WantReply && !b.silent {
				_ = request.Reply(false, nil)
			}
		}
	}()
	for channel := range channels {
		go b.forward(channel)
	}
}

func (b *bastion) forward(request ssh.NewChannel) {
	var to struct {
		Host       string
		Port       uint32
		OriginHost string
		OriginPort uint32
	}
	switch {
	case b.stalls:
		return
	case b.forbids, ssh.Unmarshal(request.ExtraData(), &to) != nil:
		_ = request.Reject(ssh.Prohibited, "open failed")
		return
	}
	address := net.JoinHostPort(to.Host, strconv.Itoa(int(to.Port)))
	if private, ok := b.names[address]; ok {
		address = private
	}
	database, err := net.Dial("tcp", address)
	if err != nil {
		_ = request.Reject(ssh.ConnectionFailed, "Connection refused")
		return
	}
	defer database.Close()
	channel, requests, err := request.Accept()
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	var outbound sync.WaitGroup
	outbound.Go(func() {
		drain(database, channel)
		_ = database.(*net.TCPConn).CloseWrite()
	})
	_, _ = io.Copy(channel, database)
	_ = channel.CloseWrite()
	outbound.Wait()
	_ = channel.Close()
	b.ended <- struct{}{}
}

// drain copies what a channel holds also when its connection has gone, as sshd does; io.Copy would stop at the first
// window it cannot extend.
func drain(to io.Writer, channel ssh.Channel) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := channel.Read(buffer)
		if n == 0 && err != nil {
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// with returns a Config for the bastion, its host key pinned, changed by edits.
func (b *bastion) with(edits ...func(*Config)) Config {
	address := b.listener.Addr().(*net.TCPAddr)
	cfg := Config{
		Host: "127.0.0.1", Port: address.Port, Username: user, KeepAlive: -1,
		PrivateKey: testKeys()["ed25519"].text,
		HostKey:    keyLine(b.hostKeys[0].PublicKey()),
	}
	for _, edit := range edits {
		edit(&cfg)
	}
	return cfg
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// serveEach runs handle for every connection to a new listener; the connection is closed afterwards. It stands for the
// servers behind the bastion.
func serveEach(t testing.TB, handle func(*net.TCPConn)) (address string) {
	t.Helper()
	l := listen(t)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				handle(conn.(*net.TCPConn))
			}()
		}
	}()
	return l.Addr().String()
}

// echo is a server that sends back what it is sent.
func echo(t testing.TB) (address string) {
	return serveEach(t, func(conn *net.TCPConn) { _, _ = io.Copy(conn, conn) })
}

// unused is an address nothing listens on.
func unused(t testing.TB) (address string) {
	l := listen(t)
	_ = l.Close()
	return l.Addr().String()
}

func patience(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// mustOpen opens a tunnel that is closed when the test ends.
func mustOpen(t testing.TB, cfg Config) *Tunnel {
	t.Helper()
	tun, err := open(patience(t), cfg, environment{}, watchedLog(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tun.Close() })
	return tun
}

func mustDial(t testing.TB, tun *Tunnel, address string) net.Conn {
	t.Helper()
	conn, err := tun.DialContext(patience(t), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// mustEcho proves that a connection to an echo server works.
func mustEcho(t testing.TB, conn net.Conn) {
	t.Helper()
	const sent = "SELECT 1"
	if _, err := conn.Write([]byte(sent)); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(sent))
	if _, err := io.ReadFull(conn, got); err != nil || string(got) != sent {
		t.Fatalf("echo returned %q, %v", got, err)
	}
}
