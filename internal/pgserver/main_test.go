package pgserver

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// helperEnv turns this test binary into another program that uses the package: "start", "share", "durable" or "dirs".
const helperEnv = "PGSERVER_TEST_HELPER"

func TestMain(m *testing.M) {
	if command := os.Getenv(helperEnv); command != "" {
		if err := helper(command, os.Args[1]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// helper prints the directory and the URL of a server that it never stops, and lives as long as its standard input.
// With "dirs" it prints where fetched programs and durable data go.
func helper(command, dir string) error {
	if command == "dirs" {
		cache, cacheErr := cacheDir(nil)
		data, dataErr := DefaultDir()
		fmt.Println(cache, data)
		return errors.Join(cacheErr, dataErr)
	}
	s, err := map[string]func() (*Server, error){
		"start":   func() (*Server, error) { return Start(context.Background(), Options{DataDir: dir}) },
		"share":   func() (*Server, error) { return share(context.Background(), Options{DataDir: dir}, 0) },
		"durable": func() (*Server, error) { return Start(context.Background(), Options{DataDir: dir, Durable: true}) },
	}[command]()
	if err != nil {
		return err
	}
	fmt.Println(s.DataDir, s.URL)
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// process is a helper that runs.
type process struct {
	cmd      *exec.Cmd
	stdin    io.Closer
	dir, url string
}

// spawn starts a helper and waits for its server. as runs it as another user, env adds to its environment.
func spawn(t *testing.T, as *account, command, dir string, env ...string) *process {
	t.Helper()
	cmd := exec.Command(testBinary(t, as), dir)
	cmd.Env = append(append(os.Environ(), helperEnv+"="+command), env...)
	cmd.Stderr = os.Stderr
	cmd.Dir = "/"
	as.apply(cmd)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: cmd, stdin: stdin}
	t.Cleanup(p.kill)
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("the helper printed no server: %v", err)
	}
	if _, err := fmt.Sscan(line, &p.dir, &p.url); err != nil {
		t.Fatal(err)
	}
	return p
}

// kill ends the helper without giving it a chance to clean up.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// exit lets the helper end by itself.
func (p *process) exit(t *testing.T) {
	t.Helper()
	p.stdin.Close()
	if err := p.cmd.Wait(); err != nil {
		t.Fatal(err)
	}
}

// testBinary is a copy of this binary that another user can reach; go test puts the original into a private directory.
func testBinary(t *testing.T, as *account) string {
	t.Helper()
	if as == nil {
		return os.Args[0]
	}
	content, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(openDir(t), "pgserver.test")
	writeProgram(t, path, string(content))
	return path
}

// writeProgram makes an executable file. While it is open for writing, no parallel test may fork a process, which would
// inherit it: a file that is open for writing cannot be executed.
func writeProgram(t *testing.T, path, content string) {
	t.Helper()
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := os.WriteFile(path, []byte(content), 0o755); err != nil {
		t.Fatal(err)
	}
}

// openDir is a temporary directory that everybody can enter, unlike t.TempDir, which root's server could not reach.
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "pgserver-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		eventually(t, "the keepers have removed the servers in "+dir, func() bool {
			left, err := filepath.Glob(filepath.Join(dir, "target-postgres-*", "*-*[0-9]"))
			return err == nil && len(left) == 0
		})
		os.RemoveAll(dir)
	})
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func start(t *testing.T, o Options) *Server {
	t.Helper()
	s, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

// shared is a server that no test may harm, because other processes' tests use it too.
func shared(t *testing.T) *Server {
	t.Helper()
	s, err := Share(t.Context(), Options{Logf: t.Logf})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// query returns the single text that a statement yields on a new connection.
func query(t *testing.T, url, statement string) string {
	t.Helper()
	var text string
	if err := connect(t, url).QueryRow(t.Context(), statement).Scan(&text); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	return text
}

// eventually waits for what another process is about to do.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 30*time.Second) // also in a cleanup
	defer cancel()
	for !condition() {
		if pause(ctx, 10*time.Millisecond) != nil {
			t.Fatalf("still not true: %s", what)
		}
	}
}

func gone(path string) bool {
	_, err := os.Stat(path)
	return os.IsNotExist(err)
}

func reachable(t *testing.T, url string) bool {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		return false
	}
	return conn.Close(t.Context()) == nil
}

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not contain %q", err, part)
		}
	}
}
