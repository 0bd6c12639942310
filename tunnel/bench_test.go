//go:build unix

package tunnel

import (
	"io"
	"net"
	"testing"
)

// BenchmarkBulkCopy measures a bulk load through OpenSSH on this machine; both ends of the encryption, the copying and
// the database's side share its cores.
func BenchmarkBulkCopy(b *testing.B) {
	const size = 64 << 20
	block := noise(64 << 10)
	tun := mustOpen(b, startSSHD(b).with())
	up := serveEach(b, func(c *net.TCPConn) {
		_, _ = io.Copy(io.Discard, c)
		_, _ = c.Write([]byte{1})
	})
	down := serveEach(b, func(c *net.TCPConn) {
		for range size / len(block) {
			_, _ = c.Write(block)
		}
	})
	b.Run("to the database", func(b *testing.B) {
		b.SetBytes(size)
		for b.Loop() {
			copyUp(b, tun, up, block, size)
		}
	})
	b.Run("from the database", func(b *testing.B) {
		b.SetBytes(size)
		for b.Loop() {
			copyDown(b, tun, down, size)
		}
	})
}

func copyUp(b *testing.B, tun *Tunnel, address string, block []byte, size int) {
	c := mustDial(b, tun, address).(*conn)
	for range size / len(block) {
		if _, err := c.Write(block); err != nil {
			b.Fatal(err)
		}
	}
	_ = c.CloseWrite()
	if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
		b.Fatal(err)
	}
	_ = c.Close()
}

func copyDown(b *testing.B, tun *Tunnel, address string, size int64) {
	c := mustDial(b, tun, address)
	if n, err := io.Copy(io.Discard, c); err != nil || n != size {
		b.Fatalf("%d bytes, %v", n, err)
	}
	_ = c.Close()
}
