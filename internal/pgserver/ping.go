package pgserver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// pingPause is the time between attempts while a server starts up, recovers or shuts down.
const pingPause = 50 * time.Millisecond

// ping reports whether the server at s.URL is the one of s.home. False means that no server, or another one, listens
// there. It waits for a server that is starting up.
func (s *Server) ping(ctx context.Context) (bool, error) {
	for {
		mine, err := s.pingOnce(ctx)
		var refused *pgconn.PgError
		if !errors.As(err, &refused) {
			var unreachable *pgconn.ConnectError
			if errors.As(err, &unreachable) && ctx.Err() == nil {
				return false, nil
			}
			return mine, err
		}
		if !slices.Contains([]string{pgerrcode.CannotConnectNow, pgerrcode.AdminShutdown, pgerrcode.CrashShutdown}, refused.Code) {
			return false, fmt.Errorf("the server in %s does not let us in: %w; if its password was changed, write the new one into %s",
				s.home.dir, err, filepath.Join(s.home.dir, "password"))
		}
		if err := pause(ctx, pingPause); err != nil {
			return false, fmt.Errorf("wait for the server in %s: %w", s.home.dir, err)
		}
	}
}

func (s *Server) pingOnce(ctx context.Context) (bool, error) {
	cfg, err := pgx.ParseConfig(s.URL)
	if err != nil {
		return false, err
	}
	// A process that took over the port of a dead server must not get its password.
	cfg.RequireAuth = "scram-sha-256"
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return false, err
	}
	defer conn.Close(ctx)
	var dir string
	if err := conn.QueryRow(ctx, "select pg_catalog.current_setting('data_directory')").Scan(&dir); err != nil {
		return false, err
	}
	theirs, err := os.Stat(dir)
	if err != nil {
		return false, nil // another server's directory that we may not even see
	}
	ours, err := os.Stat(s.home.data())
	if err != nil {
		return false, err
	}
	return os.SameFile(theirs, ours), nil
}
