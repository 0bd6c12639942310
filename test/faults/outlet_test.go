//go:build unix

package faults

import (
	"bytes"
	"os"
	"sync"
	"syscall"
)

// outlet is the reading end of the program's stdout. It hands over each line as it comes, and at any moment, through
// catchUp, all that has been written until then.
type outlet struct {
	file *os.File
	line func(line []byte)

	mu     sync.Mutex
	rest   []byte
	stuck  bool // nothing is read
	closed bool
	once   sync.Once
	ended  chan struct{} // closed after the last line was handled
}

func newOutlet(file *os.File, line func([]byte)) *outlet {
	o := &outlet{file: file, line: line, ended: make(chan struct{})}
	go o.watch()
	return o
}

// watch reads all that is written, until the other end is closed.
func (o *outlet) watch() {
	defer o.end()
	raw, err := o.file.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Read(o.drain) // fails when this end is closed
}

// catchUp handles every line that is in the pipe before it returns.
func (o *outlet) catchUp() {
	if raw, err := o.file.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) { o.drain(fd) })
	}
}

// drain reads what is there and says whether that was the end.
func (o *outlet) drain(fd uintptr) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	buffer := make([]byte, 64<<10)
	for !o.stuck && !o.closed {
		n, err := syscall.Read(int(fd), buffer)
		switch {
		case err == syscall.EINTR:
			continue
		case err == syscall.EAGAIN:
			return false
		case err != nil || n == 0:
			o.end()
			return true
		}
		o.rest = append(o.rest, buffer[:n]...)
		for {
			line, rest, whole := bytes.Cut(o.rest, []byte("\n"))
			if !whole {
				break
			}
			o.rest = rest
			o.line(line)
		}
	}
	return o.closed
}

func (o *outlet) end() { o.once.Do(func() { close(o.ended) }) }

// stick stops reading, as a reader does that has too much to do, and unstick goes on.
func (o *outlet) stick() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.stuck = true
}

func (o *outlet) unstick() {
	o.mu.Lock()
	o.stuck = false
	o.mu.Unlock()
	o.catchUp()
}

// close closes this end: every later write of the program fails.
func (o *outlet) close() {
	o.mu.Lock()
	o.closed = true
	o.mu.Unlock()
	_ = o.file.Close()
}
