package tunnel

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"

	"golang.org/x/crypto/ssh"
)

// wrongKeyError is a host key that was refused.
type wrongKeyError struct {
	refusal *Error
	shown   ssh.PublicKey
}

func (w *wrongKeyError) Error() string { return w.refusal.Error() }

// dialBastion connects and authenticates.
func (t *Tunnel) dialBastion(ctx context.Context) (*session, error) {
	ctx, cancel := context.WithTimeout(ctx, t.cfg.ConnectTimeout)
	defer cancel()
	algorithms := t.hosts.algorithms()
	var refused *wrongKeyError
	for {
		s, err := t.handshake(ctx, algorithms)
		var noneLeft *ssh.AlgorithmNegotiationError
		if refused != nil && errors.As(err, &noneLeft) {
			return nil, refused.refusal
		}
		if !errors.As(err, &refused) {
			return s, err
		}
		// A pinned fingerprint does not tell the type of its key: let the bastion show its keys of the other types
		// before refusing it.
		algorithms = withoutType(algorithms, refused.shown.Type())
		if !t.hosts.onlyFingerprints() || len(algorithms) == 0 {
			return nil, refused.refusal
		}
	}
}

// handshake makes one connection. A host key that is refused is a *wrongKeyError.
func (t *Tunnel) handshake(ctx context.Context, algorithms []string) (*session, error) {
	conn, err := t.connect(ctx)
	if err != nil {
		return nil, err
	}
	w := &wire{Conn: conn}
	login, err := t.credentials.login(ctx)
	if err != nil {
		_ = w.Close()
		return nil, err
	}
	defer login.close()
	// The SSH handshake knows no context: closing the connection ends it.
	stop := context.AfterFunc(ctx, func() { _ = w.Close() })
	client, channels, requests, err := ssh.NewClientConn(w, t.cfg.address(), &ssh.ClientConfig{
		User:              t.cfg.Username,
		Auth:              login.methods(),
		AuthCallback:      login.observe,
		HostKeyAlgorithms: algorithms,
		HostKeyCallback: func(_ string, remote net.Addr, key ssh.PublicKey) error {
			if refusal := t.hosts.check(remote, key); refusal != nil {
				return &wrongKeyError{refusal, key}
			}
			return nil
		},
	})
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		_ = w.Close()
		return nil, t.explain(ctx, err, w, login)
	}
	t.log.Info("ssh tunnel: connected", "bastion", t.cfg.address(), "user", t.cfg.Username)
	return newSession(ssh.NewClient(client, channels, requests), w, t.cfg.address(), t.cfg.KeepAlive, t.conns, t.log), nil
}

// connect makes the TCP connection.
func (t *Tunnel) connect(ctx context.Context) (net.Conn, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", t.cfg.address())
	if err == nil {
		return conn, nil
	}
	var dns *net.DNSError
	address := t.cfg.address()
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return nil, interrupted(ctx, StepConnect, "connecting to the bastion "+address)
	case errors.As(err, &dns):
		return nil, &Error{
			Step: StepResolve, Reason: fmt.Sprintf("cannot resolve the bastion's name %q: %s", t.cfg.Host, dns.Err),
			Hint: "check ssh_tunnel.host", Err: err,
		}
	case ctx.Err() != nil || errors.Is(err, os.ErrDeadlineExceeded):
		return nil, &Error{
			Step: StepConnect, Reason: "connection timed out: the bastion " + address + " does not answer",
			Hint: "check ssh_tunnel.host and ssh_tunnel.port, and the firewalls between here and there", Err: err,
		}
	// Windows words and numbers its errors differently: the text serves both.
	case strings.Contains(err.Error(), "refused"):
		return nil, &Error{
			Step: StepConnect, Reason: "connection refused: the bastion " + address + " refuses connections, nothing listens on that port",
			Hint: "check ssh_tunnel.host and ssh_tunnel.port, and that its SSH server runs", Err: err,
		}
	}
	cause := err
	if op, ok := errors.AsType[*net.OpError](err); ok {
		cause = op.Err
	}
	return nil, &Error{
		Step: StepConnect, Reason: "cannot connect to the bastion " + address + ": " + cause.Error(),
		Hint: "check ssh_tunnel.host and the network", Err: err,
	}
}
