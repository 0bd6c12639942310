//go:build unix

package e2e

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"target-postgres/internal/cli"
	"target-postgres/internal/pgtest"
	"target-postgres/test/docs"
)

var regionBounds = [2]string{"IN ('eu')", "IN ('us')"}

func inRegion(id int, region, v string) string {
	return fmt.Sprintf(`{"type":"RECORD","stream":"t","record":{"id":%d,"region":%q,"v":%q}}`, id, region, v)
}

// haveTheirRowsMoved changes the column that says on which server a row is, which a foreign partition would not notice.
func (c *cluster) haveTheirRowsMoved(t *testing.T) {
	for _, mode := range []string{"upsert", "soft_delete"} {
		t.Run(mode, func(t *testing.T) {
			schema := "moved_" + mode
			columns := map[string]string{"upsert": shardColumns, "soft_delete": shardColumns + ", _singular_deleted boolean NOT NULL"}[mode]
			c.table(t, schema, columns, "LIST (region)", regionBounds)
			settings := map[string]any{"load_mode": mode}
			c.load(t, schema, settings, strings.Join([]string{shardSchema, inRegion(1, "eu", "a"), inRegion(2, "us", "b"), inRegion(3, "eu", "c")}, "\n"))
			c.load(t, schema, settings, strings.Join([]string{shardSchema, inRegion(1, "us", "a"), inRegion(2, "us", "bb"), inRegion(3, "us", "c"), inRegion(3, "eu", "cc")}, "\n"))
			for i, want := range [][]string{{"(3,eu,cc)"}, {"(1,us,a)", "(2,us,bb)"}} {
				if diff := cmp.Diff(want, rowsOf(t, c.over[i], "(SELECT id, region, v FROM "+schema+")")); diff != "" {
					t.Errorf("server %d (-want +got):\n%s", i, diff)
				}
			}
		})
	}
}

// mayBeAPartOfTheTable loads into trees that have foreign tables in the second level only, that are partitioned by an
// expression, and into a foreign table by itself.
func (c *cluster) mayBeAPartOfTheTable(t *testing.T) {
	for _, mode := range shardModes() {
		if mode.name == "append" || mode.name == "upsert" || mode.name == "snapshot" {
			continue // these say nothing that the others do not
		}
		tree, expression, alone := "tree_"+mode.name, "expression_"+mode.name, "alone_"+mode.name
		c.table(t, tree+"_below", mode.columns, byHash, hashBounds)
		c.exec(t, c.conn, fmt.Sprintf(`CREATE SCHEMA %s; CREATE TABLE %[1]s.t (%s) PARTITION BY RANGE (id);
			CREATE TABLE %[1]s.near PARTITION OF %[1]s.t FOR VALUES FROM (MINVALUE) TO (20);
			ALTER TABLE %[1]s.t ATTACH PARTITION %[1]s_below.t FOR VALUES FROM (20) TO (MAXVALUE)`, tree, mode.columns))
		c.table(t, expression, mode.columns, "LIST ((id % 2))", [2]string{"IN (0)", "IN (1)"})
		c.exec(t, c.over[0], fmt.Sprintf("CREATE TABLE %s (%s)", alone, mode.columns))
		c.exec(t, c.conn, fmt.Sprintf("CREATE SCHEMA %s; CREATE FOREIGN TABLE %[1]s.t (%s) SERVER shard0 OPTIONS (schema_name 'public', table_name '%[1]s')",
			alone, mode.columns))
		for n, run := range shardRuns() {
			here := "parts_here_" + mode.name
			input := strings.Join(run, "\n")
			local := counts(c.load(t, here, mode.settings, input))
			for _, schema := range []string{tree, expression, alone} {
				got := counts(c.load(t, schema, mode.settings, input))
				c.same(t, fmt.Sprintf("%s, run %d", schema, n+1), schema, here)
				if diff := cmp.Diff(local, got); diff != "" && schema != expression { // there every change is a move
					t.Errorf("%s, run %d (-here +there):\n%s", schema, n+1, diff)
				}
			}
		}
	}
}

// areNotAltered brings a field that the tables have no column for, and then one whose type is too narrow.
func (c *cluster) areNotAltered(t *testing.T) {
	c.table(t, "altered", shardColumns, byHash, hashBounds)
	more := strings.Replace(shardSchema, `"region":`, `"more":{"type":"integer"},"region":`, 1)
	code, said, _ := c.run(t, "altered", nil, more)
	if code != 1 || !strings.Contains(said, `ADD COLUMN "more" bigint`) || !strings.Contains(said, "alter the tables there") {
		t.Errorf("exit code %d:\n%s", code, said)
	}
	summary := c.load(t, "altered", map[string]any{"migration_policy": map[string]any{"new_fields": "skip"}},
		more+"\n"+shardRecord(1, 1, "v", `,"more":5`))
	if summary.Inserted != 1 {
		t.Errorf("with new_fields skip: %+v", summary)
	}
}

// areNotSpreadByWhatAModeChanges partitions a history by what is active, where every change would have to move a row.
func (c *cluster) areNotSpreadByWhatAModeChanges(t *testing.T) {
	columns := shardModes()[6].columns
	c.table(t, "by_active", columns, "LIST (_singular_active)", [2]string{"IN (true)", "IN (false)"})
	code, said, _ := c.run(t, "by_active", map[string]any{"load_mode": "history"}, shardSchema)
	if code != 1 || !strings.Contains(said, "partition or distribute it by a column of the key") {
		t.Errorf("exit code %d:\n%s", code, said)
	}
}

// areEmptiedWithoutTruncate replaces the rows of tables whose servers do not allow TRUNCATE, as none does before
// PostgreSQL 14.
func (c *cluster) areEmptiedWithoutTruncate(t *testing.T) {
	c.table(t, "untruncated", shardColumns, byHash, hashBounds)
	if c.has(t, 140000) {
		c.exec(t, c.conn, "ALTER FOREIGN TABLE untruncated.t1 OPTIONS (ADD truncatable 'false')")
	}
	settings := map[string]any{"load_mode": "replace"}
	c.load(t, "untruncated", settings, strings.Join(shardRuns()[0], "\n"))
	c.load(t, "untruncated", settings, shardSchema+"\n"+shardRecord(1, 1, "v", ""))
	if got := rowsOf(t, c.conn, "(SELECT id, v FROM untruncated.t)"); !cmp.Equal(got, []string{"(1,v)"}) {
		t.Errorf("%v", got)
	}
}

// areLoadedByTwoAtOnce lets two loaders bring the same keys, which no index keeps from being there twice.
func (c *cluster) areLoadedByTwoAtOnce(t *testing.T) {
	c.table(t, "by_two", shardColumns, byHash, hashBounds)
	input := strings.Join(shardRuns()[2], "\n")
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			if code, said, _ := c.run(t, "by_two", map[string]any{"batch_max_rows": 5}, input); code != 0 {
				t.Errorf("exit code %d:\n%s", code, said)
			}
		})
	}
	both.Wait()
	if got := rowsOf(t, c.conn, "(SELECT count(*), count(DISTINCT id) FROM by_two.t)"); !cmp.Equal(got, []string{"(50,50)"}) {
		t.Errorf("%v", got)
	}
}

// areMadeAsTheDocsSay runs the statements of docs/scaling.md, and loads into what they make.
func (c *cluster) areMadeAsTheDocsSay(t *testing.T) {
	text, err := os.ReadFile("docs/scaling.md")
	if err != nil {
		t.Fatal(err)
	}
	c.exec(t, c.conn, "CREATE SCHEMA by_the_docs; SET search_path TO by_the_docs, public")
	defer c.exec(t, c.conn, "RESET search_path")
	ran := map[string]int{}
	for _, b := range docs.ParsePage("scaling.md", string(text)).Blocks {
		switch b.Info {
		case "sql shard":
			for _, conn := range c.over {
				c.exec(t, conn, b.Text)
			}
		case "sql main":
			sql := b.Text
			for i, shard := range c.shards {
				u, err := url.Parse(shard)
				if err != nil {
					t.Fatal(err)
				}
				password, _ := u.User.Password()
				sql = strings.ReplaceAll(sql, fmt.Sprintf("host 'shard%d', port '5432'", i), fmt.Sprintf("host '%s', port '%s'", u.Hostname(), u.Port()))
				mapping := fmt.Sprintf("SERVER orders%d OPTIONS (user 'loader', password 'secret')", i)
				sql = strings.ReplaceAll(sql, mapping, fmt.Sprintf("SERVER orders%d OPTIONS (user '%s', password '%s')", i, u.User.Username(), password))
			}
			if !c.has(t, 140000) {
				sql = strings.ReplaceAll(sql, "batch_size '1000', ", "")
			}
			c.exec(t, c.conn, sql)
		default:
			continue
		}
		ran[b.Info]++
	}
	if ran["sql shard"] != 1 || ran["sql main"] != 1 {
		t.Fatalf("blocks of the docs: %v", ran)
	}
	orders := `{"type":"SCHEMA","stream":"orders","key_properties":["id"],"schema":{"properties":{"id":{"type":"integer"},"region":{"type":"string"},"amount":{"type":"number"}}}}`
	input := []string{orders}
	for id := range 10 {
		input = append(input, fmt.Sprintf(`{"type":"RECORD","stream":"orders","record":{"id":%d,"region":"eu","amount":%d.5}}`, id, id))
	}
	for range 2 {
		c.load(t, "by_the_docs", nil, strings.Join(input, "\n"))
	}
	if got := rowsOf(t, c.conn, "(SELECT count(*), sum(amount) FROM by_the_docs.orders)"); !cmp.Equal(got, []string{"(10,50.0)"}) {
		t.Errorf("%v", got)
	}
}

// has says whether the servers are of a version at least.
func (c *cluster) has(t *testing.T, atLeast int) bool {
	t.Helper()
	var version int
	if err := c.conn.QueryRow(t.Context(), "SELECT current_setting('server_version_num')::int").Scan(&version); err != nil {
		t.Fatal(err)
	}
	return version >= atLeast
}

// mayRestart crashes one of the other servers between two batches of one run.
func (c *cluster) mayRestart(t *testing.T) {
	c.table(t, "restarted", shardColumns, byHash, hashBounds)
	in, feed := io.Pipe()
	states, out := io.Pipe()
	program := cli.Program{
		Version: "test", Spec: spec, Stdin: in, Stdout: out, Stderr: os.Stderr,
		Args:   []string{"--config", c.config(t, t.TempDir(), "restarted", map[string]any{"batch_max_age": 0.05})},
		Getenv: func(string) string { return "" },
	}
	code := make(chan int, 1)
	go func() {
		code <- program.Run(context.Background())
		_ = out.Close()
	}()
	say := func(lines []string) {
		if _, err := io.WriteString(feed, strings.Join(lines, "\n")+"\n"); err != nil {
			t.Error(err)
		}
	}
	run := shardRuns()[2]
	say(append(run[:20:20], `{"type":"STATE","value":1}`))
	lines := bufio.NewScanner(states)
	if !lines.Scan() {
		t.Error("no STATE came back")
	}
	if err := c.servers[1].Restart(t.Context(), "immediate"); err != nil {
		t.Fatal(err)
	}
	c.over[1] = pgtest.ConnectTo(t, c.shards[1])
	c.conn = pgtest.ConnectTo(t, c.main) // before PostgreSQL 14 its link to the server is broken
	say(run[20:])
	_ = feed.Close()
	for lines.Scan() {
		t.Logf("state %s", lines.Text())
	}
	if got := <-code; got != 0 {
		t.Fatalf("exit code %d", got)
	}
	c.load(t, "not_restarted", nil, strings.Join(run, "\n"))
	c.same(t, "after the restart", "restarted", "not_restarted")
}

// getRowsRejected has a row that breaks a constraint of which only the other server knows.
func (c *cluster) getRowsRejected(t *testing.T) {
	for _, mode := range []string{"append", "upsert"} {
		schema := "refused_" + mode
		c.table(t, schema, shardColumns, byHash, hashBounds)
		for _, conn := range c.over {
			c.exec(t, conn, "ALTER TABLE "+schema+" ADD CHECK (v <> 'bad')")
		}
		input := []string{shardSchema}
		for id := range 9 {
			input = append(input, shardRecord(1, id, map[bool]string{true: "bad", false: "good"}[id == 4], ""))
		}
		settings := map[string]any{"load_mode": mode, "on_bad_record": "reject"}
		if summary := c.load(t, schema, settings, strings.Join(input, "\n")); summary.Rejected != 1 {
			t.Errorf("%s: %+v", mode, summary)
		}
		if got := rowsOf(t, c.conn, "(SELECT count(*) FROM "+schema+".t WHERE v = 'good')"); !cmp.Equal(got, []string{"(8)"}) {
			t.Errorf("%s: %v", mode, got)
		}
	}
}
