//go:build linux && !386

package connect

import (
	"net"
	"sync"
	"syscall"
	"time"
	"unsafe"
)

// watched is a TCP connection that closes itself when the network under it is dead while data is on its way. Keep-alive
// does not see that case: the kernel sends no probes then, and retransmits for a quarter of an hour.
//
// TCP_USER_TIMEOUT, the kernel's own remedy, is not used, because it also ends connections whose peer acknowledges
// everything but has closed its window: a COPY that waits for a lock on a healthy server.
type watched struct {
	*net.TCPConn
	raw   syscall.RawConn
	limit liveness

	mu    sync.Mutex
	timer *time.Timer // nil once closed
}

// watch makes a connection notice a dead network; one that is not TCP cannot have one.
func watch(conn net.Conn, limit liveness) net.Conn {
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return conn
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return conn
	}
	w := &watched{TCPConn: tcp, raw: raw, limit: limit}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timer = time.AfterFunc(limit.interval, w.look)
	return w
}

// look closes the connection if it is dead, and else comes back later.
func (w *watched) look() {
	info, err := tcpInfo(w.raw)
	if err == nil && dead(info, w.limit.silence) {
		_ = w.SetLinger(0) // the other end cannot take what is left
		_ = w.Close()
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.timer != nil {
		w.timer.Reset(w.limit.interval)
	}
}

// Close ends the watch with the connection.
func (w *watched) Close() error {
	w.mu.Lock()
	if w.timer != nil {
		w.timer.Stop()
		w.timer = nil
	}
	w.mu.Unlock()
	return w.TCPConn.Close()
}

// dead reports whether nothing at all came back for too long although data was retransmitted, or although a closed
// window was asked about, both more than once. A single one may be on its way; a machine may just have woken up.
func dead(info *syscall.TCPInfo, silence time.Duration) bool {
	if time.Duration(info.Last_ack_recv)*time.Millisecond < silence {
		return false
	}
	return info.Unacked > 0 && info.Retransmits >= 2 || info.Probes >= 2
}

// tcpInfo asks the kernel about a connection. golang.org/x/sys would do it, for one more dependency.
func tcpInfo(raw syscall.RawConn) (*syscall.TCPInfo, error) {
	info := &syscall.TCPInfo{}
	size := uint32(unsafe.Sizeof(*info))
	var errno syscall.Errno
	err := raw.Control(func(fd uintptr) {
		_, _, errno = syscall.Syscall6(syscall.SYS_GETSOCKOPT, fd, syscall.IPPROTO_TCP, syscall.TCP_INFO,
			uintptr(unsafe.Pointer(info)), uintptr(unsafe.Pointer(&size)), 0) //nolint:gosec // both outlive the call
	})
	if err == nil && errno != 0 {
		err = errno
	}
	return info, err
}
