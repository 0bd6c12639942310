package tunnel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

// session is one SSH connection to the bastion, from login to its end.
type session struct {
	client  *ssh.Client
	wire    *wire
	address string // the bastion's
	log     *slog.Logger
	conns   *connections
	done    chan struct{} // closed when the SSH connection has ended

	mu    sync.Mutex
	cause *Error // why it ended, unless by Close of the tunnel
}

// newSession watches over a connection. A keepAlive of zero or less sends none.
func newSession(client *ssh.Client, w *wire, address string, keepAlive time.Duration, conns *connections, log *slog.Logger) *session {
	s := &session{client: client, wire: w, address: address, log: log, conns: conns, done: make(chan struct{})}
	conns.running.Go(func() {
		s.end("dropped the connection", client.Wait())
		close(s.done)
	})
	if keepAlive > 0 {
		conns.running.Go(func() {
			ticker := time.NewTicker(keepAlive)
			defer ticker.Stop()
			s.keepAlive(ticker.C, &pulse{})
		})
	}
	return s
}

func (s *session) alive() bool {
	select {
	case <-s.done:
		return false
	default:
		return !s.wire.broken.Load()
	}
}

// end gives the connection up, for the first reason it is called with.
func (s *session) end(what string, cause error) {
	closed := s.conns.isClosed()
	s.mu.Lock()
	if s.cause == nil && !closed {
		s.cause = s.lostBecause(what, cause)
		s.log.Warn("ssh tunnel: the bastion "+what, "bastion", s.address)
	}
	s.mu.Unlock()
	_ = s.wire.Close()
}

func (s *session) lostBecause(what string, cause error) *Error {
	return &Error{
		Step: StepSession, Reason: fmt.Sprintf("the bastion %s %s", s.address, what),
		Err: fmt.Errorf("%w: %w", errSessionLost, cause),
	}
}

// lost is the error of a connection that ended because the session did, nil when the session is fine.
func (s *session) lost() *Error {
	closed := s.conns.isClosed()
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.cause != nil:
		return s.cause
	case closed:
		return errClosed()
	case s.wire.broken.Load():
		return s.lostBecause("dropped the connection", io.ErrUnexpectedEOF)
	}
	return nil
}

// dial opens a channel to a database.
func (s *session) dial(ctx context.Context, network, address string) (net.Conn, error) {
	channel, err := s.client.DialContext(ctx, network, address)
	if err == nil {
		return s.adopt(channel, network, address)
	}
	var refused *ssh.OpenChannelError
	switch {
	case errors.As(err, &refused):
		return nil, s.refused(refused, network, address)
	case ctx.Err() != nil:
		late := interrupted(ctx, StepDatabase, fmt.Sprintf("the bastion %s connected to the database at %s", s.address, address))
		late.Hint = "check host and port as the bastion sees them; a firewall between the two may swallow what it does not let through"
		return nil, late
	}
	s.end("dropped the connection", err)
	return nil, s.lost()
}

// refused explains a channel the bastion did not open.
func (s *session) refused(cause *ssh.OpenChannelError, network, address string) *Error {
	said := foreign(cause.Message)
	forwarding := "AllowTcpForwarding"
	if network == "unix" {
		forwarding = "AllowStreamLocalForwarding"
	}
	switch cause.Reason {
	case ssh.Prohibited, ssh.UnknownChannelType:
		return &Error{
			Step: StepForward, Reason: fmt.Sprintf("the bastion %s forbids forwarding to %s: %s", s.address, address, said),
			Hint: "its sshd_config needs " + forwarding + " yes, a PermitOpen that includes that address," +
				" and the key's line in authorized_keys no restrict or no-port-forwarding",
			Err: cause,
		}
	case ssh.ResourceShortage:
		return &Error{
			Step: StepDatabase, Reason: fmt.Sprintf("the bastion %s has no resources left for another connection: %s", s.address, said),
			Hint: "run fewer loads at once or raise the bastion's limits", Err: cause,
		}
	}
	return &Error{
		Step: StepDatabase, Reason: fmt.Sprintf("the bastion %s works, but cannot reach the database at %s: %s", s.address, address, said),
		Hint: "check host and port as the bastion sees them, the database's listen_addresses and the firewall between the two",
		Err:  cause,
	}
}
