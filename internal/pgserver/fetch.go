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
	"time"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
)

// fetchable are the releases that can be fetched, by major version: the newest ones that are published for every
// system. The library's own list lags behind by a year of fixes.
var fetchable = map[int]embeddedpostgres.PostgresVersion{
	13: "13.22.0", // the library's own V13, 13.21.0, was never published
	14: embeddedpostgres.V14, 15: "15.19.0", 16: "16.15.0", 17: "17.11.0", 18: "18.4.0",
}

// downloadMB is the order of magnitude of a release, which depends on version and system.
const downloadMB = 15

// stillAfter is the time between two lines that say that a download goes on.
const stillAfter = 5 * time.Second

// fetched returns the programs of a major version from the cache directory, which it fills first if need be.
func fetched(ctx context.Context, cache string, major int, as *account, logf logFunc) (install, error) {
	version, ok := fetchable[major]
	if !ok {
		return install{}, fmt.Errorf("PostgreSQL %d is not installed and cannot be fetched; install it, or ask for %d to %d",
			major, oldest, newest)
	}
	dir := filepath.Join(cache, fmt.Sprintf("postgresql-%s-%s-%s", version, runtime.GOOS, runtime.GOARCH))
	err := fill(ctx, dir, func(work, programs string) error {
		logf.printf("downloading PostgreSQL %s into %s (once, about %d MB)…", version, dir, downloadMB)
		defer logf.every(stillAfter, "still downloading PostgreSQL "+string(version))()
		return extract(work, programs, version)
	})
	if err != nil {
		return install{}, fmt.Errorf("fetch PostgreSQL %d: %w%s", major, withCause(ctx, err), indented(withoutDownload))
	}
	in, err := inspect(ctx, filepath.Join(dir, "bin"), as)
	if err != nil {
		return install{}, fmt.Errorf("the fetched PostgreSQL in %s does not run here: %w", dir, err)
	}
	return in, nil
}

// cacheDir makes the directory in which fetched programs stay. Root's is readable by everybody, because its servers run
// as another user. A user without a home, as in many containers, gets one among the temporary servers.
func cacheDir(as *account) (string, error) {
	dir := "/var/cache/target-postgres"
	if os.Geteuid() != 0 {
		parent, err := os.UserCacheDir()
		dir = filepath.Join(parent, "target-postgres")
		if err != nil {
			dir = ""
		}
	}
	if dir != "" && os.MkdirAll(dir, 0o755) == nil {
		return dir, nil
	}
	p, err := temporaryParent("", as)
	if err != nil {
		return "", err
	}
	dir = filepath.Join(p.dir, "cache")
	return dir, os.MkdirAll(dir, 0o755)
}

// fill puts into dir what get makes in a directory of its own, unless dir is there. Any number of processes may try at
// once: one works, the others wait. The directory appears complete or not at all.
func fill(ctx context.Context, dir string, get func(work, programs string) error) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	lock, err := lockFile(ctx, filepath.Join(filepath.Dir(dir), "lock"), nil)
	if err != nil {
		return err
	}
	_, err = os.Stat(dir)
	if !errors.Is(err, fs.ErrNotExist) || ctx.Err() != nil {
		return errors.Join(cmp.Or(context.Cause(ctx), err), lock.Close())
	}
	done := make(chan error, 1)
	go func() { // the library knows no context; an abandoned download keeps the lock until it ends
		defer lock.Close()
		done <- place(dir, get)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// place makes the programs next to dir, opens them to all users, and puts them in place.
func place(dir string, get func(work, programs string) error) error {
	cache := filepath.Dir(dir)
	leftovers, _ := filepath.Glob(filepath.Join(cache, "download-*")) // the only error is a malformed pattern
	for _, leftover := range leftovers {
		_ = os.RemoveAll(leftover) // of a killed process: we hold the lock
	}
	work, err := os.MkdirTemp(cache, "download-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }() // what stays is a leftover for the next one
	programs := filepath.Join(work, "programs")
	if err := get(work, programs); err != nil {
		return err
	}
	if err := openToAll(programs); err != nil {
		return err
	}
	return os.Rename(programs, dir)
}
