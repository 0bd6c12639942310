package e2e

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"target-postgres/internal/cli"
	"target-postgres/internal/pgtest"
)

var (
	update     = flag.Bool("update", false, "write what the scenarios did as what they are expected to do")
	copyFormat = flag.String("copy-format", "csv", "copy_format of scenarios that set none")
)

// TestScenarios runs every folder of testdata/scenarios; testdata/README.md says what a folder holds.
func TestScenarios(t *testing.T) {
	t.Parallel()
	folders, err := filepath.Glob("testdata/scenarios/*")
	if err != nil || len(folders) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			t.Parallel()
			newScenario(t, folder).run(t)
		})
	}
}

// newScenario prepares a folder. One with indexes has a database of its own: CREATE INDEX CONCURRENTLY waits for every
// transaction of its database, of any test.
func newScenario(t *testing.T, folder string) *scenario {
	t.Helper()
	s := &scenario{folder: folder}
	configs, err := filepath.Glob(filepath.Join(folder, "*config.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, config := range configs {
		if strings.Contains(s.read(t, filepath.Base(config)), `"indexes"`) && pgtest.LoaderURL(t) == pgtest.URL(t) {
			s.url = pgtest.Database(t)
			s.schema, s.conn = pgtest.SchemaIn(t, s.url), pgtest.ConnectTo(t, s.url)
			return s
		}
	}
	s.schema, s.conn = pgtest.Schema(t), pgtest.Connect(t)
	return s
}

// scenario is one folder on its way through the program.
type scenario struct {
	folder, schema string
	// settings are put over those of the folder, "" for none.
	settings string
	conn     *pgx.Conn
	// url is how the program logs in, "" for the way of all, path what follows the schema in the search_path of the
	// scenario's own SQL.
	url, path string
}

// read returns a file with {{schema}} put in, or "" when there is none.
func (s *scenario) read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(s.folder, name))
	if os.IsNotExist(err) {
		return ""
	}
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(data), "{{schema}}", s.schema)
}

func (s *scenario) run(t *testing.T) {
	s.sql(t, "before.sql")
	inputs, err := filepath.Glob(filepath.Join(s.folder, "*.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	runs := 0
	for n := 1; n <= len(inputs); n++ {
		input := strconv.Itoa(n) + ".jsonl"
		if _, err := os.Stat(filepath.Join(s.folder, input)); err != nil {
			break
		}
		s.sql(t, fmt.Sprintf("%d.before.sql", n))
		s.load(t, n, s.read(t, input))
		s.tables(t, fmt.Sprintf("%d.want", n))
		runs++
	}
	if runs == 0 {
		t.Fatal("the scenario has no 1.jsonl")
	}
	if s.tables(t, "want") == 0 {
		t.Fatal("the scenario expects no tables: add want/TABLE.csv")
	}
}

func (s *scenario) sql(t *testing.T, name string) {
	t.Helper()
	if text := s.read(t, name); text != "" {
		if _, err := s.conn.Exec(t.Context(), "SET search_path TO "+pgx.Identifier{s.schema}.Sanitize()+s.path+";\n"+text); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
}

// login is the URL by which the program logs in.
func (s *scenario) login(t *testing.T) string {
	if s.url != "" {
		return s.url
	}
	return pgtest.LoaderURL(t)
}

// config writes the configuration of run n: config.json, n.config.json over it, and the server under both.
func (s *scenario) config(t *testing.T, n int) []string {
	t.Helper()
	// The log names the files: a directory that has the scenario's name would put its words there.
	dir, err := os.MkdirTemp("", "config")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	parts := []string{
		fmt.Sprintf(`{"url": %q, "schema": %q, "copy_format": %q}`, s.login(t), s.schema, *copyFormat),
		s.read(t, "config.json"), s.read(t, fmt.Sprintf("%d.config.json", n)),
		s.settings,
	}
	var args []string
	for i, part := range parts {
		if part == "" {
			continue
		}
		file := filepath.Join(dir, strconv.Itoa(i)+".json")
		if err := os.WriteFile(file, []byte(part), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, "--config", file)
	}
	return args
}

// load runs the program once and compares its exit code, its output and what it said.
func (s *scenario) load(t *testing.T, n int, input string) {
	t.Helper()
	var stdout bytes.Buffer
	stderr, err := os.CreateTemp(t.TempDir(), "stderr")
	if err != nil {
		t.Fatal(err)
	}
	program := cli.Program{
		Version: "test", Spec: spec, Args: s.args(t, n), Stdin: strings.NewReader(input), Stdout: &stdout, Stderr: stderr,
		Getenv: func(string) string { return "" },
	}
	code := program.Run(context.Background())
	said, err := os.ReadFile(stderr.Name())
	if err != nil {
		t.Fatal(err)
	}
	printed := stdout.String()
	if s.airbyte() {
		var logged string
		printed, logged = withoutLogs(t, printed)
		said = append(said, logged...)
	}
	wantCode := 0
	if text := strings.TrimSpace(s.read(t, fmt.Sprintf("%d.exit", n))); text != "" {
		if wantCode, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	if code != wantCode {
		t.Fatalf("run %d: exit code %d, want %d; it said:\n%s%s", n, code, wantCode, said, printed)
	}
	s.compare(t, fmt.Sprintf("%d.stdout", n), printed)
	for line := range strings.SplitSeq(s.read(t, fmt.Sprintf("%d.stderr", n)), "\n") {
		if absent, ok := strings.CutPrefix(line, "! "); ok && strings.Contains(string(said), absent) {
			t.Errorf("run %d: stderr must not contain %q; it said:\n%s", n, absent, said)
		} else if !ok && line != "" && !strings.Contains(string(said), line) {
			t.Errorf("run %d: stderr lacks %q; it said:\n%s", n, line, said)
		}
	}
}

// compare holds a file against what was got, or writes it.
func (s *scenario) compare(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		path := filepath.Join(s.folder, name)
		if got == "" {
			_ = os.Remove(path)
			return
		}
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(got, s.schema, "{{schema}}")), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(s.read(t, name), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// tables compares the tables with those in a folder, and returns how many: NAME.csv is the table NAME in the order of
// all its columns, or the query of NAME.sql beside it.
func (s *scenario) tables(t *testing.T, folder string) int {
	t.Helper()
	wants, err := filepath.Glob(filepath.Join(s.folder, folder, "*"))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, want := range wants {
		names[strings.TrimSuffix(filepath.Base(want), filepath.Ext(want))] = true
	}
	for name := range names {
		query := strings.TrimSpace(s.read(t, folder+"/"+name+".sql"))
		if query == "" {
			query = s.wholeTable(t, name)
		}
		var got bytes.Buffer
		setup := "SET search_path TO " + pgx.Identifier{s.schema}.Sanitize() + "; SET TimeZone TO 'UTC'"
		if _, err := s.conn.Exec(t.Context(), setup); err != nil {
			t.Fatal(err)
		}
		copyOut := "COPY (" + query + ") TO STDOUT WITH (FORMAT csv, HEADER true)"
		if _, err := s.conn.PgConn().CopyTo(t.Context(), &got, copyOut); err != nil {
			t.Fatalf("%s/%s: %v", folder, name, err)
		}
		s.compare(t, folder+"/"+name+".csv", got.String())
	}
	return len(names)
}

// wholeTable is the query of a table that has none of its own: all columns, but for the random one of Airbyte's tables.
func (s *scenario) wholeTable(t *testing.T, name string) string {
	t.Helper()
	if !s.airbyte() {
		return "SELECT * FROM " + pgx.Identifier{name}.Sanitize() + " AS t ORDER BY t::text"
	}
	return s.airbyteTable(t, s.schema, name)
}
