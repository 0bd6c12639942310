package pgserver

import (
	"errors"
	"os"
	"path/filepath"
	"time"
)

// lease is a file that its holder keeps open and that no other process can open meanwhile. It has no keeper: a server
// whose process was killed goes on until the next temporary server starts.
type lease struct{ file *os.File }

// leasesAreShared says that several processes can hold one lease.
const leasesAreShared = false

func newLease(h home, _ install, _ time.Duration) (*lease, error) {
	file, err := tryLock(filepath.Join(h.dir, "lease"))
	if err != nil {
		return nil, err
	}
	return &lease{file: file}, nil
}

func joinLease(string) (*lease, error) { return nil, errors.ErrUnsupported }

func (l *lease) release() error {
	if l == nil {
		return nil
	}
	return l.file.Close()
}

func leased(dir string) bool {
	file, err := tryLock(filepath.Join(dir, "lease"))
	if err == nil {
		file.Close()
	}
	return errors.Is(err, errLocked)
}
