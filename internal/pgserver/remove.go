package pgserver

import (
	"context"
	"errors"
	"io/fs"
	"os"
)

// Remove stops the durable server of dir (empty: [DefaultDir]) if it runs, and removes the directory with all its data.
// A directory that holds anything else is refused. The answer lists what was removed, nothing if there was nothing.
func Remove(ctx context.Context, dir string) ([]string, error) {
	h, err := durableHome(dir)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(h.dir); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err := h.holdsNothingElse(); err != nil {
		return nil, err
	}
	server, err := Running(ctx, h.dir)
	if err == nil {
		err = server.Stop(ctx)
	}
	if err != nil && !errors.Is(err, ErrNotRunning) {
		return nil, err
	}
	if err := os.RemoveAll(h.dir); err != nil {
		return nil, err
	}
	return []string{h.dir}, nil
}

// ErrProgramsInUse says that tests still use a temporary server, which may run with the programs that were fetched.
var ErrProgramsInUse = errors.New("tests still use the fetched programs")

// RemovePrograms removes the programs that were fetched, of every version. The answer lists what was removed. While
// tests use a temporary server, nothing is removed and the error is [ErrProgramsInUse] if there are any: that server
// could not be stopped without its programs.
func RemovePrograms() ([]string, error) {
	as, err := serviceAccount()
	if err != nil {
		return nil, err
	}
	tests, err := temporaryParent("", as)
	if err != nil {
		return nil, err
	}
	dir, err := cacheDir(as)
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	if tests.used() {
		if len(entries) == 0 {
			return nil, nil
		}
		return nil, ErrProgramsInUse
	}
	if err := os.RemoveAll(dir); err != nil || len(entries) == 0 {
		return nil, err
	}
	return []string{dir}, nil
}
