package pgserver

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSettingsOfTheCallerWinExceptTheSafeOnes(t *testing.T) {
	t.Parallel()
	h := clusterFiles(t, nil)
	s := newServer(h, install{}, 5433, "")
	err := s.configure(
		map[string]string{"fsync": "off", "max_connections": "200"},
		map[string]string{"max_connections": "7", "listen_addresses": "*", "port": "1", "search_path": `"a", 'b'`},
	)
	if err != nil {
		t.Fatal(err)
	}
	conf, err := h.read("server.conf")
	if err != nil {
		t.Fatal(err)
	}
	_, got, _ := strings.Cut(conf, "\n")
	want := `fsync = 'off'
listen_addresses = '127.0.0.1'
max_connections = '7'
password_encryption = 'scram-sha-256'
port = '5433'
search_path = '"a", ''b'''
unix_socket_directories = ''
`
	if got != want {
		t.Errorf("got %s", got)
	}
	if err := s.movePort(); err != nil {
		t.Fatal(err)
	}
	if last := h.lastPort(); last != s.port || last == 5433 {
		t.Errorf("moved to %d, wrote %d", s.port, last)
	}
	if after, err := h.read("server.conf"); err != nil || len(strings.Split(after, "\n")) != len(strings.Split(conf, "\n")) {
		t.Errorf("moving changed more than the port: %s, %v", after, err)
	}
}

func TestAnInterruptedCreationIsRepeated(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	half := filepath.Join(dir, "data.new", "base")
	if err := errors.Join(os.MkdirAll(half, 0o700), os.WriteFile(filepath.Join(dir, "password"), []byte("old"), 0o600)); err != nil {
		t.Fatal(err)
	}
	s := durable(t, dir)
	if !gone(filepath.Join(dir, "data.new")) || s.password == "old" {
		t.Error("the remains were kept")
	}
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	moved := filepath.Join(openDir(t), "moved")
	if err := os.Rename(dir, moved); err != nil {
		t.Fatal(err)
	}
	if got := query(t, durable(t, moved).URL, "show listen_addresses"); got != loopback {
		t.Errorf("after the directory was moved it listens on %s", got)
	}
}

func TestStopSaysWhatKeptTheServerRunning(t *testing.T) {
	t.Parallel()
	// pg_ctl says that the server runs, and fails to stop it.
	in := install{bin: openDir(t)}
	writeProgram(t, filepath.Join(in.bin, "pg_ctl"), "#!/bin/sh\n[ $1 = status ] || { echo server does not shut down >&2; exit 1; }\n")
	h := clusterFiles(t, map[string]string{"data/postmaster.pid": "1\n"})
	s := newServer(h, in, 1, "")
	wantError(t, s.Stop(t.Context()), "stop the server in "+h.dir, "server does not shut down")
	wantError(t, s.Restart(t.Context(), "fast"), "server does not shut down")
	in.bin = filepath.Join(in.bin, "absent")
	if _, err := in.run(t.Context(), nil, h.dir, "pg_ctl"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("programs that are gone: %v", err)
	}
}
