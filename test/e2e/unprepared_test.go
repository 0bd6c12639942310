package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"target-postgres/internal/cli"
	"target-postgres/internal/pgtest"
)

// TestAStreamThatCannotBePreparedTakesNothingElseWithIt has the second of three streams fail, for every reason. The
// number of connections and the size of batches take turns, so that each combination meets many reasons. With -short
// protocols and the ways to go on take turns, too.
func TestAStreamThatCannotBePreparedTakesNothingElseWithIt(t *testing.T) {
	t.Parallel()
	for i := range unpreparedCauses {
		cause := &unpreparedCauses[i]
		t.Run(cause.name, func(t *testing.T) {
			t.Parallel()
			for n, kind := range []struct{ airbyte, continues bool }{{false, false}, {false, true}, {true, false}, {true, true}} {
				singer := cause.singer || cause.line != ""
				if kind.airbyte && singer || testing.Short() && n != i%4 && !(singer && n == i%2) {
					continue
				}
				run := &unpreparedRun{
					unprepared: cause, airbyte: kind.airbyte, continues: kind.continues,
					parallelism: 1 + (i+n)%2, rows: []int{1, 1000}[(i+n)/2%2],
				}
				t.Run(fmt.Sprintf("airbyte=%t continue=%t parallelism=%d rows=%d", run.airbyte, run.continues, run.parallelism, run.rows), run.try)
			}
		})
	}
}

// unpreparedRun is one run for a reason.
type unpreparedRun struct {
	*unprepared
	airbyte, continues bool
	parallelism, rows  int

	schema, role, login string
	conn                *pgx.Conn
	// printed is standard output without LOG messages, said the lines for people.
	printed, said string
	summary       []byte
}

func (u *unpreparedRun) try(t *testing.T) {
	u.prepare(t)
	if code := u.load(t); code != 1 {
		t.Errorf("exit code %d", code)
	}
	u.checkReason(t)
	u.checkStates(t)
	u.checkRows(t)
	if !u.airbyte {
		u.checkSummary(t)
	}
	if t.Failed() {
		t.Logf("%s\n%s\n%s", u.said, u.printed, u.summary)
	}
}

func (u *unpreparedRun) fill(text string) string {
	return strings.NewReplacer("{{schema}}", u.schema, "{{role}}", u.role).Replace(text)
}

// prepare makes a schema and a role for the run, and puts the fault there.
func (u *unpreparedRun) prepare(t *testing.T) {
	t.Helper()
	u.schema, u.login, u.conn = pgtest.Schema(t), pgtest.Role(t, pgtest.URL(t)), pgtest.Connect(t)
	u.role = pgtest.User(t, u.login)
	t.Cleanup(func() {
		pgtest.Execute(t, "DROP EVENT TRIGGER IF EXISTS "+u.schema+"_e", "DROP SCHEMA IF EXISTS "+u.schema+"_closed CASCADE",
			"DROP FOREIGN DATA WRAPPER IF EXISTS "+u.schema+"_w CASCADE")
	})
	u.exec(t, u.conn, "SET search_path TO {{schema}}", "GRANT ALL ON SCHEMA {{schema}} TO {{role}}", u.setup)
	if u.held != "" {
		u.exec(t, pgtest.Connect(t), "SET search_path TO {{schema}}", "BEGIN", u.held)
	}
}

func (u *unpreparedRun) exec(t *testing.T, conn *pgx.Conn, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := conn.Exec(t.Context(), u.fill(statement)); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// load runs the program and returns its exit code.
func (u *unpreparedRun) load(t *testing.T) int {
	t.Helper()
	dir := t.TempDir()
	cfg := fmt.Sprintf(`"url": %q, "schema": "{{schema}}", "batch_max_rows": %d, "parallelism": %d`, u.login, u.rows, u.parallelism)
	if u.continues {
		cfg += `, "on_stream_error": "continue"`
	}
	if u.settings != "" {
		cfg += ", " + u.settings
	}
	files := map[string]string{"config.json": "{" + u.fill(cfg) + "}", "stderr": ""}
	args := []string{"--config", filepath.Join(dir, "config.json"), "--summary", filepath.Join(dir, "summary.json")}
	input := u.singerInput()
	if u.airbyte {
		args = []string{"write", "--config", filepath.Join(dir, "config.json"), "--catalog", filepath.Join(dir, "catalog.json")}
		files["catalog.json"], input = u.airbyteInput()
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	stderr, err := os.OpenFile(filepath.Join(dir, "stderr"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer stderr.Close()
	var stdout bytes.Buffer
	program := cli.Program{
		Version: "test", Spec: spec, Args: args, Stdin: strings.NewReader(input), Stdout: &stdout, Stderr: stderr,
		Getenv: func(string) string { return "" },
	}
	code := program.Run(context.Background())
	said, err := os.ReadFile(stderr.Name())
	if err != nil {
		t.Fatal(err)
	}
	u.printed, u.said = stdout.String(), string(said)
	if u.airbyte {
		u.printed, u.said = withoutLogs(t, u.printed)
	} else if u.summary, err = os.ReadFile(filepath.Join(dir, "summary.json")); err != nil {
		t.Fatal(err)
	}
	return code
}

// checkReason looks at what is told last: a line for people, or the TRACE of the stream.
func (u *unpreparedRun) checkReason(t *testing.T) {
	t.Helper()
	last := u.printed
	if !u.airbyte {
		lines := strings.Split(strings.TrimSpace(u.said), "\n")
		last = lines[len(lines)-1]
	}
	last = strings.ReplaceAll(last, `\"`, `"`)
	for _, want := range append([]string{`stream "b"`}, u.says...) {
		if !strings.Contains(last, u.fill(want)) {
			t.Errorf("the reason lacks %q", u.fill(want))
		}
	}
	if incomplete := strings.Contains(u.printed, `"name":"b"},"status":"INCOMPLETE"`); u.airbyte && incomplete != u.continues {
		t.Errorf("a status INCOMPLETE of the stream: %t", incomplete)
	}
}

// checkStates wants the states of what was complete before. Those of single streams go on being emitted.
func (u *unpreparedRun) checkStates(t *testing.T) {
	t.Helper()
	var got []int
	for line := range strings.Lines(u.printed) {
		var one struct {
			N     int
			State struct {
				Stream struct {
					State struct{ N int } `json:"stream_state"`
				}
			}
		}
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Error(err)
		}
		if n := one.N + one.State.Stream.State.N; n > 0 {
			got = append(got, n)
		}
	}
	if !u.airbyte { // several that one commit covers are one
		if len(got) == 0 || slices.Max(got) != 2 {
			t.Errorf("states %v, want 2 as the last", got)
		}
		return
	}
	slices.Sort(got)
	var want []int // the catalog comes before all rows
	if u.continues {
		want = []int{1, 2, 5, 6}
	}
	if !slices.Equal(got, want) {
		t.Errorf("states %v, want %v", got, want)
	}
}

// checkRows wants the rows that the states speak of, and with continue all but those of b.
func (u *unpreparedRun) checkRows(t *testing.T) {
	t.Helper()
	want := map[string]string{"a": "1,2", "c": ""}
	switch {
	case u.continues:
		want = map[string]string{"a": "1,2,3", "c": "1"}
	case u.airbyte:
		want = map[string]string{"a": "", "c": ""}
	}
	for table, rows := range want {
		var there bool
		var got string
		if err := u.conn.QueryRow(t.Context(), "SELECT to_regclass($1) IS NOT NULL", table).Scan(&there); err != nil {
			t.Fatal(err)
		}
		if there {
			if err := u.conn.QueryRow(t.Context(), "SELECT coalesce(string_agg(id::text, ',' ORDER BY id), '') FROM "+table).Scan(&got); err != nil {
				t.Fatal(err)
			}
		}
		if got != rows {
			t.Errorf("%s has the rows %q, want %q", table, got, rows)
		}
	}
}

// checkSummary wants the failed stream named with its reason, and every other one with what became of it.
func (u *unpreparedRun) checkSummary(t *testing.T) {
	t.Helper()
	var sum struct {
		Complete bool
		Error    string
		Streams  []struct {
			Stream, Error string
			Read, Loaded  int
		}
	}
	if err := json.Unmarshal(u.summary, &sum); err != nil {
		t.Fatal(err)
	}
	if sum.Complete || !strings.Contains(sum.Error, `stream "b"`) {
		t.Errorf("complete: %t, error: %s", sum.Complete, sum.Error)
	}
	named := false
	for _, s := range sum.Streams {
		switch {
		case s.Stream == "b":
			named = s.Error != "" && s.Loaded == 0
		case s.Error != "", u.continues && s.Read != s.Loaded:
			t.Errorf("the summary of %s: %+v", s.Stream, s)
		}
	}
	if !named {
		t.Error("the summary does not name the stream with its reason, or says that it was loaded")
	}
}
