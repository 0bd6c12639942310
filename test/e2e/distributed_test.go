//go:build unix

package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"target-postgres/internal/cli"
	"target-postgres/target/summary"
)

// shardMode is a load mode with the table that it wants.
type shardMode struct {
	name, columns string
	settings      map[string]any
}

const (
	shardColumns = `id bigint NOT NULL, region text, v text, j json, "_sdc_deleted_at" timestamptz, "_sdc_table_version" bigint`
	byHash       = "HASH (id)"
)

func shardModes() []shardMode {
	history := shardColumns + `, _singular_start timestamptz NOT NULL, _singular_end timestamptz, _singular_active boolean NOT NULL`
	return []shardMode{
		{"append", shardColumns, map[string]any{"load_mode": "append"}},
		{"replace", shardColumns, map[string]any{"load_mode": "replace"}},
		{"upsert", shardColumns, map[string]any{"load_mode": "upsert"}},
		{"hard_delete", shardColumns, map[string]any{"load_mode": "upsert", "hard_delete": true}},
		{"snapshot", shardColumns, map[string]any{"load_mode": "upsert", "hard_delete": true, "full_snapshot": true}},
		{"soft_delete", shardColumns + ", _singular_deleted boolean NOT NULL", map[string]any{"load_mode": "soft_delete"}},
		{"history", history, map[string]any{"load_mode": "history"}},
	}
}

var hashBounds = [2]string{"WITH (MODULUS 2, REMAINDER 0)", "WITH (MODULUS 2, REMAINDER 1)"}

// shardSchema is the SCHEMA message of the tests.
const shardSchema = `{"type":"SCHEMA","stream":"t","key_properties":["id"],"schema":{"properties":{"id":{"type":"integer"},` +
	`"region":{"type":"string"},"v":{"type":["null","string"]},"j":{},"_sdc_deleted_at":{"type":["null","string"],"format":"date-time"}}}}`

// shardRecord is a record, of the instant that run and id make.
func shardRecord(run, id int, v, more string) string {
	return fmt.Sprintf(`{"type":"RECORD","stream":"t","version":1,"time_extracted":"2026-01-%02dT00:00:%02dZ","record":{"id":%d,"region":"eu","v":%q,"j":{"a":[%[3]d]}%[5]s}}`,
		run, id%60, id, v, more)
}

// shardRuns are the inputs of the runs: a first load, the same again, and changes of every kind.
func shardRuns() [][]string {
	first := []string{shardSchema}
	for id := range 40 {
		first = append(first, shardRecord(1, id, "one", ""))
	}
	changes := []string{shardSchema}
	for id := range 50 { // ten are new, a third of the others changes
		changes = append(changes, shardRecord(2, id, map[bool]string{true: "two", false: "one"}[id%3 == 0], ""))
	}
	for id := 0; id < 50; id += 7 { // keys repeat in the batch, and the last wins
		changes = append(changes, shardRecord(3, id, "three", ""))
	}
	for id := 0; id < 50; id += 5 {
		changes = append(changes, shardRecord(4, id, "three", `,"_sdc_deleted_at":"2026-01-04T00:00:00Z"`))
	}
	changes = append(changes, shardRecord(5, 10, "back", ""))
	pass := []string{shardSchema}
	for id := 10; id < 30; id++ {
		pass = append(pass, strings.Replace(shardRecord(6, id, "six", ""), `"version":1`, `"version":2`, 1))
	}
	pass = append(pass, `{"type":"ACTIVATE_VERSION","stream":"t","version":2}`)
	state := `{"type":"STATE","value":1}`
	return [][]string{append(first, state), append(first, state), append(changes, state), append(pass, state)}
}

// TestTablesOnOtherServers loads into tables whose partitions are on two other servers.
func TestTablesOnOtherServers(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	for _, test := range []struct {
		name string
		do   func(*testing.T)
	}{
		{"are loaded like one here", c.areLoadedLikeOneHere},
		{"may be a part of the table", c.mayBeAPartOfTheTable},
		{"go on after a kill", c.goOnAfterAKill},
		{"have their rows moved", c.haveTheirRowsMoved},
		{"are not altered", c.areNotAltered},
		{"are not spread by what a mode changes", c.areNotSpreadByWhatAModeChanges},
		{"are emptied without TRUNCATE", c.areEmptiedWithoutTruncate},
		{"are loaded by two at once", c.areLoadedByTwoAtOnce},
		{"get rows rejected that only they refuse", c.getRowsRejected},
		{"are made as the docs say", c.areMadeAsTheDocsSay},
		{"may restart", c.mayRestart},
	} {
		t.Run(test.name, test.do)
	}
}

// areLoadedLikeOneHere loads into a table on other servers and into one that is here, in every load mode, and compares
// rows and counts after every run.
func (c *cluster) areLoadedLikeOneHere(t *testing.T) {
	for _, mode := range shardModes() {
		t.Run(mode.name, func(t *testing.T) {
			there, here := "there_"+mode.name, "here_"+mode.name
			c.table(t, there, mode.columns, byHash, hashBounds)
			before := ""
			for n, run := range shardRuns() {
				input := strings.Join(run, "\n")
				remote, local := c.load(t, there, mode.settings, input), c.load(t, here, mode.settings, input)
				c.same(t, fmt.Sprintf("run %d", n+1), there, here)
				if diff := cmp.Diff(counts(local), counts(remote)); diff != "" {
					t.Errorf("run %d counts (-here +there):\n%s", n+1, diff)
				}
				after := c.places(t, there)
				if n == 1 && mode.name != "append" && mode.name != "replace" && after != before {
					t.Errorf("sending the same rows again wrote something:\n%s", cmp.Diff(before, after))
				}
				before = after
			}
		})
	}
}

func counts(s summary.Stream) map[string]int64 {
	return map[string]int64{"inserted": s.Inserted, "updated": s.Updated, "deleted": s.Deleted, "unchanged": s.Unchanged}
}

// same compares the tables of two schemas.
func (c *cluster) same(t *testing.T, when, there, here string) {
	t.Helper()
	// The columns have one order in both.
	columns := `id, region, v, j::jsonb, "_sdc_deleted_at"`
	c.exec(t, c.conn, "SET TimeZone TO 'UTC'")
	var mode string
	if err := c.conn.QueryRow(t.Context(), `SELECT coalesce(string_agg(', ' || quote_ident(column_name), '' ORDER BY column_name), '')
		FROM information_schema.columns WHERE table_schema = $1 AND table_name = 't' AND column_name ~ '^_singular'`, there).Scan(&mode); err != nil {
		t.Fatal(err)
	}
	of := func(schema string) []string { return rowsOf(t, c.conn, "(SELECT "+columns+mode+" FROM "+schema+".t)") }
	if diff := cmp.Diff(of(here), of(there)); diff != "" {
		t.Fatalf("%s (-here +there):\n%s", when, diff)
	}
}

// load runs the program once and returns what it says about the stream.
func (c *cluster) load(t *testing.T, schema string, settings map[string]any, input string) summary.Stream {
	t.Helper()
	code, said, sum := c.run(t, schema, settings, input)
	if code != 0 || len(sum.Streams) != 1 {
		t.Fatalf("into %s: exit code %d\n%s", schema, code, said)
	}
	return sum.Streams[0]
}

func (c *cluster) run(t *testing.T, schema string, settings map[string]any, input string) (code int, said string, sum summary.Run) {
	t.Helper()
	dir := t.TempDir()
	stderr, err := os.Create(filepath.Join(dir, "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer stderr.Close()
	program := cli.Program{
		Version: "test", Spec: spec, Stdin: strings.NewReader(input), Stdout: &bytes.Buffer{}, Stderr: stderr,
		Args:   []string{"--config", c.config(t, dir, schema, settings), "--summary", filepath.Join(dir, "summary")},
		Getenv: func(string) string { return "" },
	}
	code = program.Run(context.Background())
	text, err := os.ReadFile(stderr.Name())
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, "summary"))
	if err == nil {
		err = json.Unmarshal(data, &sum)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return code, string(text), sum
}

func (c *cluster) config(t *testing.T, dir, schema string, settings map[string]any) string {
	t.Helper()
	all := map[string]any{"url": c.main, "schema": schema}
	maps.Copy(all, settings)
	data, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "config.json")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// goOnAfterAKill kills the program in the middle of a run, goes on after the STATE that it emitted, and compares with a
// run that nobody disturbed.
func (c *cluster) goOnAfterAKill(t *testing.T) {
	for _, mode := range shardModes() {
		t.Run(mode.name, func(t *testing.T) {
			there, here := "killed_there_"+mode.name, "killed_here_"+mode.name
			c.table(t, there, mode.columns, byHash, hashBounds)
			settings := map[string]any{"batch_max_rows": 7}
			maps.Copy(settings, mode.settings)
			whole := mode.name == "replace" || mode.name == "snapshot" // these begin anew
			for _, run := range [][]string{shardRuns()[0], shardRuns()[2]} {
				records := run[1 : len(run)-1]
				c.load(t, here, settings, strings.Join(run, "\n"))
				half := len(records) / 2
				extra := len(records) * 3 / 4
				if mode.name == "append" {
					extra = half // what was committed without a STATE comes twice here, which is the promise
				}
				c.kill(t, there, settings, records[:half], records[half:extra], whole)
				rest := records[half:]
				if whole {
					rest = records
				}
				c.load(t, there, settings, strings.Join(append([]string{shardSchema}, rest...), "\n"))
				c.same(t, "after the kill", there, here)
			}
		})
	}
}

// kill runs the program as a process of its own, feeds it records and a STATE, more records when the STATE came back,
// and kills it.
func (c *cluster) kill(t *testing.T, schema string, settings map[string]any, records, more []string, silent bool) {
	t.Helper()
	settings = maps.Clone(settings)
	settings["batch_max_age"] = 0.05
	cmd := exec.Command(os.Args[0], "--config", c.config(t, t.TempDir(), schema, settings))
	cmd.Env = append(os.Environ(), asProgram)
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
	feed := func(lines []string) { _, _ = io.WriteString(stdin, strings.Join(lines, "\n")+"\n") }
	feed(append(append([]string{shardSchema}, records...), `{"type":"STATE","value":1}`))
	if !silent && !bufio.NewScanner(stdout).Scan() {
		t.Error("no STATE came back")
	}
	if len(more) > 0 {
		feed(more)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}
