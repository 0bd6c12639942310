package pgserver

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
)

// extract makes the library fetch, verify and unpack a release. The library has one entry point, Start, which goes on
// to create a cluster and start a server; neither works for root. Its first step after unpacking is to remove the old
// data directory. RemoveAll refuses a path that ends in a dot, on every system, so that Start ends right there, before
// any process runs. That error is expected; it is told from others by naming that path.
func extract(work, programs string, version embeddedpostgres.PostgresVersion) error {
	data := filepath.Join(work, "data") + string(filepath.Separator) + "."
	library := embeddedpostgres.NewDatabase(embeddedpostgres.DefaultConfig().
		Version(version).
		Port(0). // its check that the port is free succeeds
		CachePath(filepath.Join(work, "archive")).
		BinariesPath(programs).
		RuntimePath(filepath.Join(work, "runtime")).
		DataPath(data).
		Logger(io.Discard))
	err := library.Start()
	removeLibraryLog()
	if err == nil {
		return cmp.Or(library.Stop(), errors.New("the library started a server, which it should not have been able to"))
	}
	if !strings.Contains(err.Error(), data) {
		return err
	}
	_, err = os.Stat(filepath.Join(programs, "bin", executable("postgres")))
	return err
}

// removeLibraryLog removes the empty log that Start leaves in the directory for temporary files. Only the system knows
// its name, and only Linux tells; elsewhere it stays.
func removeLibraryLog() {
	open, _ := filepath.Glob("/proc/self/fd/*") // the only error is a malformed pattern
	for _, fd := range open {
		path, err := os.Readlink(fd)
		if err == nil && strings.HasPrefix(filepath.Base(path), "embedded_postgres_log") {
			_ = os.Remove(path)
		}
	}
}

// openToAll lets everybody read and enter what a narrow umask may have closed.
func openToAll(dir string) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Type()&fs.ModeSymlink != 0 {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		mode := info.Mode().Perm() | 0o444
		if entry.IsDir() || mode&0o100 != 0 {
			mode |= 0o111
		}
		return os.Chmod(path, mode)
	})
}
