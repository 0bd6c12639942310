//go:build unix

package faults

import (
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// pointKind is a kind of points at which a fault can strike.
type pointKind string

// The kinds of points.
const (
	atLine      pointKind = "line"      // the tap has said n lines
	atState     pointKind = "state"     // n states have left
	atByte      pointKind = "byte"      // n bytes are on their way to the server
	atCommit    pointKind = "commit"    // the nth COMMIT is sent, and the server has not got it
	atCommitted pointKind = "committed" // the server has answered the nth COMMIT, and the program does not know
)

// proxy stands between the program and the server.
type proxy struct {
	server   string
	listener net.Listener
	// reached is called at every point, before what lies beyond it is forwarded.
	reached func(kind pointKind, n int)
	// query is called before a query is forwarded.
	query func()

	// refuse is the number of connections to close at once; mute swallows all of them.
	refuse atomic.Int32
	mute   atomic.Bool
	// drip is the number of bytes that are still to be sent one by one.
	drip atomic.Int64
	// strikeAt is the number of bytes at which atByte is reached, 0 for never.
	strikeAt int64
	gate     atomic.Pointer[chan struct{}]

	bytes, commits, committed atomic.Int64

	// used is closed when the first connection comes.
	used chan struct{}
	once sync.Once

	mu    sync.Mutex
	pairs map[*pair]struct{}
	done  sync.WaitGroup
}

// pair is one connection through the proxy.
type pair struct {
	proxy          *proxy
	client, server net.Conn
	// deaf says that nothing is forwarded any more and that the end of one side is not told to the other.
	deaf atomic.Bool
}

func newProxy(t testing.TB, server string) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{
		server: server, listener: listener, pairs: map[*pair]struct{}{},
		reached: func(pointKind, int) {}, query: func() {}, used: make(chan struct{}),
	}
	p.done.Go(p.accept)
	t.Cleanup(p.close)
	return p
}

func (p *proxy) address() string { return p.listener.Addr().String() }

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.once.Do(func() { close(p.used) })
		if p.refuse.Add(-1) >= 0 {
			abort(client)
			continue
		}
		server, err := net.Dial("tcp", p.server)
		if err != nil {
			abort(client)
			continue
		}
		c := &pair{proxy: p, client: client, server: server}
		c.deaf.Store(p.mute.Load())
		p.mu.Lock()
		p.pairs[c] = struct{}{}
		p.mu.Unlock()
		p.done.Go(c.upstream)
		p.done.Go(c.downstream)
	}
}

// abort closes a connection with a reset, whatever is under way.
func abort(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

func (p *proxy) close() {
	_ = p.listener.Close()
	p.open()
	p.cut(true)
	p.done.Wait()
}

// cut closes all connections on both sides, with a reset or politely.
func (p *proxy) cut(reset bool) {
	for _, c := range p.all() {
		if reset {
			abort(c.client)
			abort(c.server)
		}
		c.end()
	}
}

// part closes one side of all connections and lets the other side believe that nothing happened, until release is called.
func (p *proxy) part(fromServer bool) (release func()) {
	parted := p.all()
	for _, c := range parted {
		c.deaf.Store(true)
		if fromServer {
			abort(c.server)
		} else {
			abort(c.client)
		}
	}
	return func() {
		for _, c := range parted {
			c.end()
		}
	}
}

// swallow lets nothing through any more, in either direction, now or on new connections.
func (p *proxy) swallow() {
	p.mute.Store(true)
	for _, c := range p.all() {
		c.deaf.Store(true)
	}
}

// stall holds everything back for a while.
func (p *proxy) stall(d time.Duration) {
	gate := make(chan struct{})
	if p.gate.CompareAndSwap(nil, &gate) {
		time.AfterFunc(d, p.open)
	}
}

func (p *proxy) open() {
	if gate := p.gate.Swap(nil); gate != nil {
		close(*gate)
	}
}

func (p *proxy) all() []*pair {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []*pair
	for c := range p.pairs {
		all = append(all, c)
	}
	return all
}

func (c *pair) end() {
	_ = c.client.Close()
	_ = c.server.Close()
	c.proxy.mu.Lock()
	defer c.proxy.mu.Unlock()
	delete(c.proxy.pairs, c)
}

// upstream forwards what the program sends. The last byte of a query waits until the query may go, that of rows until they may be
// committed.
func (c *pair) upstream() {
	frames := &scanner{untyped: true}
	c.pump(c.client, c.server, frames, func() {
		if frames.isQuery() {
			c.proxy.query()
		}
		if frames.isCommit() {
			c.proxy.reached(atCommit, int(c.proxy.commits.Add(1)))
		}
	})
}

// downstream forwards what the server says. The last byte of the answer to a COMMIT waits.
func (c *pair) downstream() {
	frames := &scanner{}
	c.pump(c.server, c.client, frames, func() {
		if frames.isCommit() {
			c.proxy.reached(atCommitted, int(c.proxy.committed.Add(1)))
		}
	})
}

func (c *pair) pump(from, to net.Conn, frames *scanner, frame func()) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			break
		}
		if c.deaf.Load() {
			continue
		}
		if c.pass(buffer[:n], to, frames, frame) != nil {
			break
		}
	}
	if !c.deaf.Load() {
		c.end()
	}
}

// pass forwards data, frame by frame where somebody may want to know.
func (c *pair) pass(data []byte, to net.Conn, frames *scanner, frame func()) error {
	sent := 0
	for at := 0; at < len(data); {
		n, ends := frames.take(data[at:])
		at += n
		if !ends || frames.kind != 'Q' && frames.kind != 'C' && frames.kind != 'c' {
			continue
		}
		if err := c.send(data[sent:at-1], to); err != nil {
			return err
		}
		sent = at - 1
		frame()
	}
	return c.send(data[sent:], to)
}

// send writes data, in the pieces that the byte at which something is to happen makes of it.
func (c *pair) send(data []byte, to net.Conn) error {
	for len(data) > 0 {
		piece := data
		if c.proxy.drip.Load() > 0 {
			c.proxy.drip.Add(-1)
			piece = data[:1]
		}
		if to == c.server {
			piece = c.proxy.upTo(piece)
		}
		if gate := c.proxy.gate.Load(); gate != nil {
			<-*gate
		}
		if c.deaf.Load() {
			return nil
		}
		if _, err := to.Write(piece); err != nil {
			return err
		}
		data = data[len(piece):]
		if to == c.server && c.proxy.bytes.Add(int64(len(piece))) == c.proxy.strikeAt {
			c.proxy.reached(atByte, int(c.proxy.strikeAt))
		}
	}
	return nil
}

// upTo is the part of data before the byte at which something is to happen.
func (p *proxy) upTo(data []byte) []byte {
	if left := p.strikeAt - p.bytes.Load(); left > 0 && left < int64(len(data)) {
		return data[:left]
	}
	return data
}
