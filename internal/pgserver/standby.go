package pgserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Standby starts a temporary server that replicates s, by streaming and asynchronously. The fetched programs lack
// pg_basebackup, so its files are copied here, while s goes on.
func (s *Server) Standby(ctx context.Context) (*Server, error) {
	ctx, cancel := withDeadline(ctx)
	defer cancel()
	h, lease, err := parent{dir: filepath.Dir(s.home.dir), as: s.home.as}.newHome(ctx, s.install, "own-", 0)
	if err != nil {
		return nil, fmt.Errorf("directory for a standby: %w", err)
	}
	standby, err := s.replicate(ctx, h)
	if err != nil {
		h.discard()
		return nil, errors.Join(fmt.Errorf("start a standby: %w", err), lease.release())
	}
	standby.lease = lease
	return standby, nil
}

// Promote makes a standby a primary of its own. It returns when it takes writes.
func (s *Server) Promote(ctx context.Context) error {
	ctx, cancel := withDeadline(ctx)
	defer cancel()
	_, err := s.install.run(ctx, s.home.as, s.home.dir, "pg_ctl", s.pgctl(ctx, "promote")...)
	return err
}

func (s *Server) replicate(ctx context.Context, h home) (*Server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	standby := newServer(h, s.install, port, s.password)
	label, err := s.backUp(ctx, h)
	if err != nil {
		return nil, err
	}
	primary := fmt.Sprintf("\nprimary_conninfo = 'host=%s port=%d user=%s password=%s sslmode=disable'\n", loopback, s.port, superuser, s.password)
	err = errors.Join(
		h.write(filepath.Join("data", "backup_label"), label, os.O_TRUNC),
		h.write(filepath.Join("data", "standby.signal"), "", os.O_TRUNC),
		h.write(filepath.Join("data", "postgresql.auto.conf"), primary, os.O_APPEND),
		standby.configure(testSettings(), map[string]string{"hot_standby": "on"}),
	)
	if err != nil {
		return nil, err
	}
	return standby, standby.launch(ctx, false)
}

// backUp copies the cluster and returns the label that recovery begins with.
func (s *Server) backUp(ctx context.Context, to home) (label string, err error) {
	conn, err := pgx.Connect(ctx, s.URL)
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	start, stop := "SELECT pg_backup_start('standby', true)", "SELECT labelfile FROM pg_backup_stop(false)"
	if s.install.major < 15 {
		start, stop = "SELECT pg_start_backup('standby', true, false)", "SELECT labelfile FROM pg_stop_backup(false, false)"
	}
	if _, err := conn.Exec(ctx, start); err != nil {
		return "", err
	}
	if err := copyCluster(s.home.data(), to); err != nil {
		return "", err
	}
	return label, conn.QueryRow(ctx, stop).Scan(&label)
}

// copyCluster copies files that may change meanwhile, or go: recovery mends that.
func copyCluster(from string, to home) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		name := filepath.Join(to.data(), strings.TrimPrefix(path, from))
		switch {
		case entry.IsDir():
			if err := os.Mkdir(name, 0o700); err != nil {
				return err
			}
			return to.own(name)
		case !entry.Type().IsRegular(), entry.Name() == "postmaster.pid", entry.Name() == "postmaster.opts":
			return nil
		}
		if err := copyFile(path, name); err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			return err
		}
		return to.own(name)
	})
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// own gives a file of the home to its account.
func (h home) own(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return h.as.give(f)
}
