package tunnel

import (
	"bytes"
	"net"
	"sync/atomic"
)

// wire is the TCP connection to the bastion. It knows what the SSH client does not tell: whether anything still
// arrives, and whether an end of file on a channel is that channel's or the whole connection's.
type wire struct {
	net.Conn
	received atomic.Int64 // bytes
	broken   atomic.Bool  // reading or writing has failed

	// greeting is the first line that arrived, or its beginning: what a server that is none of SSH says for itself.
	greeting []byte
	greeted  bool
}

func (w *wire) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	w.received.Add(int64(n))
	if !w.greeted {
		line, _, complete := bytes.Cut(p[:n], []byte("\n"))
		w.greeting = append(w.greeting, line...)
		w.greeted = complete || len(w.greeting) > 255
	}
	if err != nil {
		// Set before the SSH client learns of it and ends its channels.
		w.broken.Store(true)
	}
	return n, err
}

func (w *wire) Write(p []byte) (int, error) {
	n, err := w.Conn.Write(p)
	if err != nil {
		w.broken.Store(true)
	}
	return n, err
}

func (w *wire) Close() error {
	w.broken.Store(true)
	return w.Conn.Close()
}
