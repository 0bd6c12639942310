package pgserver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// realCache is where the programs stay between test runs, as they do for users.
func realCache(t *testing.T, as *account) string {
	t.Helper()
	cache, err := cacheDir(as)
	if err != nil {
		t.Fatal(err)
	}
	return cache
}

func TestAFetchedPostgreSQLRuns(t *testing.T) {
	t.Parallel()
	as, err := serviceAccount()
	if err != nil {
		t.Fatal(err)
	}
	in, err := fetched(t.Context(), realCache(t, as), 18, as, t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	h := home{dir: filepath.Join(openDir(t), "server"), as: as}
	if err := h.create(); err != nil {
		t.Fatal(err)
	}
	s, err := h.startTemporary(t.Context(), Options{}, in)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.discard)
	if version := query(t, s.URL, "show server_version"); !strings.HasPrefix(version, "18.") || s.Version != "18" {
		t.Errorf("it is %s, and calls itself %s", version, s.Version)
	}
	if upper := query(t, s.URL, "select upper('é')"); upper != "É" {
		t.Errorf("upper('é') is %q", upper)
	}
}

func TestOneOfManyDownloadsAndTheOthersWait(t *testing.T) {
	t.Parallel()
	cache := openDir(t)
	abandoned := filepath.Join(cache, "download-1")
	if err := os.Mkdir(abandoned, 0o700); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(cache, "postgresql")
	var downloads atomic.Int32
	get := func(work, programs string) error {
		downloads.Add(1)
		if !gone(dir) || !gone(abandoned) {
			t.Error("the download is visible before its end, or an abandoned one is still there")
		}
		return errors.Join(os.WriteFile(filepath.Join(work, "archive"), nil, 0o600), os.Mkdir(programs, 0o700))
	}
	var fills sync.WaitGroup
	for range 4 {
		fills.Go(func() {
			if err := fill(t.Context(), dir, get); err != nil {
				t.Error(err)
			}
		})
	}
	fills.Wait()
	if downloads.Load() != 1 {
		t.Errorf("%d downloads", downloads.Load())
	}
	entries, err := os.ReadDir(cache)
	if err != nil || len(entries) != 2 {
		t.Errorf("the cache holds %v, want the programs and the lock: %v", entries, err)
	}
}

func TestAWaitForADownloadEndsWithItsContext(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(openDir(t), "postgresql")
	ctx, cancel := context.WithCancelCause(t.Context())
	finish := make(chan struct{})
	err := fill(ctx, dir, func(_, programs string) error {
		cancel(errors.New("no time left"))
		<-finish
		return os.Mkdir(programs, 0o700)
	})
	wantError(t, err, "no time left")
	close(finish)
	eventually(t, "the download is completed for the next one", func() bool { return !gone(dir) })
}

func TestAFailedDownloadSaysWhatToDo(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("the network is down"))
	_, err := fetched(ctx, openDir(t), 18, nil, nil)
	wantError(t, err, "fetch PostgreSQL 18", "the network is down", "Install PostgreSQL", "PGBIN", "--embedded", "TEST_POSTGRES_DSN")

	_, err = fetched(t.Context(), openDir(t), 12, nil, nil)
	wantError(t, err, "PostgreSQL 12 is not installed and cannot be fetched", "13 to 18")
}

func TestAFailedDownloadLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	cache := openDir(t)
	err := place(filepath.Join(cache, "postgresql"), func(work, programs string) error {
		return extract(work, programs, "18.999.0") // no such release, or no network
	})
	if err == nil {
		t.Error("no error")
	}
	if entries, err := os.ReadDir(cache); err != nil || len(entries) > 0 {
		t.Errorf("left %v, %v", entries, err)
	}
}

func TestEveryMajorVersionCanBeFetched(t *testing.T) {
	t.Parallel()
	for major := oldest; major <= newest; major++ {
		if !strings.HasPrefix(string(fetchable[major]), fmt.Sprint(major)+".") {
			t.Errorf("%d: %q", major, fetchable[major])
		}
	}
}

func TestOpenToAllOpensWhatANarrowUmaskClosed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for path, mode := range map[string]os.FileMode{"bin/initdb": 0o700, "share/sample": 0o600} {
		path = filepath.Join(dir, path)
		if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("absent", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if err := openToAll(dir); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{"bin": 0o755, "bin/initdb": 0o755, "share": 0o755, "share/sample": 0o644} {
		if info, err := os.Stat(filepath.Join(dir, path)); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v; want %v", path, info.Mode().Perm(), err, want)
		}
	}
}
