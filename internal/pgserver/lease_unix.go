//go:build unix

package pgserver

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// lease keeps a temporary server alive while any process holds it. It is the writing end of a named pipe: the kernel
// counts the holders, however they end, and the keeper, a small shell process, sees the end of the pipe after the last.
type lease struct{ file *os.File }

// leasesAreShared says that several processes can hold one lease.
const leasesAreShared = true

// keeper waits until no process holds the lease, prevents others from taking it, waits for those that took it
// meanwhile, then stops the server ($2: the programs' directory) and removes its directory ($1).
const keeper = `cat >/dev/null
sleep "$3"
mv "$1/lease" "$1/ending"
cat >/dev/null
"$2/pg_ctl" stop --pgdata="$1/data" --mode=immediate --wait --silent --timeout=30
rm -rf "$1"`

// newLease makes the lease of a directory and starts its keeper.
func newLease(h home, in install, linger time.Duration) (*lease, error) {
	path := filepath.Join(h.dir, "lease")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		return nil, &os.PathError{Op: "mkfifo", Path: path, Err: err}
	}
	// A reader must exist before a writer can open without waiting, and the writer before the reader reads.
	reader, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	if err := syscall.SetNonblock(reader, false); err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	stdin := os.NewFile(uintptr(reader), path)
	defer stdin.Close()
	l, err := joinLease(h.dir)
	if err != nil {
		return nil, err
	}
	seconds := strconv.Itoa(int(linger.Seconds()))
	// No context: the keeper outlives this process.
	cmd := exec.CommandContext(context.Background(), "/bin/sh", "-c", keeper, "sh", h.dir, in.bin, seconds)
	cmd.Stdin, cmd.Dir, cmd.Env = stdin, h.dir, environment(os.Environ())
	h.as.apply(cmd)
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setsid = true // an interrupt from the terminal is for the tests
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the keeper of %s: %w", h.dir, err)
	}
	go func() { _ = cmd.Wait() }() // leaves no zombie; there is nothing to learn from its end
	return l, nil
}

// joinLease takes part in a lease whose keeper still waits.
func joinLease(dir string) (*lease, error) {
	return openLease(filepath.Join(dir, "lease"))
}

func openLease(path string) (*lease, error) {
	fd, err := syscall.Open(path, syscall.O_WRONLY|syscall.O_NONBLOCK|syscall.O_CLOEXEC|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	return &lease{file: os.NewFile(uintptr(fd), path)}, nil
}

// release gives the lease up. A lease that was never taken can be released too.
func (l *lease) release() error {
	if l == nil {
		return nil
	}
	if err := l.file.Close(); !errors.Is(err, fs.ErrClosed) {
		return err
	}
	return nil
}

// leased reports whether the directory's server has a keeper, who will end it.
func leased(dir string) bool {
	for _, name := range []string{"lease", "ending"} {
		if l, err := openLease(filepath.Join(dir, name)); err == nil {
			return l.release() == nil
		}
	}
	return false
}
