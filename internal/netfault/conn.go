package netfault

import (
	"bytes"
	"net"
	"sync/atomic"
	"time"
)

// conn is one connection through a relay.
type conn struct {
	relay          *Relay
	client, server net.Conn
	// silent is true when nothing is carried any more, and the end of one side is not told to the other.
	silent atomic.Bool
}

// end closes both sides.
func (c *conn) end() {
	_ = c.client.Close()
	_ = c.server.Close()
	c.relay.mu.Lock()
	defer c.relay.mu.Unlock()
	delete(c.relay.conns, c)
}

// pump carries one direction until it ends, then ends the other.
func (c *conn) pump(from, to net.Conn, pass Pass) {
	send, flush := c.sender(to)
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 && !c.silent.Load() && c.pass(buffer[:n], send, pass) != nil {
			break
		}
		if err != nil {
			break
		}
	}
	flush()
	if !c.silent.Load() {
		c.end()
	}
}

func (c *conn) pass(data []byte, send func([]byte) error, pass Pass) error {
	if pass == nil {
		return send(data)
	}
	return pass(data, send)
}

// sender returns what sends to one end, and what waits until everything has arrived there.
func (c *conn) sender(to net.Conn) (send func([]byte) error, flush func()) {
	if c.relay.options.Delay == 0 {
		return func(data []byte) error { return c.write(to, data) }, func() {}
	}
	packets := make(chan packet, underway)
	arrived := make(chan struct{})
	go func() {
		defer close(arrived)
		for p := range packets {
			<-time.After(time.Until(p.due))
			_ = c.write(to, p.data) // that the other end is gone shows when it is read from
		}
	}()
	send = func(data []byte) error {
		packets <- packet{bytes.Clone(data), time.Now().Add(c.relay.options.Delay)}
		return nil
	}
	return send, func() { close(packets); <-arrived }
}

// packet is what is under way on a slow line, and when it arrives.
type packet struct {
	data []byte
	due  time.Time
}

// underway bounds the packets in one direction of a slow line.
const underway = 4096

// write waits while the relay holds everything back.
func (c *conn) write(to net.Conn, data []byte) error {
	if gate := c.relay.gate.Load(); gate != nil {
		<-*gate
	}
	if c.silent.Load() {
		return nil
	}
	_, err := to.Write(data)
	return err
}
