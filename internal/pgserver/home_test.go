package pgserver

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// clusterFiles makes a home with the given files.
func clusterFiles(t *testing.T, files map[string]string) home {
	t.Helper()
	h := home{dir: t.TempDir()}
	if err := os.Mkdir(h.data(), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(h.dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

func TestPostmasterReadsTheLockFile(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, content string
		pid, port     int
		err           string
	}{
		{"a running server", "123\n/data\n1700000000\n5433\n\n127.0.0.1\n  4 5\nready   \n", 123, 5433, ""},
		{"one without a port yet", "123\n/data\n1700000000\n", 123, 0, ""},
		{"an empty file", "", 0, 0, "damaged"},
		{"a process group, which a signal must not reach", "-1\n", 0, 0, "damaged"},
	} {
		h := clusterFiles(t, map[string]string{"data/postmaster.pid": tt.content})
		pid, port, err := h.postmaster()
		if tt.err != "" {
			wantError(t, err, tt.err)
		} else if pid != tt.pid || port != tt.port || err != nil {
			t.Errorf("%s: %d, %d, %v", tt.name, pid, port, err)
		}
	}
	if _, _, err := clusterFiles(t, nil).postmaster(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a file: %v", err)
	}
	if err := (&Server{home: clusterFiles(t, nil)}).Kill(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Kill without a server: %v", err)
	}
}

func TestProgramsReadsHowTheServerWasStarted(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{
		`/usr/lib/postgresql/15/bin/postgres "-D" "/tmp/x/data"` + "\n": "/usr/lib/postgresql/15/bin",
		"/with a space/bin/postgres\n":                                  "/with a space/bin",
	} {
		h := clusterFiles(t, map[string]string{"data/postmaster.opts": content})
		if got, err := h.programs(); got != want || err != nil {
			t.Errorf("%q: %q, %v", content, got, err)
		}
	}
}

func TestLastPortReadsTheSettingsOfTheLastStart(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]int{
		"# a comment\nlisten_addresses = '127.0.0.1'\nport = '54321'\n": 54321,
		"port = 'none'\n": 0,
		"":                0,
	} {
		if got := clusterFiles(t, map[string]string{"server.conf": content}).lastPort(); got != want {
			t.Errorf("%q: %d", content, got)
		}
	}
	if got := clusterFiles(t, nil).lastPort(); got != 0 {
		t.Errorf("without a file: %d", got)
	}
}

func TestNewPasswordIsRandomAndPrivate(t *testing.T) {
	t.Parallel()
	h := clusterFiles(t, nil)
	first, err := h.newPassword("")
	if err != nil {
		t.Fatal(err)
	}
	second, err := h.newPassword("")
	if err != nil || first == second || len(second) < 20 {
		t.Errorf("%q, then %q, %v", first, second, err)
	}
	if read, err := h.password(""); read != second || err != nil {
		t.Errorf("read %q, %v", read, err)
	}
	if given, err := h.password("given"); given != "given" || err != nil {
		t.Errorf("the given one: %q, %v", given, err)
	}
	_, err = h.newPassword("two\nlines")
	wantError(t, err, "line break")
	if strings.Contains(err.Error(), "two") {
		t.Error("the error holds the password")
	}
}

func TestWriteFollowsNoLinkOutOfTheDirectory(t *testing.T) {
	t.Parallel()
	h := clusterFiles(t, nil)
	outside := filepath.Join(t.TempDir(), "precious")
	if err := os.WriteFile(outside, []byte("as it was"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(h.dir, "server.conf")); err != nil {
		t.Fatal(err)
	}
	if err := h.write("server.conf", "port = '1'\n", os.O_TRUNC); err == nil {
		t.Error("the link was followed")
	}
	if content, err := os.ReadFile(outside); string(content) != "as it was" {
		t.Errorf("the file behind the link holds %q, %v", content, err)
	}
}

func TestCreateTakesOverAnEmptyDirectoryAndClosesIt(t *testing.T) {
	t.Parallel()
	h := home{dir: openDir(t)}
	for range 2 {
		if err := h.create(); err != nil {
			t.Fatal(err)
		}
	}
	if info, err := os.Stat(h.dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func TestALargeLogIsPutAsideAndOnlyItsEndIsRead(t *testing.T) {
	t.Parallel()
	s := &Server{home: clusterFiles(t, map[string]string{"server.log": "old line\nnew line\n"})}
	if got := tailFrom(s.logFile(), int64(len("old line\n"))); got != "new line\n" {
		t.Errorf("tail is %q", got)
	}
	if err := s.rotateLog(); err != nil || fileSize(s.logFile()) == 0 {
		t.Errorf("a small log was put aside: %v", err)
	}
	if err := os.Truncate(s.logFile(), logLimit); err != nil {
		t.Fatal(err)
	}
	if got := tailFrom(s.logFile(), 0); len(got) != tailLimit {
		t.Errorf("tail has %d bytes", len(got))
	}
	if err := s.rotateLog(); err != nil || fileSize(s.logFile()) != 0 || fileSize(s.logFile()+".old") != logLimit {
		t.Errorf("a large log was not put aside: %v", err)
	}
	if got := tailFrom(s.logFile(), 0); got != "" {
		t.Errorf("tail of no file is %q", got)
	}
}
