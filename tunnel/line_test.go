package tunnel

import (
	"net"
	"strconv"
	"sync"
	"testing"
)

// line is a network between client and bastion that can fall silent without
// closing anything, as a firewall that forgot a connection does.
type line struct {
	port int

	mu    sync.Mutex
	to    string
	stuck chan struct{} // closed to cut what is connected by then
}

func newLine(t *testing.T, to string) *line {
	t.Helper()
	l := &line{to: to, stuck: make(chan struct{})}
	over := make(chan struct{})
	t.Cleanup(func() { close(over) })
	address := serveEach(t, func(near *net.TCPConn) {
		l.mu.Lock()
		to, stuck := l.to, l.stuck
		l.mu.Unlock()
		far, err := net.Dial("tcp", to)
		if err != nil {
			return
		}
		defer far.Close()
		carry := func(dst, src net.Conn) {
			buffer := make([]byte, 32<<10)
			for {
				n, err := src.Read(buffer)
				select {
				case <-stuck:
					<-over
					return
				default:
				}
				if _, werr := dst.Write(buffer[:n]); err != nil || werr != nil {
					_ = dst.Close()
					return
				}
			}
		}
		var both sync.WaitGroup
		both.Go(func() { carry(far, near) })
		both.Go(func() { carry(near, far) })
		both.Wait()
	})
	_, port, _ := net.SplitHostPort(address)
	l.port, _ = strconv.Atoi(port)
	return l
}

// redirect leads later connections elsewhere.
func (l *line) redirect(to string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.to = to
}

// cut silences what is connected now.
func (l *line) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.stuck)
	l.stuck = make(chan struct{})
}
