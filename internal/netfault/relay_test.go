package netfault

import (
	"bytes"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"time"
)

// server is where the connections of a test lead to.
type server struct {
	address string
	conns   chan net.Conn
}

func newServer(t *testing.T) *server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{address: listener.Addr().String(), conns: make(chan net.Conn, 10)}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.conns <- conn
		}
	}()
	return s
}

func listen(t *testing.T, to string, options Options) *Relay {
	t.Helper()
	r, err := Listen(to, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

// dial returns the client's end of a connection.
func dial(t *testing.T, r *Relay) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", r.Address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// ends returns both ends of a connection, over which something has been carried already.
func ends(t *testing.T, r *Relay, s *server) (near, far net.Conn) {
	t.Helper()
	near = dial(t, r)
	far = <-s.conns
	t.Cleanup(func() { _ = far.Close() })
	carried(t, near, far, "hello")
	carried(t, far, near, "hello to you")
	return near, far
}

// carried writes to one end and reads from the other.
func carried(t *testing.T, from, to net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(from, text); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(text))
	if _, err := io.ReadFull(to, got); err != nil || string(got) != text {
		t.Fatalf("%q arrived instead of %q: %v", got, text, err)
	}
}

// outcome is what reading an end to its end gives.
type outcome struct {
	text string
	err  error
}

func readAll(conn net.Conn) <-chan outcome {
	read := make(chan outcome, 1)
	go func() {
		text, err := io.ReadAll(conn)
		read <- outcome{string(text), err}
	}()
	return read
}

// wantReset connects, and is reset: before it knows that it is connected, or after that.
func wantReset(t *testing.T, r *Relay) {
	t.Helper()
	conn, err := net.Dial("tcp", r.Address())
	if err == nil {
		_, err = conn.Read(make([]byte, 1))
		_ = conn.Close()
	}
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the connection ended with %v", err)
	}
}

func TestRelay_CarriesBothWays(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	r := listen(t, s.address, Options{})
	select {
	case <-r.Used():
		t.Error("it was used before anybody connected")
	default:
	}
	near, far := ends(t, r, s)
	<-r.Used()
	read := readAll(far)
	many := bytes.Repeat([]byte("0123456789"), 100_000)
	if _, err := near.Write(many); err != nil {
		t.Fatal(err)
	}
	_ = near.Close()
	if got := <-read; got.text != string(many) {
		t.Errorf("%d bytes arrived, want %d", len(got.text), len(many))
	}
	r.Wait()
	if _, err := net.Dial("tcp", r.Address()); err == nil {
		t.Error("it accepts connections after Wait")
	}
}

func TestRelay_DelayIsThatOfBothWays(t *testing.T) {
	t.Parallel()
	const delay = 20 * time.Millisecond
	s := newServer(t)
	began := time.Now()
	near, far := ends(t, listen(t, s.address, Options{Delay: delay}), s)
	if took := time.Since(began); took < 2*delay {
		t.Errorf("a round trip took %s", took)
	}
	read := readAll(far)
	_, _ = io.WriteString(near, "the last words")
	_ = near.Close()
	if got := <-read; got.text != "the last words" {
		t.Errorf("%q arrived", got.text)
	}
}

func TestRelay_RefuseIsOverAfterN(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	r := listen(t, s.address, Options{})
	r.Refuse(2)
	for range 2 {
		wantReset(t, r)
	}
	ends(t, r, s)
}

func TestRelay_RedirectIsAboutLaterConnections(t *testing.T) {
	t.Parallel()
	first, second := newServer(t), newServer(t)
	r := listen(t, first.address, Options{})
	near, far := ends(t, r, first)
	r.Redirect(second.address)
	ends(t, r, second)
	carried(t, near, far, "still the first")
}

func TestRelay_SilenceLosesWhatIsConnected(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	r := listen(t, s.address, Options{})
	near, far := ends(t, r, s)
	r.Silence()
	_, _ = io.WriteString(near, "lost")
	_, _ = io.WriteString(far, "lost")
	ends(t, r, s) // another works
	_ = far.Close()
	read := readAll(near)
	ends(t, r, s)
	select {
	case got := <-read:
		t.Errorf("a silent connection ended with %q, %v", got.text, got.err)
	default:
	}
	r.Close()
	if got := <-read; got.text != "" {
		t.Errorf("%q arrived", got.text)
	}
}

func TestRelay_MuteIsAboutLaterConnections(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	r := listen(t, s.address, Options{})
	near, far := ends(t, r, s)
	r.Mute()
	later := dial(t, r)
	_, _ = io.WriteString(later, "lost")
	read := readAll(<-s.conns)
	carried(t, near, far, "as before")
	r.Close()
	if got := <-read; got.text != "" {
		t.Errorf("%q arrived", got.text)
	}
}

func TestRelay_CutEndsBothSides(t *testing.T) {
	t.Parallel()
	for reset, isWanted := range map[bool]func(error) bool{
		true:  func(err error) bool { return errors.Is(err, syscall.ECONNRESET) },
		false: func(err error) bool { return err == nil },
	} {
		s := newServer(t)
		r := listen(t, s.address, Options{})
		near, far := ends(t, r, s)
		fromNear, fromFar := readAll(near), readAll(far)
		r.Cut(reset)
		for _, read := range []<-chan outcome{fromNear, fromFar} {
			if got := <-read; got.text != "" || !isWanted(got.err) {
				t.Errorf("reset %t: the end was %q, %v", reset, got.text, got.err)
			}
		}
		ends(t, r, s)
	}
}

func TestRelay_PartEndsOneSide(t *testing.T) {
	t.Parallel()
	for _, parted := range []End{Client, Server} {
		s := newServer(t)
		r := listen(t, s.address, Options{})
		near, far := ends(t, r, s)
		knows, believes := near, far
		if parted == Server {
			knows, believes = far, near
		}
		told, untold := readAll(knows), readAll(believes)
		release := r.Part(parted)
		if got := <-told; !errors.Is(got.err, syscall.ECONNRESET) {
			t.Errorf("%d: the end was %v", parted, got.err)
		}
		if _, err := io.WriteString(believes, "are you there?"); err != nil {
			t.Error(err)
		}
		select {
		case got := <-untold:
			t.Errorf("%d: the other side was told: %v", parted, got.err)
		default:
		}
		release()
		if got := <-untold; got.text != "" {
			t.Errorf("%d: %q arrived", parted, got.text)
		}
	}
}

func TestRelay_HoldLosesNothing(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	r := listen(t, s.address, Options{})
	near, far := ends(t, r, s)
	r.Hold()
	r.Hold() // is one
	_, _ = io.WriteString(near, "held back")
	arrived := make(chan string, 1)
	go func() {
		got := make([]byte, len("held back"))
		_, _ = io.ReadFull(far, got)
		arrived <- string(got)
	}()
	select {
	case got := <-arrived:
		t.Errorf("%q was not held back", got)
	default:
	}
	r.Resume()
	if got := <-arrived; got != "held back" {
		t.Errorf("%q arrived", got)
	}
	r.Resume() // of nothing
	carried(t, near, far, "at once")
}

func TestRelay_PassSeesEachDirectionAndEndsTheConnection(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	asked := ""
	r := listen(t, s.address, Options{Connected: func() (toServer, toClient Pass) {
		return func(data []byte, send func([]byte) error) error {
			asked += string(data)
			if before, _, ends := bytes.Cut(data, []byte("!")); ends {
				return errors.Join(errors.New("the end"), send(before))
			}
			return errors.Join(send(data[:1]), send(data[1:]))
		}, nil
	}})
	near, far := ends(t, r, s)
	read := readAll(far)
	_, _ = io.WriteString(near, "good!bad")
	if got := <-read; got.text != "good" {
		t.Errorf("%q arrived", got.text)
	}
	if got := <-readAll(near); got.text != "" {
		t.Errorf("%q came back", got.text)
	}
	if asked != "hellogood!bad" {
		t.Errorf("it saw %q", asked)
	}
}

func TestRelay_NobodyBehindItIsAReset(t *testing.T) {
	t.Parallel()
	r := listen(t, "127.0.0.1:1", Options{})
	wantReset(t, r)
}
