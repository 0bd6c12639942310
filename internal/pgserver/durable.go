package pgserver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// DefaultDir is the default directory of a durable server: /var/lib/target-postgres for root (its server runs as
// another user, who cannot enter root's home), for others target-postgres in $XDG_DATA_HOME (~/.local/share), on macOS
// in ~/Library/Application Support, on Windows in %LocalAppData%. It
// fails if the environment does not say where the user's home is.
func DefaultDir() (string, error) {
	if os.Geteuid() == 0 {
		return "/var/lib/target-postgres", nil
	}
	parent, err := os.UserCacheDir() // %LocalAppData%
	if runtime.GOOS != "windows" {
		parent, err = os.UserConfigDir() // ~/Library/Application Support
	}
	if runtime.GOOS != "windows" && runtime.GOOS != "darwin" {
		parent = os.Getenv("XDG_DATA_HOME")
		if !filepath.IsAbs(parent) {
			var user string
			user, err = os.UserHomeDir()
			parent = filepath.Join(user, ".local", "share")
		}
	}
	if err != nil {
		return "", fmt.Errorf("no place for the data of PostgreSQL: %w; set HOME to a directory that you can write to", err)
	}
	return filepath.Join(parent, "target-postgres"), nil
}

func durableHome(dir string) (home, error) {
	if dir == "" {
		var err error
		if dir, err = DefaultDir(); err != nil {
			return home{}, err
		}
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return home{}, err
	}
	if runtime.GOOS != "windows" && strings.ContainsAny(dir, "\"`$\\\n") {
		return home{}, fmt.Errorf("data directory %q: pg_ctl cannot cope with such characters", dir)
	}
	as, err := ownerAccount(dir)
	return home{dir: dir, as: as}, err
}

func startDurable(ctx context.Context, o Options) (*Server, error) {
	h, err := durableHome(o.DataDir)
	if err != nil {
		return nil, err
	}
	if err := h.create(); errors.Is(err, fs.ErrPermission) {
		return nil, fmt.Errorf("data directory for PostgreSQL: %w; set HOME or XDG_DATA_HOME to a directory that you can write to", err)
	} else if err != nil {
		return nil, fmt.Errorf("data directory for PostgreSQL: %w", err)
	}
	h.tellPlace(o.Logf)
	lock, err := lockFile(ctx, filepath.Join(h.dir, "lock"), h.as)
	if err != nil {
		return nil, fmt.Errorf("data directory for PostgreSQL: %w", err)
	}
	defer lock.Close()

	wanted, err := h.wantedMajor(o.Version)
	if err != nil {
		return nil, err
	}
	s, err := h.running(ctx, o.Password)
	if !errors.Is(err, ErrNotRunning) {
		return s, err
	}
	return h.start(ctx, o, wanted)
}

// tellPlace says where the data is, before anything takes time.
func (h home) tellPlace(logf logFunc) {
	if h.as == nil {
		logf.printf("the data of the embedded PostgreSQL is in %s", h.dir)
		return
	}
	logf.printf("the data of the embedded PostgreSQL is in %s: PostgreSQL does not run as root, so it runs as %s, who cannot enter root's home",
		h.dir, h.as)
}

// wantedMajor reconciles the version asked for with the one that made the cluster.
func (h home) wantedMajor(version string) (int, error) {
	wanted, err := parseVersion(version)
	if err != nil {
		return 0, err
	}
	made, err := h.major()
	if err != nil {
		return 0, err
	}
	if made != 0 && wanted != 0 && made != wanted {
		return 0, fmt.Errorf("%s was made by PostgreSQL %d, which %d cannot read; ask for %d or use another directory",
			h.dir, made, wanted, made)
	}
	return cmp.Or(made, wanted), nil
}

// start makes the cluster if need be and starts it.
func (h home) start(ctx context.Context, o Options, major int) (*Server, error) {
	in, err := locate(ctx, major, h.as, o.Logf)
	if err != nil {
		return nil, err
	}
	port := cmp.Or(o.Port, h.lastPort())
	if port == 0 {
		if port, err = freePort(); err != nil {
			return nil, err
		}
	}
	made, err := h.major()
	if err != nil {
		return nil, err
	}
	var s *Server
	if made == 0 {
		logFunc(o.Logf).printf("creating a PostgreSQL %d cluster in %s", in.major, h.dir)
		s, err = h.initialize(ctx, in, port, o.Password, "--data-checksums")
	} else {
		var password string
		password, err = h.password(o.Password)
		s = newServer(h, in, port, password)
	}
	if err != nil {
		return nil, err
	}
	if err := errors.Join(s.rotateLog(), s.configure(nil, o.Settings)); err != nil {
		return nil, err
	}
	if err := s.launch(ctx, o.Port == 0); err != nil {
		return nil, err
	}
	return s, nil
}

// lastPort is the port of the previous start, so that other programs' connection settings stay valid.
func (h home) lastPort() int {
	conf, err := h.read("server.conf")
	if err != nil {
		return 0
	}
	match := portPattern.FindStringSubmatch(conf)
	if match == nil {
		return 0
	}
	port, _ := strconv.Atoi(match[1])
	return port
}
