package pgserver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// parent is the directory that holds the directories of temporary servers.
type parent home

func prepareTemporary(ctx context.Context, o Options) (parent, install, error) {
	major, err := parseVersion(o.Version)
	if err != nil {
		return parent{}, install{}, err
	}
	as, err := serviceAccount()
	if err != nil {
		return parent{}, install{}, err
	}
	p, err := temporaryParent(o.DataDir, as)
	if err != nil {
		return parent{}, install{}, err
	}
	in, err := locate(ctx, major, as, o.Logf)
	return p, in, err
}

// temporaryParent makes the parent in dir, or in os.TempDir, unless it is there.
func temporaryParent(dir string, as *account) (parent, error) {
	dir, err := filepath.Abs(cmp.Or(dir, os.TempDir()))
	if err != nil {
		return parent{}, err
	}
	p := parent{dir: filepath.Join(dir, "target-postgres-"+strconv.Itoa(os.Geteuid())), as: as}
	if err := p.create(); err != nil {
		return parent{}, fmt.Errorf("directory for temporary servers: %w", err)
	}
	return p, nil
}

// create makes the directory, private to the account, or makes sure that the one that is there is ours.
func (p parent) create() error {
	if err := os.Mkdir(p.dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := p.as.verifyOwner(p.dir); err != nil {
		return err
	}
	f, err := os.Open(p.dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return p.as.give(f)
}

// newHome makes a directory with its lease, and uses the opportunity to remove the remains of killed processes. The
// lock keeps another process from taking a directory whose lease is about to be made for such remains.
func (p parent) newHome(ctx context.Context, in install, prefix string, linger time.Duration) (home, *lease, error) {
	lock, err := lockFile(ctx, filepath.Join(p.dir, "lock"), p.as)
	if err != nil {
		return home{}, nil, err
	}
	defer lock.Close()
	p.sweep()
	dir, err := os.MkdirTemp(p.dir, prefix)
	if err != nil {
		return home{}, nil, err
	}
	h := home{dir: dir, as: p.as}
	if err := h.create(); err != nil {
		return home{}, nil, err
	}
	lease, err := newLease(h, in, linger)
	return h, lease, err
}

// sweep ends the servers whose users and whose lease keeper are gone, and removes their directories. Directories that
// cannot be removed are left for the next sweep.
func (p parent) sweep() {
	for _, dir := range p.servers() {
		if !leased(dir) {
			home{dir: dir, as: p.as}.discard()
		}
	}
}

// used reports whether a process uses a temporary server.
func (p parent) used() bool { return slices.ContainsFunc(p.servers(), leased) }

// servers lists the directories of the temporary servers.
func (p parent) servers() []string {
	own, _ := filepath.Glob(filepath.Join(p.dir, "own-*[0-9]")) // the only error is a malformed pattern
	shared, _ := filepath.Glob(filepath.Join(p.dir, "shared-*[0-9]"))
	return append(own, shared...)
}
