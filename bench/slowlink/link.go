package main

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

// link accepts connections and forwards each to the server, slowly.
type link struct {
	to    string
	delay time.Duration
	lines sync.WaitGroup

	mu    sync.Mutex
	noted []*notes
}

func (l *link) serve(listener net.Listener) error {
	var dialer net.Dialer
	for {
		client, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		server, err := dialer.DialContext(context.Background(), "tcp", l.to)
		if err != nil {
			return errors.Join(err, client.Close())
		}
		n := &notes{accepted: time.Now()}
		l.mu.Lock()
		l.noted = append(l.noted, n)
		l.mu.Unlock()
		l.lines.Go(func() { l.carry(client, server, n.asked) })
		l.lines.Go(func() { l.carry(server, client, n.answered) })
	}
}

// packet is what one read brought, and when it arrives at the other end.
type packet struct {
	data []byte
	due  time.Time
}

// underway bounds the packets in one direction; the line itself is as wide as they need.
const underway = 4096

// carry forwards one direction until it ends, then tells the receiver so.
func (l *link) carry(from, to net.Conn, note func([]byte)) {
	packets := make(chan packet, underway)
	l.lines.Go(func() {
		for p := range packets {
			<-time.After(time.Until(p.due))
			// An end of the other side shows when it is read from.
			_, _ = to.Write(p.data)
		}
		_ = to.Close()
	})
	for {
		data := make([]byte, 64<<10)
		n, err := from.Read(data)
		if n > 0 {
			note(data[:n])
			packets <- packet{data[:n], time.Now().Add(l.delay)}
		}
		if err != nil {
			close(packets)
			return
		}
	}
}
