//go:build unix

package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"

	"target-postgres/internal/pgtest"
)

// soon is how long a process may take to end after a signal: two seconds, and some more where the machine is busy.
const soon = 4 * time.Second

// waiting is a process that waits for something that does not come.
type waiting struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
	// lines are those of both outputs.
	lines chan string
	seen  []string
}

// startWaiting runs the program with arguments before --config.
func startWaiting(t *testing.T, cfg map[string]any, args ...string) *waiting {
	t.Helper()
	dir := t.TempDir()
	files := map[string]any{"config.json": cfg, "catalog.json": signalCatalog}
	for name, content := range files {
		data, err := json.Marshal(content)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	args = append(args, "--config", filepath.Join(dir, "config.json"))
	if slices.Contains(args, "write") {
		args = append(args, "--catalog", filepath.Join(dir, "catalog.json"))
	}
	w := &waiting{cmd: exec.Command(os.Args[0], args...), lines: make(chan string, 1000)}
	w.cmd.Env = append(os.Environ(), asProgram)
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	w.cmd.Stdout, w.cmd.Stderr = in, in
	if w.stdin, err = w.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = in.Close()
	t.Cleanup(func() { _ = w.cmd.Process.Kill() })
	go func() {
		defer close(w.lines)
		for scan := bufio.NewScanner(out); scan.Scan(); {
			w.lines <- scan.Text()
		}
	}()
	return w
}

func (w *waiting) say(lines ...string) {
	_, _ = io.WriteString(w.stdin, strings.Join(lines, "\n")+"\n") // one that has ended is found out by what it says
}

// until returns once a line contains a text.
func (w *waiting) until(t *testing.T, text string) {
	t.Helper()
	timeout := time.After(time.Minute)
	for {
		select {
		case line, more := <-w.lines:
			if !more {
				t.Fatalf("the process ended without saying %q:\n%s", text, strings.Join(w.seen, "\n"))
			}
			w.seen = append(w.seen, line)
			if strings.Contains(line, text) {
				return
			}
		case <-timeout:
			t.Fatalf("no line has %q:\n%s", text, strings.Join(w.seen, "\n"))
		}
	}
}

// ends sends a signal, after which the process has to end soon, with the signal's code and a line that says so. What it
// has said is returned.
func (w *waiting) ends(t *testing.T, s syscall.Signal) string {
	t.Helper()
	began := time.Now()
	if err := w.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
	for line := range w.lines {
		w.seen = append(w.seen, line)
	}
	_ = w.cmd.Wait()
	said := strings.Join(w.seen, "\n")
	if took := time.Since(began); took > soon {
		t.Errorf("it took %s", took)
	}
	name := map[syscall.Signal]string{syscall.SIGINT: "SIGINT", syscall.SIGTERM: "SIGTERM"}[s]
	if code := w.cmd.ProcessState.ExitCode(); code != 128+int(s) {
		t.Errorf("exit %d, want that of %s", code, name)
	}
	for _, want := range []string{"received " + name, "a second signal stops the run immediately"} {
		if !strings.Contains(said, want) {
			t.Errorf("no line says %q", want)
		}
	}
	if strings.Contains(said, `"page"`) {
		t.Error("a STATE left")
	}
	if t.Failed() {
		t.Log(said)
	}
	return said
}

const (
	signalSchema = `{"type":"SCHEMA","stream":"t","key_properties":["id"],"schema":{"properties":{"id":{"type":"integer"}}}}`
	signalRecord = `{"type":"RECORD","stream":"t","record":{"id":1}}`
	signalState  = `{"type":"STATE","value":{"page":1}}`
)

var signalCatalog = map[string]any{"streams": []any{map[string]any{
	"stream":    map[string]any{"name": "t", "json_schema": map[string]any{"properties": map[string]any{"id": map[string]any{"type": "integer"}}}},
	"sync_mode": "incremental", "destination_sync_mode": "append",
}}}

// nobody is the port of a fake server, which treats every connection as serve does.
func nobody(t *testing.T, serve func(net.Conn)) map[string]any {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				serve(conn)
			}()
		}
	}()
	return map[string]any{
		"host": "127.0.0.1", "port": listener.Addr().(*net.TCPAddr).Port, "username": "u", "password": "p", "database": "d", "schema": "s",
	}
}

func listensOnly(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

// startsUp answers as a server does that recovers from a crash.
func startsUp(conn net.Conn) {
	backend := pgproto3.NewBackend(conn, conn)
	if _, err := backend.ReceiveStartupMessage(); err != nil {
		return
	}
	backend.Send(&pgproto3.ErrorResponse{Severity: "FATAL", Code: "57P03", Message: "the database system is starting up"})
	_ = backend.Flush()
}

func TestASignalEndsTheWaitForAServer(t *testing.T) {
	t.Parallel()
	gone := map[string]any{"host": "127.0.0.1", "port": 1, "username": "u", "password": "p", "database": "d", "schema": "s"}
	airbyte := []string{"write"}
	for _, test := range []struct {
		name   string
		config map[string]any
		args   []string
		until  string // "" for a connection that the server has
		signal syscall.Signal
	}{
		{"nobody listens", gone, nil, "trying again", syscall.SIGINT},
		{"nobody listens, Airbyte", gone, airbyte, "trying again", syscall.SIGTERM},
		{"it does not log in", nobody(t, listensOnly), nil, "", syscall.SIGTERM},
		{"it does not log in, Airbyte", nobody(t, listensOnly), airbyte, "", syscall.SIGINT},
		{"it is starting up", nobody(t, startsUp), nil, "trying again", syscall.SIGTERM},
		{"check", nobody(t, listensOnly), []string{"check"}, "", syscall.SIGTERM},
		{"dry-run", nobody(t, listensOnly), []string{"--dry-run"}, "", syscall.SIGINT},
		{"a bastion", bastionTo(nobody(t, listensOnly)), nil, "", syscall.SIGTERM},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			connected := make(chan struct{}, 100)
			cfg := test.config
			if test.until == "" {
				cfg = proxied(t, cfg, connected)
			}
			w := startWaiting(t, cfg, test.args...)
			w.say(signalSchema, signalRecord, signalState)
			if test.until == "" {
				<-connected
			} else {
				w.until(t, test.until)
			}
			w.ends(t, test.signal)
		})
	}
}

// bastionTo takes a server for a bastion.
func bastionTo(cfg map[string]any) map[string]any {
	tunnel := map[string]any{"enabled": true, "host": "127.0.0.1", "port": cfg["port"], "username": "u", "password": "p"}
	cfg = maps.Clone(cfg)
	cfg["ssh_tunnel"] = tunnel
	return cfg
}

// proxied puts a proxy before the server, or its bastion, that says when somebody has connected.
func proxied(t *testing.T, cfg map[string]any, connected chan<- struct{}) map[string]any {
	t.Helper()
	port := nobody(t, func(conn net.Conn) {
		connected <- struct{}{}
		listensOnly(conn)
	})["port"]
	cfg = maps.Clone(cfg)
	if tunnel, ok := cfg["ssh_tunnel"].(map[string]any); ok {
		tunnel["port"] = port
	} else {
		cfg["port"] = port
	}
	return cfg
}

func TestASignalBeforeTheFirstMessageNeedsNoServer(t *testing.T) {
	t.Parallel()
	// A certificate that is not used is the first thing that the program speaks of.
	w := startWaiting(t, map[string]any{"host": "127.0.0.1", "port": 1, "username": "u", "database": "d", "ssl_root_cert": "root.crt"})
	w.until(t, "certificates are given")
	w.ends(t, syscall.SIGTERM)
}

// A run waits for a lock of another session, with a line that names its holder. A signal ends the wait.
func TestASignalEndsTheWaitForALock(t *testing.T) {
	t.Parallel()
	batch := filepath.Join(t.TempDir(), "batch.jsonl")
	if err := os.WriteFile(batch, []byte("{\"id\":2}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const other = `{"type":"SCHEMA","stream":"t","key_properties":["id"],"schema":{"properties":{"id":{"type":"integer"},"v":{"type":"string"}}}}`
	for _, test := range []struct {
		name     string
		settings map[string]any
		lock     string // {{t}} is the table, {{key}} that of the advisory lock of its migration, {{schema}} the schema
		say      []string
	}{
		{"of a merge", nil, "LOCK TABLE {{t}}", []string{signalSchema, signalRecord, signalState}},
		{"of a BATCH file", nil, "LOCK TABLE {{t}}", []string{signalSchema, fmt.Sprintf(
			`{"type":"BATCH","stream":"t","encoding":{"format":"jsonl"},"manifest":[%q]}`, batch), signalState}},
		{"of a row", nil, "UPDATE {{t}} SET id = id", []string{signalSchema, strings.Replace(signalRecord, ":1}", `:0,"_sdc_deleted_at":"2026-01-01T00:00:00Z"}`, 1), signalState}},
		{"of a migration", nil, "LOCK TABLE {{t}} IN ACCESS SHARE MODE", []string{other, signalRecord, signalState}},
		{"that is advisory", nil, "SELECT pg_advisory_lock({{key}})", []string{other, signalRecord, signalState}},
		{"of the STATE", map[string]any{"state_table": true}, "LOCK TABLE {{schema}}._singular_state", []string{signalSchema}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			schema := pgtest.Schema(t)
			settings := map[string]any{"url": pgtest.LoaderURL(t), "schema": schema, "load_mode": "soft_delete", "application_name": schema}
			maps.Copy(settings, test.settings)
			run := startWaiting(t, settings)
			run.say(signalSchema, strings.Replace(signalRecord, ":1}", ":0}", 1), `{"type":"STATE","value":0}`)
			if err := run.stdin.Close(); err != nil {
				t.Fatal(err)
			}
			run.until(t, "completed")
			conn := pgtest.Connect(t)
			table := pgx.Identifier{schema, "t"}.Sanitize()
			lock := strings.NewReplacer("{{t}}", table, "{{key}}", advisoryKey(schema, "t"), "{{schema}}", pgx.Identifier{schema}.Sanitize()).Replace(test.lock)
			for _, statement := range []string{"BEGIN", lock} {
				if _, err := conn.Exec(t.Context(), statement); err != nil {
					t.Fatal(err)
				}
			}
			w := startWaiting(t, settings)
			w.say(test.say...)
			if err := w.stdin.Close(); err != nil {
				t.Fatal(err)
			}
			w.until(t, fmt.Sprintf("pid=%d", conn.PgConn().PID()))
			if line := w.seen[len(w.seen)-1]; !strings.Contains(line, "since=") {
				t.Errorf("the line does not say since when: %s", line)
			}
			said := w.ends(t, syscall.SIGTERM)
			if want := fmt.Sprintf("held by pid %d (application_name", conn.PgConn().PID()); !strings.Contains(said, want) {
				t.Errorf("the last line does not say %q:\n%s", want, said)
			}
			if _, err := conn.Exec(t.Context(), "ROLLBACK"); err != nil {
				t.Fatal(err)
			}
			nothingLeft(t, conn, schema, table)
		})
	}
}

// nothingLeft checks that the server works no longer for a run, and that the run's row is not there.
func nothingLeft(t *testing.T, conn *pgx.Conn, application, table string) {
	t.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for deadline := time.Now().Add(time.Minute); ; <-ticker.C {
		var sessions int
		if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1", application).Scan(&sessions); err != nil {
			t.Fatal(err)
		}
		if sessions == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d sessions are left", sessions)
		}
	}
	var rows int
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM "+table).Scan(&rows); err != nil || rows != 1 {
		t.Errorf("%d rows are there, want that of the run before: %v", rows, err)
	}
}

// advisoryKey is the lock by which loaders of a table keep out of each other's way.
func advisoryKey(schema, table string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte("target-postgres\x00" + schema + "\x00" + table))
	return fmt.Sprint(int64(h.Sum64()))
}
