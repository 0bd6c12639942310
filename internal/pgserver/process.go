package pgserver

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// launchPause is the time between attempts to start while the remains of a killed server go away.
const launchPause = 100 * time.Millisecond

// launch starts the cluster and waits until it answers. movable allows another port if another process took this one
// between choosing and opening it.
func (s *Server) launch(ctx context.Context, movable bool) error {
	for {
		offset := fileSize(s.logFile())
		args := append(s.pgctl(ctx, "start"), "--log="+s.logFile())
		_, err := s.install.run(ctx, s.home.as, s.home.dir, "pg_ctl", args...)
		if err == nil {
			_, err = s.ping(ctx)
			return err
		}
		logged := tailFrom(s.logFile(), offset)
		switch {
		case movable && strings.Contains(logged, "could not bind"):
			if err := s.movePort(); err != nil {
				return err
			}
			continue
		case strings.Contains(logged, "pre-existing shared memory block"):
			// The children of a killed server have not noticed yet.
			if pause(ctx, launchPause) == nil {
				continue
			}
		}
		return fmt.Errorf("start PostgreSQL %s in %s: %w%s%s",
			s.Version, s.home.dir, err, s.home.reachHint(err), indented(lastLines(logged, 15)))
	}
}

// portPattern finds the port in a server.conf.
var portPattern = regexp.MustCompile(`(?m)^port = '(\d+)'$`)

func (s *Server) movePort() error {
	conf, err := s.home.read("server.conf")
	if err != nil {
		return err
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	conf = portPattern.ReplaceAllString(conf, fmt.Sprintf("port = '%d'", port))
	s.setPort(port)
	return s.home.write("server.conf", conf, os.O_TRUNC)
}

// halt stops the cluster's processes if there are any.
func (s *Server) halt(ctx context.Context, mode string) error {
	if _, _, err := s.home.postmaster(); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	_, err := s.install.run(ctx, s.home.as, s.home.dir, "pg_ctl", append(s.pgctl(ctx, "stop"), "--mode="+mode)...)
	if err == nil {
		return nil
	}
	if !s.alive(ctx) {
		return nil // a server that was killed leaves its lock file
	}
	return fmt.Errorf("stop the server in %s: %w", s.home.dir, err)
}

// alive reports whether the process in the cluster's lock file exists.
func (s *Server) alive(ctx context.Context) bool {
	status, err := s.install.run(ctx, s.home.as, s.home.dir, "pg_ctl", "status", "--pgdata="+s.home.data())
	return err == nil || !strings.Contains(status, "no server running")
}

// pgctl is the part of pg_ctl's arguments that its actions share; it waits as long as the context allows.
func (s *Server) pgctl(ctx context.Context, action string) []string {
	seconds := int(startTimeout.Seconds())
	if deadline, ok := ctx.Deadline(); ok {
		seconds = max(1, int(time.Until(deadline).Seconds()))
	}
	return []string{action, "--pgdata=" + s.home.data(), "--wait", "--silent", "--timeout=" + strconv.Itoa(seconds)}
}

// Ports from lowest to highest are below those that Linux, macOS and Windows give to outgoing connections. One of those
// could be a client's while the server is restarted. A client that tries to reach the server could even connect to
// itself.
const lowestPort, highestPort = 20000, 32767

// freePort returns a port on which no process listens.
func freePort() (int, error) {
	for range 100 {
		port := lowestPort + rand.IntN(highestPort-lowestPort+1) //nolint:gosec // it is no secret
		if listener, err := net.Listen("tcp", net.JoinHostPort(loopback, strconv.Itoa(port))); err == nil {
			return port, listener.Close()
		}
	}
	return 0, fmt.Errorf("no port between %d and %d is free", lowestPort, highestPort)
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}
