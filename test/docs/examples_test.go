package docs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"target-postgres/internal/cli"
	"target-postgres/internal/pgtest"
	"target-postgres/target/config"
	"target-postgres/target/settings"
)

// The pages of docs/ are tests. Below a heading, the fenced blocks are carried out from top to bottom, in a schema of
// their own, by what stands behind the fence:
//
//	```json config      settings for the runs that follow, over those before
//	```jsonl            a run with this input; exit=N and stdout say what else than success and silence is expected
//	```text stderr      lines of which each must be in what the last run said
//	```text stdout      what the last run printed
//	```sql              a statement; of a query followed by ```text, the result
//	```sh               a script for bash, with the program, some-tap, config.json and a server
//	```… file=NAME      a file for the scripts, as it is printed; file=s3://BUCKET/KEY is put into an S3 server
//
// Blocks of any other kind are for reading. `go test ./test/docs -run Examples -update` writes the results.
func TestDocumentationExamples(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("docs/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("no pages: %v", err)
	}
	binary := buildProgram(t)
	for _, path := range append(pages, "README.md") {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			p := ParsePage(filepath.Base(path), string(text))
			for i := 0; i < len(p.Blocks); {
				to := i + 1
				for to < len(p.Blocks) && p.Blocks[to].Heading == p.Blocks[i].Heading {
					to++
				}
				t.Run(p.Blocks[i].Heading, func(t *testing.T) {
					e := &example{blocks: p.Blocks[i:to], page: p, binary: binary, schema: pgtest.Schema(t), conn: pgtest.Connect(t)}
					e.run(t)
				})
				i = to
			}
			if *update {
				if err := os.WriteFile(path, []byte(strings.Join(p.Lines, "\n")), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// buildProgram builds the program for the scripts of the pages, without the profile, for which every library would be
// compiled once more.
func buildProgram(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "target-postgres")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-pgo=off", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return binary
}

// example is a section of a page on its way through the program.
type example struct {
	blocks         []*Block
	page           *Page
	binary, schema string
	conn           *pgx.Conn
	settings       map[string]any
	stdout, stderr string
	// dir is where the scripts of the section run.
	dir string
}

func (e *example) run(t *testing.T) {
	e.dir = t.TempDir()
	e.settings = map[string]any{"url": pgtest.URL(t), "schema": e.schema}
	for i, b := range e.blocks {
		switch {
		case b.File() != "":
			e.write(t, b.File(), b.Text, 0o600)
		case b.Is("json config"):
			more := map[string]any{}
			if err := json.Unmarshal([]byte(b.Text), &more); err != nil {
				t.Fatalf("%v in\n%s", err, b.Text)
			}
			if more["host"] != nil {
				wholeConfig(t, more)
				e.here(more)
			}
			maps.Copy(e.settings, more)
		case b.Is("jsonl"):
			e.load(t, b)
		case b.Is("text stderr"):
			for line := range strings.Lines(b.Text) {
				if !strings.Contains(e.stderr, strings.TrimSuffix(line, "\n")) {
					t.Errorf("it did not say %q, but:\n%s", line, e.stderr)
				}
			}
		case b.Is("text stdout"):
			e.compare(t, b, strings.TrimSuffix(e.stdout, "\n"))
		case b.Info == "sql" && e.page.Name != "README.md": // that is for a database's owner, and has a test of its own
			result := e.sql(t, b.Text)
			if i+1 < len(e.blocks) && e.blocks[i+1].Info == "text" {
				e.compare(t, e.blocks[i+1], result)
			}
		case b.Is("sh"):
			e.script(t, b.Text)
		}
	}
}

// compare holds a block against what was got, or puts it there.
func (e *example) compare(t *testing.T, b *Block, got string) {
	t.Helper()
	got = strings.ReplaceAll(got, e.schema, "raw")
	if *update {
		// A line more or less would move the blocks below: what a block has too little stays empty until the next
		// update.
		lines := strings.Split(got, "\n")
		if len(lines) != b.End-b.First {
			t.Errorf("make room for %d lines:\n%s", len(lines), got)
			return
		}
		copy(e.page.Lines[b.First:b.End], lines)
		return
	}
	if diff := cmp.Diff(b.Text, got); diff != "" {
		t.Errorf("(-written +now):\n%s", diff)
	}
}

// config writes the settings to a file.
func (e *example) config(t *testing.T, dir string) string {
	t.Helper()
	data, err := json.Marshal(e.settings)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "config.json")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func (e *example) load(t *testing.T, b *Block) {
	t.Helper()
	dir := t.TempDir()
	stderr, err := os.Create(filepath.Join(dir, "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer stderr.Close()
	var stdout bytes.Buffer
	program := cli.Program{
		Version: "test", Spec: cli.ReadSpec(spec), Args: []string{"--config", e.config(t, dir)}, Stdin: strings.NewReader(b.Text),
		Stdout: &stdout, Stderr: stderr, Getenv: func(string) string { return "" },
	}
	if strings.Contains(b.Info, "dry-run") {
		program.Args = append(program.Args, "--dry-run")
	}
	code := program.Run(context.Background())
	said, err := os.ReadFile(stderr.Name())
	if err != nil {
		t.Fatal(err)
	}
	e.stdout, e.stderr = stdout.String(), string(said)
	want := 0
	if _, text, found := strings.Cut(b.Info, "exit="); found {
		if want, err = strconv.Atoi(strings.Fields(text)[0]); err != nil {
			t.Fatal(err)
		}
	}
	if code != want {
		t.Errorf("exit code %d, want %d:\n%s\n%s", code, want, b.Text, said)
	}
}

// sql runs statements and returns the last one's rows as psql aligns them.
func (e *example) sql(t *testing.T, text string) string {
	t.Helper()
	setup := "SET search_path TO " + pgx.Identifier{e.schema}.Sanitize() + "; SET TimeZone TO 'UTC';\n"
	text = strings.ReplaceAll(text, "raw.", pgx.Identifier{e.schema}.Sanitize()+".")
	results, err := e.conn.PgConn().Exec(t.Context(), setup+text).ReadAll()
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	last := results[len(results)-1]
	table := make([][]string, 1, len(last.Rows)+1)
	for _, field := range last.FieldDescriptions {
		table[0] = append(table[0], field.Name)
	}
	for _, row := range last.Rows {
		cells := make([]string, len(row))
		for i, value := range row {
			if cells[i] = string(value); value == nil {
				cells[i] = "∅"
			}
		}
		table = append(table, cells)
	}
	return aligned(table)
}

func aligned(table [][]string) string {
	widths := make([]int, len(table[0]))
	for _, row := range table {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var lines []string
	for n, row := range table {
		cells, rule := make([]string, len(row)), make([]string, len(row))
		for i, cell := range row {
			cells[i] = cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			rule[i] = strings.Repeat("-", widths[i])
		}
		lines = append(lines, strings.TrimRight(strings.Join(cells, " | "), " "))
		if n == 0 {
			lines = append(lines, strings.Join(rule, "-+-"))
		}
	}
	return strings.Join(lines, "\n")
}

// sampleTap is some-tap of the pages.
const sampleTap = `#!/bin/sh
cat <<'END'
{"type": "SCHEMA", "stream": "users", "key_properties": ["id"], "schema": {"properties": {"id": {"type": "integer"}}}}
{"type": "RECORD", "stream": "users", "record": {"id": 1}}
{"type": "STATE", "value": {"users": 1}}
END
`

// write puts a file where the scripts run.
func (e *example) write(t *testing.T, name, text string, mode os.FileMode) {
	t.Helper()
	if object, remote := strings.CutPrefix(name, "s3://"); remote {
		bucket, key, _ := strings.Cut(object, "/")
		if err := server.Put(t.Context(), bucket, key, []byte(text)); err != nil {
			t.Fatal(err)
		}
		return
	}
	if err := os.WriteFile(filepath.Join(e.dir, name), []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// wholeConfig fails if a configuration that names a server cannot be used as it is printed.
func wholeConfig(t *testing.T, given map[string]any) {
	t.Helper()
	parsed, err := settings.Parse(spec)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := config.New(parsed, maps.Clone(given)); err != nil {
		t.Errorf("the configuration does not run as it is printed: %v", err)
	}
}

// here puts the server and the schema of the test in the place of the printed ones.
func (e *example) here(given map[string]any) {
	for _, name := range []string{"host", "port", "username", "password", "database"} {
		delete(given, name)
	}
	given["schema"] = e.schema
}

// script runs a block of shell commands in the directory of its section.
func (e *example) script(t *testing.T, text string) {
	t.Helper()
	e.config(t, e.dir)
	e.write(t, "some-tap", sampleTap, 0o700)
	if err := os.Symlink(e.binary, filepath.Join(e.dir, "target-postgres")); err != nil && !errors.Is(err, fs.ErrExist) {
		t.Fatal(err)
	}
	bash := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", text)
	bash.Dir = e.dir
	bash.Env = append(os.Environ(), "PATH="+e.dir+string(os.PathListSeparator)+os.Getenv("PATH"), "TARGET_POSTGRES_URL="+pgtest.URL(t))
	if out, err := bash.CombinedOutput(); err != nil {
		t.Errorf("%v:\n%s\n%s", err, text, out)
	} else if testing.Verbose() {
		fmt.Printf("%s\n%s\n", text, out)
	}
}
