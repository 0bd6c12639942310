// Package netfault is a network that fails on demand, for tests and measurements. A Relay stands between a client and a
// server on TCP. It can be slow, refuse connections, reset them, close one end only, hold everything back for a while,
// or fall silent without a word. A Pass sees every byte before it is carried on, and can lose it. Frames finds the
// messages of PostgreSQL's protocol in these bytes.
//
// A Relay may be used by any number of goroutines, those that run a Pass among them.
package netfault

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Options say what a relay does from the beginning. The zero value carries everything at once.
type Options struct {
	// Delay is how long a byte travels, one way. The line is as wide as it has to be.
	Delay time.Duration
	// Connected is called for each connection before anything is carried, and returns what looks at its bytes. Either
	// Pass may be nil, and so may Connected.
	Connected func() (toServer, toClient Pass)
}

// Pass carries the bytes of one direction of a connection: it calls send with them, in as many pieces as it likes, and
// waits before it or not. The connection ends when it returns an error. data is valid until it returns.
type Pass func(data []byte, send func([]byte) error) error

// Relay accepts connections and carries each to a server.
type Relay struct {
	options  Options
	listener net.Listener
	// refuse is the number of connections that are still to be refused.
	refuse atomic.Int32
	// mute is true when no new connection carries anything.
	mute atomic.Bool
	// gate is closed when what is held back may go on, nil when nothing is held back.
	gate atomic.Pointer[chan struct{}]

	used chan struct{}
	once sync.Once
	done sync.WaitGroup

	mu    sync.Mutex
	to    string
	conns map[*conn]struct{} // nil when the relay is closed
}

// Listen starts a relay on a port of the loopback interface. to is the server's host and port.
func Listen(to string, options Options) (*Relay, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &Relay{options: options, listener: listener, to: to, used: make(chan struct{}), conns: map[*conn]struct{}{}}
	r.done.Go(r.accept)
	return r, nil
}

// Address is the host and port at which clients connect.
func (r *Relay) Address() string { return r.listener.Addr().String() }

// Port is the port of Address.
func (r *Relay) Port() int { return r.listener.Addr().(*net.TCPAddr).Port } //nolint:errcheck // it listens on TCP

// Used is closed when the first client connects.
func (r *Relay) Used() <-chan struct{} { return r.used }

// Redirect leads later connections to another server.
func (r *Relay) Redirect(to string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.to = to
}

// Refuse resets the next n connections instead of carrying them.
func (r *Relay) Refuse(n int) { r.refuse.Store(int32(n)) }

// Silence stops carrying what is connected now, in both directions, and tells neither end: the network lost the
// connections. Later connections work.
func (r *Relay) Silence() {
	for _, c := range r.all() {
		c.silent.Store(true)
	}
}

// Mute makes all later connections silent from their beginning.
func (r *Relay) Mute() { r.mute.Store(true) }

// Cut closes what is connected now on both sides, with a reset if asked for.
func (r *Relay) Cut(reset bool) {
	for _, c := range r.all() {
		if reset {
			// Both before either is closed: the pumps close the other one.
			breakOff(c.client)
			breakOff(c.server)
		}
		c.end()
	}
}

// End is one end of a connection.
type End int

// The ends.
const (
	Client End = iota
	Server
)

// Part resets what is connected now towards one end. The other end believes that nothing happened until release is
// called.
func (r *Relay) Part(from End) (release func()) {
	parted := r.all()
	for _, c := range parted {
		c.silent.Store(true)
		abort(map[End]net.Conn{Client: c.client, Server: c.server}[from])
	}
	return func() {
		for _, c := range parted {
			c.end()
		}
	}
}

// Hold keeps everything back until Resume.
func (r *Relay) Hold() {
	gate := make(chan struct{})
	r.gate.CompareAndSwap(nil, &gate)
}

// Resume carries on what Hold kept back.
func (r *Relay) Resume() {
	if gate := r.gate.Swap(nil); gate != nil {
		close(*gate)
	}
}

// Wait accepts no more connections and returns when those that there are have ended.
func (r *Relay) Wait() {
	_ = r.listener.Close()
	r.done.Wait()
}

// Close ends all connections and the relay.
func (r *Relay) Close() {
	_ = r.listener.Close()
	r.Resume()
	r.Cut(true)
	r.mu.Lock()
	late := r.conns
	r.conns = nil
	r.mu.Unlock()
	for c := range late {
		c.end()
	}
	r.done.Wait()
}

func (r *Relay) accept() {
	var dialer net.Dialer
	for {
		client, err := r.listener.Accept()
		if err != nil {
			return
		}
		r.once.Do(func() { close(r.used) })
		if r.refuse.Add(-1) >= 0 {
			abort(client)
			continue
		}
		r.mu.Lock()
		to := r.to
		r.mu.Unlock()
		server, err := dialer.DialContext(context.Background(), "tcp", to)
		if err != nil {
			abort(client)
			continue
		}
		r.carry(client, server)
	}
}

// carry connects two ends.
func (r *Relay) carry(client, server net.Conn) {
	c := &conn{relay: r, client: client, server: server}
	c.silent.Store(r.mute.Load())
	r.mu.Lock()
	if r.conns == nil {
		r.mu.Unlock()
		abort(client)
		abort(server)
		return
	}
	r.conns[c] = struct{}{}
	r.mu.Unlock()
	var toServer, toClient Pass
	if r.options.Connected != nil {
		toServer, toClient = r.options.Connected()
	}
	r.done.Go(func() { c.pump(client, server, toServer) })
	r.done.Go(func() { c.pump(server, client, toClient) })
}

func (r *Relay) all() []*conn {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]*conn, 0, len(r.conns))
	for c := range r.conns {
		all = append(all, c)
	}
	return all
}

// abort closes a connection with a reset at once.
func abort(conn net.Conn) {
	breakOff(conn)
	_ = conn.Close()
}

// breakOff makes the end of a connection a reset.
func breakOff(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
}
