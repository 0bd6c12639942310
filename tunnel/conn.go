package tunnel

import (
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// bufferSize is what one direction of one connection buffers.
const bufferSize = 128 << 10

// conn makes a TCP connection out of an SSH channel. Channels know no deadlines (golang/go#65930), and pgx interrupts
// queries by setting one; pipes do, so each direction is a pipe with a goroutine that moves bytes between it and the
// channel. Two pipes instead of one allow half-close.
type conn struct {
	session *session
	channel io.ReadWriteCloser
	remote  net.Addr

	in, inFeed   net.Conn // bastion → inFeed → in → Read
	out, outSink net.Conn // Write → out → outSink → bastion

	readErr  error                 // set before inFeed is closed
	writeErr atomic.Pointer[error] // set before outSink is closed

	closed    chan struct{} // closed by Close
	ended     chan struct{} // closed when the bastion has closed the channel
	closeOnce sync.Once
	linger    *time.Timer // set before closed is closed
}

// address is what was dialled. Were it the zero address that SSH clients return,
// pgx would send its cancel requests there.
type address struct{ network, name string }

func (a address) Network() string { return a.network }
func (a address) String() string  { return a.name }

// adopt turns a new channel into a connection of the session.
func (s *session) adopt(channel io.ReadWriteCloser, network, name string) (net.Conn, error) {
	c := &conn{
		session: s, channel: channel, remote: address{network, name},
		closed: make(chan struct{}), ended: make(chan struct{}),
	}
	c.in, c.inFeed = net.Pipe()
	c.out, c.outSink = net.Pipe()
	if !s.conns.add(c) {
		_ = channel.Close()
		return nil, errClosed()
	}
	return c, nil
}

// receive moves bytes from the channel to the reader until the channel ends. When the reader is gone it discards them:
// the bastion closes the channel only after it has handed what was written to the database.
func (c *conn) receive() {
	defer close(c.ended)
	_, _ = io.CopyBuffer(c.inFeed, c.channel, make([]byte, bufferSize))
	// A channel ends with io.EOF also when the bastion is gone: do not let that pass for the database closing the
	// connection.
	if lost := c.session.lost(); lost != nil {
		c.readErr = lost
		c.refuseWrites(lost)
	}
	_ = c.inFeed.Close()
	_, _ = io.Copy(io.Discard, c.channel)
}

// send moves bytes from the writer to the channel, and closes the channel after the last one.
func (c *conn) send() {
	_, err := io.CopyBuffer(c.channel, c.outSink, make([]byte, bufferSize))
	if lost := c.session.lost(); lost != nil {
		c.refuseWrites(lost)
	} else if err != nil {
		c.refuseWrites(c.opError("write", syscall.EPIPE))
	}
	if half, ok := c.channel.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
	<-c.closed
	c.linger.Stop()
	_ = c.channel.Close()
	c.session.conns.remove(c)
}

// refuseWrites makes every Write, also one that waits, fail with err.
func (c *conn) refuseWrites(err error) {
	c.writeErr.CompareAndSwap(nil, &err)
	_ = c.outSink.Close()
}

func (c *conn) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	switch {
	case errors.Is(err, io.EOF) && c.readErr != nil:
		err = c.readErr
	case errors.Is(err, io.ErrClosedPipe):
		err = c.opError("read", net.ErrClosed)
	}
	return n, err
}

func (c *conn) Write(p []byte) (int, error) {
	n, err := c.out.Write(p)
	if errors.Is(err, io.ErrClosedPipe) {
		err = c.opError("write", net.ErrClosed)
		if cause := c.writeErr.Load(); cause != nil {
			err = *cause
		}
	}
	return n, err
}

// Close returns at once, as TCP's does; what was written still leaves, for at most closeLinger.
func (c *conn) Close() error {
	c.closeOnce.Do(func() {
		c.linger = time.AfterFunc(closeLinger, func() { _ = c.channel.Close() })
		close(c.closed)
		_ = c.in.Close()
		_ = c.out.Close()
	})
	return nil
}

// CloseWrite tells the database that nothing more comes, as TCP's does.
func (c *conn) CloseWrite() error { return c.out.Close() }

func (c *conn) LocalAddr() net.Addr  { return c.session.client.LocalAddr() }
func (c *conn) RemoteAddr() net.Addr { return c.remote }

func (c *conn) SetDeadline(t time.Time) error {
	return errors.Join(c.in.SetReadDeadline(t), c.out.SetWriteDeadline(t))
}
func (c *conn) SetReadDeadline(t time.Time) error  { return c.in.SetReadDeadline(t) }
func (c *conn) SetWriteDeadline(t time.Time) error { return c.out.SetWriteDeadline(t) }

func (c *conn) opError(op string, err error) error {
	return &net.OpError{Op: op, Net: c.remote.Network(), Addr: c.remote, Err: err}
}
