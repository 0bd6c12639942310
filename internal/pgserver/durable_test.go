package pgserver

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"
)

func durable(t *testing.T, dir string) *Server {
	t.Helper()
	return start(t, Options{Durable: true, DataDir: dir})
}

func TestADurableServerOutlivesItsProcessAndIsFoundAgain(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(openDir(t), "new", "server")
	first := spawn(t, nil, "durable", dir)
	first.exit(t)

	running, err := Running(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if running.URL != first.url || running.DataDir != dir {
		t.Errorf("Running found another server: %s", running.DataDir)
	}
	began := query(t, first.url, "select pg_postmaster_start_time()::text")
	s := durable(t, dir)
	if s.URL != first.url || query(t, s.URL, "select pg_postmaster_start_time()::text") != began {
		t.Error("Start started another server although one was running")
	}
	for setting, want := range map[string]string{
		"fsync": "on", "full_page_writes": "on", "data_checksums": "on", "listen_addresses": "127.0.0.1",
		"unix_socket_directories": "", "password_encryption": "scram-sha-256", "server_encoding": "UTF8",
	} {
		if got := query(t, s.URL, "show "+setting); got != want {
			t.Errorf("%s is %q, want %q", setting, got, want)
		}
	}
}

func TestADurableServerKeepsDataPortAndPasswordOverStops(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	s := durable(t, dir)
	if _, err := connect(t, s.URL).Exec(t.Context(), "create table kept as select 'as it was' as value"); err != nil {
		t.Fatal(err)
	}
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := Running(t.Context(), dir); !errors.Is(err, ErrNotRunning) {
		t.Errorf("Running after Stop: %v", err)
	}
	if err := s.Stop(t.Context()); err != nil {
		t.Errorf("a second Stop: %v", err)
	}
	again := durable(t, dir)
	if again.URL != s.URL {
		t.Error("the URL changed although its port was free")
	}
	if value := query(t, again.URL, "select value from kept"); value != "as it was" {
		t.Errorf("read %q", value)
	}

	// A crash leaves the lock file of the cluster, which must not pass for a server.
	if err := again.Kill(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the killed server is gone", func() bool { return !again.alive(t.Context()) })
	if _, err := Running(t.Context(), dir); !errors.Is(err, ErrNotRunning) {
		t.Errorf("Running after Kill: %v", err)
	}
	// Meanwhile another process takes the port.
	taken, err := net.Listen("tcp", net.JoinHostPort(loopback, strconv.Itoa(again.port)))
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	recovered := durable(t, dir)
	if recovered.port == again.port || recovered.home.lastPort() != recovered.port {
		t.Errorf("port %d, remembered as %d", recovered.port, recovered.home.lastPort())
	}
	if value := query(t, recovered.URL, "select value from kept"); value != "as it was" {
		t.Errorf("read %q after the crash", value)
	}
}

func TestConcurrentStartsOfOneDirectoryReturnOneServer(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	urls := make([]string, 3)
	var starts sync.WaitGroup
	for i := range urls {
		starts.Go(func() {
			s, err := Start(context.Background(), Options{Durable: true, DataDir: dir})
			if err != nil {
				t.Error(err)
				return
			}
			urls[i] = s.URL
		})
	}
	other := spawn(t, nil, "durable", dir)
	starts.Wait()
	durable(t, dir) // stops it in the end
	for _, url := range urls {
		if url != other.url {
			t.Error("one of them has a server of its own")
		}
	}
}

func TestTheDirectoryDecidesTheVersion(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	if err := os.Mkdir(filepath.Join(dir, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	version := filepath.Join(dir, "data", "PG_VERSION")
	h := home{dir: dir}
	for _, tt := range []struct {
		made, asked string
		want        int
		err         string
	}{
		{"15\n", "", 15, ""},
		{"15\n", "15", 15, ""},
		{"15\n", "18", 0, "was made by PostgreSQL 15, which 18 cannot read"},
		{"9.6\n", "", 0, "no version"},
		{"", "17", 0, "no version"},
	} {
		if err := os.WriteFile(version, []byte(tt.made), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := h.wantedMajor(tt.asked)
		if tt.err != "" {
			wantError(t, err, tt.err)
		} else if err != nil || got != tt.want {
			t.Errorf("made by %q, asked for %q: %d, %v; want %d", tt.made, tt.asked, got, err, tt.want)
		}
	}
	if err := os.Remove(version); err != nil {
		t.Fatal(err)
	}
	if got, err := h.wantedMajor("17"); got != 17 || err != nil {
		t.Errorf("a directory without a cluster: %d, %v", got, err)
	}
}

func TestAClusterWhosePasswordIsLostIsNotGivenANewOne(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	s := durable(t, dir)
	if err := os.Remove(filepath.Join(dir, "password")); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), Options{Durable: true, DataDir: dir})
	wantError(t, err, "password")
	if _, err := Start(t.Context(), Options{Durable: true, DataDir: dir, Password: "wrong"}); err == nil {
		t.Error("a wrong password was accepted")
	} else {
		wantError(t, err, "does not let us in")
	}
	given, err := Start(t.Context(), Options{Durable: true, DataDir: dir, Password: s.password})
	if err != nil || given.URL != s.URL {
		t.Errorf("with the password given: %v", err)
	}
	if !gone(filepath.Join(dir, "password")) {
		t.Error("a password file was made for a cluster that exists")
	}
}

func TestDirectoriesThatAreNotOursAreRefused(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"PG_VERSION": "is the data directory of another PostgreSQL",
		"thesis.txt": "holds other files (thesis.txt)",
	} {
		dir := openDir(t)
		if err := os.WriteFile(filepath.Join(dir, name), []byte("15\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		before, err := os.Stat(dir)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Start(t.Context(), Options{Durable: true, DataDir: dir})
		wantError(t, err, want)
		if after, err := os.Stat(dir); err != nil || after.Mode() != before.Mode() {
			t.Errorf("the directory was changed all the same: %v, %v", after.Mode(), err)
		}
	}
	if runtime.GOOS != "windows" {
		_, err := Start(t.Context(), Options{Durable: true, DataDir: filepath.Join(openDir(t), "$(reboot)")})
		wantError(t, err, "such characters")
	}
}

func TestRunningOfADirectoryWithoutAServer(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{openDir(t), filepath.Join(openDir(t), "absent")} {
		if _, err := Running(t.Context(), dir); !errors.Is(err, ErrNotRunning) {
			t.Errorf("%v", err)
		}
	}
}

func TestDefaultDir(t *testing.T) {
	if os.Geteuid() == 0 {
		if dir, err := DefaultDir(); dir != "/var/lib/target-postgres" || err != nil {
			t.Errorf("for root: %q, %v", dir, err)
		}
		return
	}
	if runtime.GOOS != "linux" {
		return
	}
	t.Setenv("HOME", "/home/me")
	for xdg, want := range map[string]string{
		"":         "/home/me/.local/share/target-postgres",
		"/data":    "/data/target-postgres",
		"relative": "/home/me/.local/share/target-postgres",
	} {
		t.Setenv("XDG_DATA_HOME", xdg)
		if dir, err := DefaultDir(); dir != want || err != nil {
			t.Errorf("XDG_DATA_HOME=%s: %q, %v; want %q", xdg, dir, err, want)
		}
	}
}
