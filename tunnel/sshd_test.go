//go:build unix

package tunnel

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	osuser "os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// sshd is OpenSSH's server. As inetd would, it runs one `sshd -i` for every connection to a port of the test's own: no
// port to race for, no start to wait for, and the process that serves a connection is known.
type sshd struct {
	port     int
	user     string
	listener net.Listener

	mu       sync.Mutex
	sessions map[*exec.Cmd]bool // running
	log      bytes.Buffer       // of all sessions
}

func findSSHD(t testing.TB) (path string) {
	t.Helper()
	for _, name := range []string{"sshd", "/usr/sbin/sshd", "/usr/local/sbin/sshd", "/opt/homebrew/sbin/sshd"} {
		if path, err := exec.LookPath(name); err == nil {
			return path // absolute, as sshd demands: it executes itself anew
		}
	}
	const missing = "no OpenSSH server found: install the package openssh-server"
	if os.Getenv("TARGET_POSTGRES_TEST_SSHD") == "require" {
		t.Fatal(missing)
	}
	t.Skip(missing + " (TARGET_POSTGRES_TEST_SSHD=require makes this an error)")
	return ""
}

// startSSHD runs a server with three host keys that lets the user who runs the tests in by each of testKeys, with
// further lines for its sshd_config.
func startSSHD(t testing.TB, options ...string) *sshd {
	t.Helper()
	path := findSSHD(t)
	current, err := osuser.Current()
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS == "linux" && os.Geteuid() == 0 {
		// Where sshd confines its unprivileged half; packages create it at boot.
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
			t.Fatal(err)
		}
	}
	s := &sshd{user: current.Username, listener: listen(t), sessions: map[*exec.Cmd]bool{}}
	s.port = s.listener.Addr().(*net.TCPAddr).Port
	cfg := s.configure(t, options)
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := s.listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() { s.serve(t, conn.(*net.TCPConn), path, cfg) })
		}
	})
	t.Cleanup(func() {
		_ = s.listener.Close()
		s.kill()
		running.Wait()
		if t.Failed() {
			t.Logf("sshd says:\n%s", s.log.String())
		}
	})
	return s
}

func (s *sshd) configure(t testing.TB, options []string) (path string) {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	var authorized strings.Builder
	// sshd takes the first value of a setting, so the test's come first.
	lines := append(slices.Clone(options), "PermitRootLogin prohibit-password", "StrictModes no", "UsePAM no", "PidFile none",
		"PasswordAuthentication no", "KbdInteractiveAuthentication no", "LogLevel VERBOSE")
	for kind, key := range testKeys() {
		fmt.Fprintln(&authorized, keyLine(key.signer.PublicKey()))
		lines = append(lines, "HostKey "+write("host_"+kind, key.text))
	}
	lines = append(lines, "AuthorizedKeysFile "+write("authorized_keys", authorized.String()))
	return write("sshd_config", strings.Join(lines, "\n")+"\n")
}

func (s *sshd) serve(t testing.TB, conn *net.TCPConn, path, cfg string) {
	file, err := conn.File()
	_ = conn.Close() // the file is a duplicate
	if err != nil {
		t.Error(err)
		return
	}
	defer file.Close()
	cmd := exec.Command(path, "-i", "-e", "-f", cfg)
	cmd.Stdin, cmd.Stdout = file, file
	// Except for root, sshd splits in two after the login; kill means both.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Stderr = writerFunc(func(p []byte) (int, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.log.Write(p)
	})
	s.mu.Lock()
	err = cmd.Start()
	if err == nil {
		s.sessions[cmd] = true
	}
	s.mu.Unlock()
	if err != nil {
		t.Error(err)
		return
	}
	_ = file.Close()
	_ = cmd.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, cmd)
}

// kill ends the processes of every session, as a crash would.
func (s *sshd) kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for cmd := range s.sessions {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
}

func (s *sshd) address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

func (s *sshd) name() string { return knownName("127.0.0.1", s.port) }

func (s *sshd) with(edits ...func(*Config)) Config {
	cfg := Config{
		Host: "127.0.0.1", Port: s.port, Username: s.user, KeepAlive: -1,
		PrivateKey: testKeys()["ed25519"].text, HostKey: publicLine("ed25519"),
	}
	for _, edit := range edits {
		edit(&cfg)
	}
	return cfg
}
