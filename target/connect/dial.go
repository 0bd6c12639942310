package connect

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"target-postgres/tunnel"
)

// liveness says when a network counts as dead.
type liveness struct {
	keepAlive net.KeepAliveConfig // finds a peer that is gone while nothing is sent
	silence   time.Duration       // how long what was sent may stay unacknowledged
	interval  time.Duration       // how often that is looked at
}

// defaultLiveness notices a dead network within a minute in either case.
var defaultLiveness = liveness{
	keepAlive: net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 10 * time.Second, Count: 3},
	silence:   40 * time.Second,
	interval:  5 * time.Second,
}

// dialError marks the errors of dialling among those of pgx. It does not unwrap:
// pgx would find a timeout in it and throw the rest away.
type dialError struct{ cause error }

func (e *dialError) Error() string { return e.cause.Error() }

// dial is pgconn's DialFunc, for connections and for requests to cancel.
func (c *Connector) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if c.bastion != nil {
		t, err := c.openTunnel(ctx)
		if err != nil {
			return nil, &dialError{err}
		}
		conn, err := t.DialContext(ctx, network, address)
		if err != nil {
			return nil, &dialError{err}
		}
		return conn, nil
	}
	dialer := net.Dialer{KeepAliveConfig: c.liveness.keepAlive}
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, &dialError{err}
	}
	return watch(conn, c.liveness), nil
}

// openTunnel opens the tunnel for the first connection. From then on the tunnel itself connects anew when the bastion
// went away.
func (c *Connector) openTunnel(ctx context.Context) (*tunnel.Tunnel, error) {
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if c.closed {
		return nil, errClosed
	}
	if c.tunnel != nil {
		return c.tunnel, nil
	}
	bastion := *c.bastion
	if bastion.ConnectTimeout == 0 {
		bastion.ConnectTimeout = c.timeout
	}
	t, err := tunnel.Open(ctx, bastion, c.log)
	if err != nil {
		return nil, err
	}
	c.tunnel = t
	return t, nil
}

// resolve returns the addresses of a host; through a tunnel the host itself,
// which only the bastion can resolve (jackc/pgx#1724).
func (c *Connector) resolve(ctx context.Context, s *server) ([]string, *Error) {
	if c.bastion != nil || s.isSocket() || net.ParseIP(s.host) != nil {
		return []string{s.host}, nil
	}
	addresses, err := net.DefaultResolver.LookupHost(ctx, s.host)
	if err == nil {
		return addresses, nil
	}
	e := &Error{
		Step: StepResolve, Setting: s.p.Source("host", "host"), Err: err,
		Reason: fmt.Sprintf("cannot resolve the host %q: %v", s.host, err),
		Hint:   "check host; a name that only a bastion knows needs ssh_tunnel",
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		e.Reason = fmt.Sprintf("cannot resolve the host %q: %s", s.host, dns.Err)
		e.Transient = !dns.IsNotFound || c.once.Load()
	}
	if ctx.Err() != nil {
		e.Transient = !errors.Is(ctx.Err(), context.Canceled)
	}
	return nil, e
}
