package pipeline

import (
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"

	"target-postgres/target/connect"
)

// pretended is a server that only pretends: it lets everybody in, answers every statement with its first word, and
// keeps what it was sent. It can be told to hang up or to have no connection left.
type pretended struct {
	listener net.Listener

	mu sync.Mutex
	// most is how many connections it takes, 0 for any number.
	most int
	// open are the connections that there are, made how many there ever were.
	open, made int
	// hangUp are the statements at which it closes the connection, each once; deaf closes new connections so often.
	hangUp []string
	deaf   int
}

func newPretended(t *testing.T) *pretended {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &pretended{listener: listener}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go p.serve(conn)
		}
	}()
	return p
}

func (p *pretended) connector(t *testing.T) *connect.Connector {
	t.Helper()
	connector, err := connect.New(connect.Config{URL: "postgres://u:p@" + p.listener.Addr().String() + "/d?sslmode=disable"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connector.Close() })
	return connector
}

func (p *pretended) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
}

func (p *pretended) connections() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.made
}

// enter reports whether another connection is taken, and what is said to it if not.
func (p *pretended) enter() (taken, answered bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.deaf > 0 {
		p.deaf--
		return false, false
	}
	if p.most > 0 && p.open >= p.most {
		return false, true
	}
	p.open++
	p.made++
	return true, true
}

func (p *pretended) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open--
}

// breaksAt reports whether the connection is to be lost at a statement, once.
func (p *pretended) breaksAt(statement string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, at := range p.hangUp {
		if at == statement {
			p.hangUp = append(p.hangUp[:i:i], p.hangUp[i+1:]...)
			return true
		}
	}
	return false
}

func (p *pretended) serve(conn net.Conn) {
	defer conn.Close()
	backend := pgproto3.NewBackend(conn, conn)
	if _, err := backend.ReceiveStartupMessage(); err != nil {
		return
	}
	taken, answered := p.enter()
	if !taken {
		if answered {
			backend.Send(&pgproto3.ErrorResponse{Severity: "FATAL", Code: "53300", Message: "sorry, too many clients already"})
			_ = backend.Flush()
		}
		return
	}
	defer p.leave()
	backend.Send(&pgproto3.AuthenticationOk{})
	backend.Send(&pgproto3.ParameterStatus{Name: "server_version", Value: "17.0"})
	backend.Send(&pgproto3.ParameterStatus{Name: "standard_conforming_strings", Value: "on"})
	backend.Send(&pgproto3.ParameterStatus{Name: "client_encoding", Value: "UTF8"})
	backend.Send(&pgproto3.BackendKeyData{ProcessID: 1, SecretKey: []byte{0, 0, 0, 1}})
	status := byte('I')
	for {
		backend.Send(&pgproto3.ReadyForQuery{TxStatus: status})
		if backend.Flush() != nil {
			return
		}
		message, err := backend.Receive()
		if err != nil {
			return
		}
		query, ok := message.(*pgproto3.Query)
		if !ok || p.breaksAt(query.String) {
			return
		}
		word, _, _ := strings.Cut(query.String, " ")
		switch word {
		case "BEGIN":
			status = 'T'
		case "COMMIT", "ROLLBACK":
			status = 'I'
		}
		backend.Send(&pgproto3.CommandComplete{CommandTag: []byte(word)})
	}
}
