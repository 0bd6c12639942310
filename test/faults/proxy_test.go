//go:build unix

package faults

import (
	"sync/atomic"
	"testing"
	"time"

	"target-postgres/internal/netfault"
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

// proxy stands between the program and the server, and knows what goes through it.
type proxy struct {
	*netfault.Relay

	server string
	// reached is called at every point, before what lies beyond it is forwarded.
	reached func(kind pointKind, n int)
	// query is called before a query is forwarded.
	query func()

	// drip is the number of bytes that are still to be sent one by one.
	drip atomic.Int64
	// strikeAt is the number of bytes at which atByte is reached, 0 for never.
	strikeAt int64

	bytes, commits, committed atomic.Int64
}

func newProxy(t testing.TB, server string) *proxy {
	t.Helper()
	p := &proxy{server: server, reached: func(pointKind, int) {}, query: func() {}}
	var err error
	if p.Relay, err = netfault.Listen(server, netfault.Options{Connected: p.connected}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// connected looks at both directions of a connection. The last byte of a query waits until the query may go, that of
// rows until they may be committed, that of the answer to a COMMIT until the program may know.
func (p *proxy) connected() (toServer, toClient netfault.Pass) {
	asked, answered := &scanner{Frames: netfault.Frames{Untyped: true}}, &scanner{}
	toServer = func(data []byte, send func([]byte) error) error {
		count := func(piece []byte) error { return p.sendCounted(piece, send) }
		return pass(data, count, asked, func() {
			if asked.isQuery() {
				p.query()
			}
			if asked.isCommit() {
				p.reached(atCommit, int(p.commits.Add(1)))
			}
		})
	}
	toClient = func(data []byte, send func([]byte) error) error {
		drip := func(piece []byte) error { return p.sendDripping(piece, send) }
		return pass(data, drip, answered, func() {
			if answered.isCommit() {
				p.reached(atCommitted, int(p.committed.Add(1)))
			}
		})
	}
	return toServer, toClient
}

// pass forwards data, frame by frame where somebody may want to know.
func pass(data []byte, send func([]byte) error, frames *scanner, frame func()) error {
	sent := 0
	for at := 0; at < len(data); {
		n, ends := frames.take(data[at:])
		at += n
		if !ends || frames.Kind != 'Q' && frames.Kind != 'C' && frames.Kind != 'c' {
			continue
		}
		if err := send(data[sent : at-1]); err != nil {
			return err
		}
		sent = at - 1
		frame()
	}
	return send(data[sent:])
}

// sendDripping sends data, byte by byte as long as the line drips.
func (p *proxy) sendDripping(data []byte, send func([]byte) error) error {
	for len(data) > 0 {
		piece := p.next(data)
		if err := send(piece); err != nil {
			return err
		}
		data = data[len(piece):]
	}
	return nil
}

// sendCounted does the same towards the server, and stops at the byte at which something is to happen.
func (p *proxy) sendCounted(data []byte, send func([]byte) error) error {
	for len(data) > 0 {
		piece := p.upTo(p.next(data))
		if err := send(piece); err != nil {
			return err
		}
		data = data[len(piece):]
		if p.bytes.Add(int64(len(piece))) == p.strikeAt {
			p.reached(atByte, int(p.strikeAt))
		}
	}
	return nil
}

// next is what is sent at once.
func (p *proxy) next(data []byte) []byte {
	if p.drip.Load() > 0 {
		p.drip.Add(-1)
		return data[:1]
	}
	return data
}

// upTo is the part of data before the byte at which something is to happen.
func (p *proxy) upTo(data []byte) []byte {
	if left := p.strikeAt - p.bytes.Load(); left > 0 && left < int64(len(data)) {
		return data[:left]
	}
	return data
}

// stall holds everything back for a while.
func (p *proxy) stall(d time.Duration) {
	p.Hold()
	time.AfterFunc(d, p.Resume)
}

// swallow lets nothing through any more, in either direction, now or on new connections.
func (p *proxy) swallow() {
	p.Mute()
	p.Silence()
}
