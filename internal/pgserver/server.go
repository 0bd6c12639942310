// Package pgserver finds, or fetches once, the programs of a real PostgreSQL and runs a server with them.
//
// It promises two kinds of server. A durable one keeps its data and goes on running after the process ends; the next
// Start of its directory finds it and returns the same server. A temporary one is tuned for tests, belongs to the
// processes that use it, and ends with the last of them even when that one is killed.
//
// Either kind listens on the loopback address only, has no Unix socket, and wants a random password (SCRAM-SHA-256).
// It works for root too: PostgreSQL itself refuses root, so its programs then run as the user postgres, else nobody.
package pgserver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// startTimeout bounds a start, stop or crash recovery whose context has no deadline.
const startTimeout = 2 * time.Minute

// ErrNotRunning is returned by Running when no server answers for the directory.
var ErrNotRunning = errors.New("no PostgreSQL server is running there")

// Options says which server Start shall return. The zero value is a temporary server of any supported version.
type Options struct {
	// Version is the wanted major version, "13" to "18". Empty takes the version that made a durable directory,
	// else the newest one on this machine, else the newest that can be fetched.
	Version string
	// Durable keeps data and server after the process; otherwise both end with it.
	Durable bool
	// DataDir is the directory of a durable server (empty: DefaultDir), which must be empty, absent or made by Start.
	// For a temporary server it is the directory to make its own directory in (empty: a private one in os.TempDir). The
	// user the server runs as must be able to reach it.
	DataDir string
	// Port is the TCP port. 0 takes a free one, for a durable directory the last one it had while that is free.
	Port int
	// Settings are server settings (postgresql.conf) on top of those of the kind of server. A server that is already
	// running keeps the settings it has.
	Settings map[string]string
	// Password is the superuser's. Empty makes a random one, kept in the file "password" next to the cluster.
	Password string
	// Logf reports what takes time, such as a download. Nil is silent.
	Logf func(format string, args ...any)
}

// Server is a running PostgreSQL. Its methods may be called from one goroutine at a time.
type Server struct {
	// URL connects as the superuser to the database postgres; it contains the password.
	URL string
	// DataDir is the directory of the server: the cluster in "data", and next to it "password", "server.conf" (the
	// settings of the last start) and "server.log".
	DataDir string
	// Version is the major version, for example "18".
	Version string

	home     home
	install  install
	port     int
	password string
	lease    *lease // what keeps a temporary server alive; nil for a durable one
	shared   bool   // others may use it too, so that Stop only gives up the lease
}

// Start returns the server that o describes, ready for connections: started, or for a durable directory the one that
// already runs there. Concurrent calls for one durable directory, from any process, return the same server. The error
// of a server that did not start ends with the last lines of its log.
func Start(ctx context.Context, o Options) (*Server, error) {
	ctx, cancel := withDeadline(ctx)
	defer cancel()
	if o.Durable {
		return startDurable(ctx, o)
	}
	return startTemporary(ctx, o)
}

// Stop ends the server, letting running transactions abort, and removes a temporary one's directory. A durable server's
// data stays. A shared server goes on for its other users.
func (s *Server) Stop(ctx context.Context) error {
	ctx, cancel := withDeadline(ctx)
	defer cancel()
	if s.shared {
		return s.lease.release()
	}
	err := s.halt(ctx, "fast")
	if s.lease != nil {
		err = errors.Join(err, os.RemoveAll(s.home.dir), s.lease.release())
	}
	return err
}

// Restart stops the server in the given mode of pg_ctl ("smart", "fast", or "immediate", which is a crash with recovery
// afterwards) and starts it on the same port. It also revives a server after Kill.
func (s *Server) Restart(ctx context.Context, mode string) error {
	ctx, cancel := withDeadline(ctx)
	defer cancel()
	if err := s.halt(ctx, mode); err != nil {
		return err
	}
	return s.launch(ctx, false)
}

// Kill ends the server's main process at once, as a machine out of memory would: no shutdown, no clean-up. Restart
// brings it back.
func (s *Server) Kill() error {
	pid, _, err := s.home.postmaster()
	if err != nil {
		return fmt.Errorf("kill the server in %s: %w", s.DataDir, err)
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		return fmt.Errorf("kill the server in %s: %w", s.DataDir, err)
	}
	return process.Kill()
}

// newServer is the description of a server that may not run yet.
func newServer(h home, in install, port int, password string) *Server {
	s := &Server{DataDir: h.dir, Version: strconv.Itoa(in.major), home: h, install: in, port: port, password: password}
	s.setPort(port)
	return s
}

func (s *Server) setPort(port int) {
	s.port = port
	s.URL = (&url.URL{
		Scheme: "postgres", User: url.UserPassword(superuser, s.password),
		Host: net.JoinHostPort(loopback, strconv.Itoa(port)), Path: "/postgres", RawQuery: "sslmode=disable",
	}).String()
}

func (s *Server) logFile() string { return filepath.Join(s.home.dir, "server.log") }

func withDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, startTimeout)
}
