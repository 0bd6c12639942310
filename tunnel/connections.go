package tunnel

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"
)

// closeLinger is how long what was written before Close may take to leave.
const closeLinger = time.Second

// connections are those a tunnel has made, over one session after the other,
// and everything that runs on their behalf.
type connections struct {
	running sync.WaitGroup

	mu     sync.Mutex
	open   map[*conn]struct{}
	closed bool
}

// add starts a connection, unless the tunnel is closed.
func (all *connections) add(c *conn) (ok bool) {
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.closed {
		return false
	}
	all.open[c] = struct{}{}
	all.running.Go(c.receive)
	all.running.Go(c.send)
	return true
}

func (all *connections) remove(c *conn) {
	all.mu.Lock()
	defer all.mu.Unlock()
	delete(all.open, c)
}

func (all *connections) isClosed() bool {
	all.mu.Lock()
	defer all.mu.Unlock()
	return all.closed
}

// close closes every connection and waits, within limits, for the bastion to have handed over what was written to them.
// No connection starts afterwards.
func (all *connections) close() {
	all.mu.Lock()
	all.closed = true
	open := slices.Collect(maps.Keys(all.open))
	all.mu.Unlock()
	linger, cancel := context.WithTimeout(context.Background(), closeLinger)
	defer cancel()
	for _, c := range open {
		_ = c.Close()
	}
	for _, c := range open {
		select {
		case <-c.ended:
		case <-linger.Done():
		}
	}
}
