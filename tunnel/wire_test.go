package tunnel

import (
	"io"
	"net"
	"strings"
	"testing"
)

// ends is a connection on which incoming arrives and then nothing works.
type ends struct {
	net.Conn
	incoming io.Reader
}

func (e *ends) Read(p []byte) (int, error) { return e.incoming.Read(p) }
func (*ends) Write([]byte) (int, error)    { return 0, io.ErrClosedPipe }
func (*ends) Close() error                 { return nil }

func TestTheWireKnowsThatItIsBrokenBeforeItsReaderDoes(t *testing.T) {
	t.Parallel()
	for name, breaks := range map[string]func(*wire){
		"a read that fails":  func(w *wire) { _, _ = io.ReadAll(w) },
		"a write that fails": func(w *wire) { _, _ = w.Write([]byte("x")) },
		"closing":            func(w *wire) { _ = w.Close() },
	} {
		w := &wire{Conn: &ends{incoming: strings.NewReader("x")}}
		if w.broken.Load() {
			t.Fatal("a new wire is broken")
		}
		breaks(w)
		if !w.broken.Load() {
			t.Errorf("%s does not break the wire", name)
		}
	}
}

func TestTheWireKeepsTheFirstLineAndCountsTheRest(t *testing.T) {
	t.Parallel()
	for incoming, want := range map[string]string{
		"SSH-2.0-Test\r\nbinary":     "SSH-2.0-Test\r",
		"no line":                    "no line",
		"":                           "",
		"\nsecond":                   "",
		strings.Repeat("x", 100_000): strings.Repeat("x", 256),
	} {
		w := &wire{Conn: &ends{incoming: strings.NewReader(incoming)}}
		// Byte by byte, as the SSH client reads the first line.
		for one := make([]byte, 1); ; {
			if _, err := w.Read(one); err != nil {
				break
			}
		}
		if string(w.greeting) != want {
			t.Errorf("of %.20q the greeting is %.20q", incoming, w.greeting)
		}
		if got := w.received.Load(); got != int64(len(incoming)) {
			t.Errorf("of %d bytes %d are counted", len(incoming), got)
		}
	}
}
