package tunnel

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"testing"
	"time"
)

// noise is n bytes that no confusion of buffers would leave intact.
func noise(n int) []byte {
	data := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(data)
	return data
}

// mute is a server that neither reads nor writes until the test ends.
func mute(t testing.TB) (address string) {
	over := make(chan struct{})
	t.Cleanup(func() { close(over) })
	return serveEach(t, func(*net.TCPConn) { <-over })
}

func TestBulkDataArrivesUnharmedInBothDirectionsAtOnce(t *testing.T) {
	t.Parallel()
	b := startBastion(t)
	conn := mustDial(t, mustOpen(t, b.with()), echo(t))
	sent := noise(16 << 20)
	var writing sync.WaitGroup
	writing.Go(func() {
		if _, err := conn.Write(sent); err != nil {
			t.Error(err)
		}
		_ = conn.(halfCloser).CloseWrite()
	})
	got := sha256.New()
	n, err := io.Copy(got, conn)
	writing.Wait()
	want := sha256.Sum256(sent)
	if err != nil || n != int64(len(sent)) || !bytes.Equal(got.Sum(nil), want[:]) {
		t.Fatalf("%d of %d bytes came back, %v", n, len(sent), err)
	}
}

// halfCloser is what a *net.TCPConn can and net.Conn does not demand.
type halfCloser interface{ CloseWrite() error }

func TestHalfCloseTellsTheDatabaseAndLeavesTheAnswerReadable(t *testing.T) {
	t.Parallel()
	address := serveEach(t, func(c *net.TCPConn) {
		all, _ := io.ReadAll(c)
		_, _ = c.Write(append([]byte("got "), all...))
	})
	conn := mustDial(t, mustOpen(t, startBastion(t).with()), address)
	if _, err := conn.Write([]byte("all")); err != nil {
		t.Fatal(err)
	}
	if err := conn.(halfCloser).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(conn); err != nil || string(got) != "got all" {
		t.Fatalf("read %q, %v", got, err)
	}
	if _, err := conn.Write([]byte("more")); !errors.Is(err, net.ErrClosed) {
		t.Errorf("writing after CloseWrite fails with %v", err)
	}
}

func TestTheDatabasesEndOfFileLeavesTheConnectionWritable(t *testing.T) {
	t.Parallel()
	received := make(chan string, 1)
	address := serveEach(t, func(c *net.TCPConn) {
		_ = c.CloseWrite()
		all, _ := io.ReadAll(c)
		received <- string(all)
	})
	conn := mustDial(t, mustOpen(t, startBastion(t).with()), address)
	if got, err := io.ReadAll(conn); err != nil || len(got) > 0 {
		t.Fatalf("read %q, %v", got, err)
	}
	if _, err := conn.Write([]byte("late")); err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	if got := <-received; got != "late" {
		t.Errorf("the database received %q", got)
	}
}

func TestWhatWasWrittenBeforeCloseArrives(t *testing.T) {
	t.Parallel()
	for name, closeIt := range map[string]func(*Tunnel, net.Conn) error{
		"Close of the connection": func(_ *Tunnel, c net.Conn) error { return c.Close() },
		"Close of the tunnel":     func(tun *Tunnel, _ net.Conn) error { return tun.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			received := make(chan int, 1)
			address := serveEach(t, func(c *net.TCPConn) {
				n, _ := io.Copy(io.Discard, c)
				received <- int(n)
			})
			tun := mustOpen(t, startBastion(t).with())
			conn := mustDial(t, tun, address)
			sent := noise(1 << 20)
			if _, err := conn.Write(sent); err != nil {
				t.Fatal(err)
			}
			if err := closeIt(tun, conn); err != nil {
				t.Fatal(err)
			}
			if got := <-received; got != len(sent) {
				t.Errorf("%d of %d bytes arrived", got, len(sent))
			}
		})
	}
}

func TestADeadlineInterruptsAReadAndLiftedLetsItGoOn(t *testing.T) {
	t.Parallel()
	conn := mustDial(t, mustOpen(t, startBastion(t).with()), echo(t))
	interrupted := make(chan error, 1)
	go func() {
		_, err := conn.Read(make([]byte, 1))
		interrupted <- err
	}()
	// This is how pgx cancels: the deadline is set while the read blocks.
	if err := conn.SetDeadline(time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	err := <-interrupted
	var timeout net.Error
	if !errors.Is(err, os.ErrDeadlineExceeded) || !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Fatalf("the read ended with %v", err)
	}
	if err := conn.SetDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	mustEcho(t, conn)
}

func TestADeadlineInterruptsAWriteTheDatabaseDoesNotTake(t *testing.T) {
	t.Parallel()
	tun := mustOpen(t, startBastion(t).with())
	conn := mustDial(t, tun, mute(t))
	if err := conn.SetWriteDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	// More than all buffers between here and there hold together.
	if _, err := conn.Write(make([]byte, 64<<20)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("the write ended with %v", err)
	}
	if err := conn.SetReadDeadline(time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("the read ended with %v", err)
	}
}

func TestClosingABlockedConnectionEndsItsGoroutines(t *testing.T) {
	t.Parallel()
	b := startBastion(t)
	tun := mustOpen(t, b.with())
	c := mustDial(t, tun, mute(t)).(*conn)
	blocked := make(chan error, 2)
	go func() {
		_, err := c.Write(make([]byte, 64<<20))
		blocked <- err
	}()
	go func() {
		_, err := c.Read(make([]byte, 1))
		blocked <- err
	}()
	_ = c.Close()
	for range 2 {
		if err := <-blocked; !errors.Is(err, net.ErrClosed) {
			t.Errorf("a blocked call ended with %v", err)
		}
	}
	// The part that was taken from the writer may be stuck: cut it short.
	_ = c.channel.Close()
	<-c.ended
}

func TestClosedConnectionsLeaveNothingBehind(t *testing.T) {
	t.Parallel()
	b := startBastion(t)
	tun := mustOpen(t, b.with())
	address := echo(t)
	for range 50 {
		conn := mustDial(t, tun, address)
		mustEcho(t, conn)
		_ = conn.Close()
		_ = conn.Close()
		<-b.ended
	}
	if err := tun.Close(); err != nil {
		t.Fatal(err)
	}
	if left := len(tun.conns.open); left != 0 {
		t.Errorf("%d connections are still registered", left)
	}
}

func TestWritingToADatabaseThatIsGoneFails(t *testing.T) {
	t.Parallel()
	address := serveEach(t, func(*net.TCPConn) {}) // closes at once
	conn := mustDial(t, mustOpen(t, startBastion(t).with()), address)
	if got, err := io.ReadAll(conn); err != nil || len(got) > 0 {
		t.Fatalf("read %q, %v", got, err)
	}
	_ = conn.SetWriteDeadline(time.Now().Add(10 * time.Second))
	var err error
	for err == nil {
		_, err = conn.Write(make([]byte, 32<<10))
	}
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, net.ErrClosed) {
		t.Errorf("writing fails with %v", err)
	}
}
