// Package connect turns the connection settings into live pgx connections.
//
// It promises that
//   - the settings alone decide: PG* variables, the password file and the
//     service file are read only when use_pg_env says so;
//   - the TLS modes mean what they mean to libpq (see Config.SSLMode for the
//     two exceptions), through a tunnel as well;
//   - a connection needs nothing of its session, so that it works through
//     PgBouncer in transaction mode: no prepared statements, and only startup
//     parameters that PgBouncer takes;
//   - a network that is dead is noticed within a minute, while a server that is
//     merely busy may take as long as it likes;
//   - every way to fail has its own sentence, an [Error], and no password,
//     passphrase or private key is in any of them or in the log.
//
// Any goroutine may ask a Connector for a connection. One goroutine at a time uses the connection.
package connect

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"target-postgres/target/libpq"
	"target-postgres/target/trace"
	"target-postgres/tunnel"
)

// Connector makes connections to the database of one Config. It is safe for concurrent use.
type Connector struct {
	servers  []*server
	timeout  time.Duration
	liveness liveness
	bastion  *tunnel.Config // nil: no tunnel
	log      *slog.Logger

	// turn is a lock that gives up when a context does.
	turn   chan struct{}
	tunnel *tunnel.Tunnel // nil until the first connection
	closed bool

	// once is set by the first connection: from then on a server that cannot be found is one that went away, and may
	// come back.
	once atomic.Bool
}

// New checks the settings and reads the files they name. Nothing is connected yet. A nil logger discards. The error is
// an *Error with Step StepConfigure and the Setting to blame.
func New(cfg Config, log *slog.Logger) (*Connector, error) {
	home, _ := os.UserHomeDir() // without one there simply are no files in it
	c, err := newConnector(cfg, libpq.Environment{Lookup: os.Getenv, Home: home}, log)
	if err != nil {
		return nil, err
	}
	return c, nil
}

func newConnector(cfg Config, env libpq.Environment, log *slog.Logger) (*Connector, *Error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	p, wrong := gather(cfg, env, log)
	if wrong != nil {
		return nil, configured(wrong)
	}
	c := &Connector{liveness: defaultLiveness, bastion: cfg.Tunnel, log: log, turn: make(chan struct{}, 1)}
	if c.timeout, wrong = p.Timeout(); wrong != nil {
		return nil, configured(wrong)
	}
	var err *Error
	if c.servers, err = newServers(p, env, cfg.Tunnel != nil, log); err != nil {
		return nil, err
	}
	for _, s := range c.servers {
		s.config.DialFunc = c.dial
	}
	return c, nil
}

// Connect makes one attempt to connect and log in: at every host of the settings in turn, at every address of a host,
// each host within the connect timeout. The first that works is returned. The context bounds the attempt, not the life
// of the connection. Every error is an *Error.
//
// When the context of a later query is cancelled, the server is asked to cancel the query; the connection is given five
// seconds to come back before it closes.
func (c *Connector) Connect(ctx context.Context) (*pgx.Conn, error) {
	var failures []*Error
	for _, s := range c.servers {
		conn, failed := c.connectTo(ctx, s)
		if failed == nil {
			c.once.Store(true)
			return conn, nil
		}
		failures = append(failures, failed)
		// Like libpq: a server that answers and says no ends the search.
		if failed.Step == StepLogin && !failed.Transient || ctx.Err() != nil {
			break
		}
	}
	return nil, verdict(failures)
}

// Reached reports whether a connection was made once.
func (c *Connector) Reached() bool { return c.once.Load() }

// Timeout bounds one attempt to connect, at all hosts together.
func (c *Connector) Timeout() time.Duration { return c.timeout * time.Duration(len(c.servers)) }

// Database says where the database is that is tried first.
func (c *Connector) Database() (host string, port int, name string) {
	first := c.servers[0].config
	return first.Host, int(first.Port), cmp.Or(first.Database, first.User)
}

// String names the servers, and the bastion in between.
func (c *Connector) String() string {
	places := make([]string, len(c.servers))
	for i, s := range c.servers {
		places[i] = s.place
	}
	text := strings.Join(places, ", ")
	if c.bastion != nil {
		text += " through the bastion " + c.bastion.Host
	}
	return text
}

// connectTo tries the addresses of one host.
func (c *Connector) connectTo(ctx context.Context, s *server) (*pgx.Conn, *Error) {
	within, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	addresses, failed := c.resolve(within, s)
	if failed != nil {
		return nil, failed
	}
	var failures []*Error
	for i, address := range addresses {
		conn, failed := c.attempt(within, s, address, len(addresses)-i)
		if failed == nil {
			return conn, nil
		}
		if ctx.Err() != nil {
			return nil, interrupted(ctx.Err(), s)
		}
		failures = append(failures, failed)
		if failed.Step == StepLogin {
			break // it is the same server at the other addresses
		}
	}
	return nil, furthest(failures)
}

// attempt tries one address, within its share of the time that is left, so that a dead first address (IPv6, say) leaves
// time for the others.
func (c *Connector) attempt(ctx context.Context, s *server, address string, left int) (*pgx.Conn, *Error) {
	if deadline, ok := ctx.Deadline(); ok && left > 1 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/time.Duration(left))
		defer cancel()
	}
	config := s.config.Copy()
	trace.Connections(config, c.log)
	config.LookupFunc = func(context.Context, string) ([]string, error) { return []string{address}, nil }
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, s.explain(err, c.timeout)
	}
	if failed := s.checkVersion(conn.PgConn().ParameterStatus("server_version")); failed != nil {
		_ = conn.Close(ctx)
		return nil, failed
	}
	return conn, nil
}

// Close closes the tunnel, and with it the connections made through it; without a tunnel it only keeps Connect from
// making more of them.
func (c *Connector) Close() error {
	c.turn <- struct{}{}
	defer func() { <-c.turn }()
	c.closed = true
	if c.tunnel == nil {
		return nil
	}
	t := c.tunnel
	c.tunnel = nil
	return t.Close()
}

// errClosed is the cause of every error after Close.
var errClosed = errors.New("the connector is closed")
