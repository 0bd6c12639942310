//go:build unix

package main

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
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

// areEmptiedWithoutTruncate replaces the rows of tables whose servers do not allow TRUNCATE, as none does before PostgreSQL 14.
func (c *cluster) areEmptiedWithoutTruncate(t *testing.T) {
	c.table(t, "untruncated", shardColumns, byHash, hashBounds)
	var version int
	if err := c.conn.QueryRow(t.Context(), "SELECT current_setting('server_version_num')::int").Scan(&version); err != nil {
		t.Fatal(err)
	}
	if version >= 140000 {
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
