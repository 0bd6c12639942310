// Package tunnel reaches a PostgreSQL server through an SSH bastion, the way ssh -L does, without a local port: every
// connection is a direct-tcpip channel.
//
// It promises that
//   - the connections it returns behave as TCP connections do, deadlines and
//     half-close included, which SSH channels by themselves do not
//     (golang/go#65930);
//   - a dead bastion is noticed within three keep-alive intervals, every
//     connection through it then fails, and the next dial connects to it anew;
//   - every way a tunnel can fail has its own sentence, an [Error], and
//     no password, passphrase or private key is in any of them or in the log.
package tunnel

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"strconv"
)

// Tunnel is a connection to a bastion over which connections to databases are dialled. It is safe for concurrent use.
type Tunnel struct {
	cfg         Config
	credentials *credentials
	hosts       *hostKeys
	log         *slog.Logger
	conns       *connections

	// turn is a lock that gives up when a context does: one goroutine at a time looks at, replaces or closes the
	// session.
	turn    chan struct{}
	session *session // nil before the first
}

// environment is what a tunnel takes from its surroundings and not from its Config.
type environment struct {
	home        string // "" when unknown
	agentSocket string // SSH_AUTH_SOCK
}

// Open connects to the bastion and authenticates. The context bounds that only,
// not the life of the tunnel. A nil logger discards. Every error is an *Error.
func Open(ctx context.Context, cfg Config, log *slog.Logger) (*Tunnel, error) {
	home, _ := os.UserHomeDir() // without one there simply is no ~/.ssh/known_hosts
	return open(ctx, cfg, environment{home: home, agentSocket: os.Getenv("SSH_AUTH_SOCK")}, log)
}

func open(ctx context.Context, cfg Config, env environment, log *slog.Logger) (*Tunnel, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	creds, err := newCredentials(cfg, env)
	if err != nil {
		return nil, err
	}
	hosts, err := newHostKeys(cfg, env, log)
	if err != nil {
		return nil, err
	}
	t := &Tunnel{
		cfg: cfg, credentials: creds, hosts: hosts, log: log,
		conns: &connections{open: map[*conn]struct{}{}}, turn: make(chan struct{}, 1),
	}
	if _, err := t.live(ctx); err != nil {
		return nil, err
	}
	return t, nil
}

// DialContext connects from the bastion to a database. The network is "tcp" or "unix" (a socket on the bastion). The
// host in address is resolved by the bastion, so a name only it knows works. When the SSH connection has died it is
// made anew first. It fits pgconn.Config.DialFunc; see LookupHost for the other half. Every error is an *Error.
func (t *Tunnel) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	if err := checkAddress(network, address); err != nil {
		return nil, err
	}
	var lost error
	for range 2 {
		s, err := t.live(ctx)
		if err != nil {
			return nil, err
		}
		c, err := s.dial(ctx, network, address)
		if err == nil {
			return c, nil
		}
		// A session can die between being found alive and being used: that,
		// and nothing else, is worth a second session.
		if !errors.Is(err, errSessionLost) {
			return nil, err
		}
		lost = err
	}
	return nil, lost
}

// checkAddress refuses here what the SSH client would refuse with an error that cannot be told from a lost session.
func checkAddress(network, address string) error {
	switch network {
	case "unix":
		return nil
	case "tcp", "tcp4", "tcp6":
		_, port, err := net.SplitHostPort(address)
		if err == nil {
			_, err = strconv.ParseUint(port, 10, 16)
		}
		if err == nil {
			return nil
		}
		return configError("the database's address "+foreign(address)+" is not a host and a port", "check host and port")
	}
	return configError("a tunnel does not carry "+foreign(network), "")
}

// LookupHost returns the host as it is. Set as pgconn.Config.LookupFunc it keeps pgx from resolving here a name that
// only the bastion can (jackc/pgx#1724). The error is always nil.
func (t *Tunnel) LookupHost(_ context.Context, host string) ([]string, error) {
	return []string{host}, nil
}

// Close closes every connection made through the tunnel and the one to the bastion, after what was already written has
// left, within limits. No goroutine of the tunnel outlives it. Dialling afterwards fails with net.ErrClosed.
func (t *Tunnel) Close() error {
	t.turn <- struct{}{}
	defer func() { <-t.turn }()
	t.conns.close()
	_ = t.session.wire.Close()
	t.conns.running.Wait()
	return nil
}

// live returns a session that was alive a moment ago, dialling the bastion when there is none. Concurrent callers share
// one attempt's success, never its error.
func (t *Tunnel) live(ctx context.Context) (*session, error) {
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
	}
	if ctx.Err() != nil {
		return nil, interrupted(ctx, StepConnect, "waiting for the bastion "+t.cfg.address())
	}
	if t.conns.isClosed() {
		return nil, errClosed()
	}
	if t.session != nil {
		if t.session.alive() {
			return t.session, nil
		}
		t.session.end("dropped the connection", io.ErrUnexpectedEOF)
		t.log.Info("ssh tunnel: connecting again", "bastion", t.cfg.address())
	}
	s, err := t.dialBastion(ctx)
	if err != nil {
		return nil, err
	}
	t.session = s
	return s, nil
}
