package connect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/target/libpq"
	"target-postgres/tunnel"
)

// explain makes an Error of what pgx says about one address: of the attempt that came furthest, where the mode allowed
// one with and one without encryption.
func (s *server) explain(err error, timeout time.Duration) *Error {
	var joined interface{ Unwrap() []error }
	if !errors.As(err, &joined) {
		return s.explainOne(err, timeout)
	}
	var failures []*Error
	for _, one := range joined.Unwrap() {
		failures = append(failures, s.explainOne(one, timeout))
	}
	return furthest(failures)
}

func (s *server) explainOne(err error, timeout time.Duration) *Error {
	var dial *dialError
	var server *pgconn.PgError
	switch {
	case errors.As(err, &dial):
		return s.explainDial(dial.cause, timeout)
	case errors.As(err, &server):
		return s.explainRefusal(server)
	}
	if e := s.explainTLS(err); e != nil {
		return e
	}
	if e := s.explainPolicy(err); e != nil {
		return e
	}
	return s.explainSilence(err, timeout)
}

// explainDial is about reaching the server at all.
func (s *server) explainDial(err error, timeout time.Duration) *Error {
	if bastion, ok := errors.AsType[*tunnel.Error](err); ok {
		return &Error{
			Step: StepTunnel, Setting: "ssh_tunnel", Reason: "ssh tunnel: " + bastion.Reason, Hint: bastion.Hint,
			Transient: bastion.Transient(), Err: bastion,
		}
	}
	e := &Error{
		Step: StepConnect, Setting: s.p.Source("host", "host"), Transient: true, Err: err,
		Hint: "check host and port, and the firewalls between here and there",
	}
	switch {
	case errors.Is(err, errClosed):
		e.Reason, e.Hint, e.Transient = err.Error(), "", false
	case timedOut(err):
		e.Reason = fmt.Sprintf("connection timed out: the server %s does not answer within %s", s.place, timeout)
	// Windows words and numbers its errors differently: the text serves both.
	case strings.Contains(err.Error(), "refused"):
		e.Reason = fmt.Sprintf("connection refused: the server %s refuses connections, nothing listens on that port", s.place)
		e.Hint = "check host and port, that PostgreSQL runs, and that its listen_addresses includes that address"
	case errors.Is(err, os.ErrNotExist), errors.Is(err, os.ErrPermission):
		e.Reason = fmt.Sprintf("the socket %s cannot be used: %v", s.place, innermost(err))
		e.Hint = "check host and port, which name the socket, and that PostgreSQL runs on this machine"
	default:
		e.Reason = fmt.Sprintf("the server %s cannot be reached: %v", s.place, innermost(err))
	}
	return e
}

// explainPolicy is about what this side insists on.
func (s *server) explainPolicy(err error) *Error {
	text := said(err)
	e := &Error{Step: StepLogin, Setting: libpq.SourceURL, Err: plain(err)}
	switch {
	case errors.Is(err, pgconn.ErrReadOnlyConnection), errors.Is(err, pgconn.ErrStandbyConnection):
		e.Setting = s.p.Source("target_session_attrs", "host")
		e.Reason = fmt.Sprintf("the server %s cannot be written to: it is a standby or read-only", s.place)
		e.Hint = "name the primary, or all servers of the cluster, in host"
		e.Transient = true
	case strings.Contains(text, "channel binding"):
		e.Setting = s.p.Source("channel_binding", libpq.SourceURL)
		e.Reason = fmt.Sprintf("the server %s does not log in with channel binding, which channel_binding=require demands", s.place)
		e.Hint = "it needs TLS and the method scram-sha-256 in pg_hba.conf"
	case strings.Contains(text, "authentication method requirement"):
		e.Setting = s.p.Source("require_auth", libpq.SourceURL)
		e.Reason = fmt.Sprintf("the server %s asks for a login that require_auth forbids", s.place)
	case strings.Contains(text, "sslcertmode check failed"):
		e.Setting = s.p.Source("sslcertmode", libpq.SourceURL)
		e.Reason = fmt.Sprintf("the server %s did not ask for a client certificate or got none, and sslcertmode=require insists on it", s.place)
		e.Hint = "set ssl_cert and ssl_key, and ssl_ca_file in the server's postgresql.conf"
	case strings.Contains(text, "failed SASL auth"):
		e.Setting = s.p.Source("password", "password")
		e.Reason = fmt.Sprintf("the server %s does not prove that it knows the password", s.place)
		e.Hint = "make sure that it is the right server, and that the password holds no characters that SCRAM forbids"
	case strings.Contains(text, "GSS"):
		e.Reason = fmt.Sprintf("the server %s wants a GSSAPI (Kerberos) login, which is not supported", s.place)
		e.Hint = "give the role a line with scram-sha-256 or cert in pg_hba.conf"
	default:
		return nil
	}
	if timedOut(err) || lost(err) {
		return nil // during any step
	}
	return e
}

// explainSilence is about a server that accepted the connection and then did not keep to the protocol.
func (s *server) explainSilence(err error, timeout time.Duration) *Error {
	e := &Error{Step: StepStartup, Transient: true, Err: plain(err)}
	switch {
	case timedOut(err):
		e.Reason = fmt.Sprintf("timeout expired: the server %s accepted the connection but did not answer within %s", s.place, timeout)
		e.Hint = "check that PostgreSQL listens on that port; if it is only slow, raise connect_timeout"
	case lost(err):
		e.Reason = fmt.Sprintf("server closed the connection unexpectedly: %s closed the connection during the login", s.place)
		e.Hint = "its log says why; a proxy in between may want TLS (ssl_mode require)"
		if s.mode != libpq.TLSDisable && s.hasCertificate() {
			// With TLS 1.3 the alert that says so can be lost on the way.
			e.Hint = "its log says why; it may refuse ssl_cert"
		}
	default:
		e.Setting, e.Transient = s.p.Source("port", "port"), false
		e.Reason = fmt.Sprintf("what listens at %s does not speak PostgreSQL's protocol", s.place)
		e.Hint = "check host and port"
	}
	return e
}

func timedOut(err error) bool {
	var network net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) ||
		errors.Is(err, syscall.ETIMEDOUT) || errors.As(err, &network) && network.Timeout()
}

func lost(err error) bool {
	var network *net.OpError
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.As(err, &network) && network.Op != "remote error"
}

// innermost is the error of the operating system, without the addresses that s.place already names.
func innermost(err error) error {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Err
	}
	return err
}

// said is what pgx says went wrong, without the addresses and names before it.
func said(err error) string {
	if inner := errors.Unwrap(err); inner != nil {
		err = inner
	}
	return err.Error()
}

// plain is the cause without pgx's types around it, some of which hold the whole configuration.
func plain(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}
