package pgserver

import (
	"context"
	"net"
	"strings"
	"testing"
)

func TestPingKnowsItsOwnServer(t *testing.T) {
	t.Parallel()
	s := shared(t)
	if mine, err := s.ping(t.Context()); !mine || err != nil {
		t.Errorf("its own server: %t, %v", mine, err)
	}

	impostor := newServer(clusterFiles(t, nil), s.install, s.port, s.password)
	if mine, err := impostor.ping(t.Context()); mine || err != nil {
		t.Errorf("another server on the port: %t, %v", mine, err)
	}

	impostor.password = "wrong"
	impostor.setPort(s.port)
	_, err := impostor.ping(t.Context())
	wantError(t, err, "does not let us in")
	if strings.Contains(err.Error(), "wrong") {
		t.Error("the error holds the password")
	}
}

func TestPingOfAPortWithoutAServer(t *testing.T) {
	t.Parallel()
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	s := newServer(clusterFiles(t, nil), install{}, port, "secret")
	if mine, err := s.ping(t.Context()); mine || err != nil {
		t.Errorf("%t, %v", mine, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.ping(ctx); err == nil {
		t.Error("no error although the context had ended")
	}
}

func TestThePasswordIsNotToldToAServerThatAsksForItInClear(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", net.JoinHostPort(loopback, "0"))
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	received := make(chan string, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		buffer := make([]byte, 1024)
		_, _ = conn.Read(buffer)                               // the startup message
		_, _ = conn.Write([]byte{'R', 0, 0, 0, 8, 0, 0, 0, 3}) // AuthenticationCleartextPassword
		n, _ := conn.Read(buffer)
		received <- string(buffer[:n])
	}()
	s := newServer(clusterFiles(t, nil), install{}, listener.Addr().(*net.TCPAddr).Port, "secret")
	if mine, _ := s.ping(t.Context()); mine {
		t.Error("it passed for our server")
	}
	if told := <-received; strings.Contains(told, "secret") {
		t.Errorf("it was told %q", told)
	}
}
