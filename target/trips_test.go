package target_test

import (
	"bytes"
	"fmt"
	"sync/atomic"
	"testing"

	"target-postgres/internal/pgtest"
)

// TestFewRoundTrips bounds what a server that is far away costs before its first COPY: to look at the tables, to lock
// and look again where one has to change, to change or create it and commit. The checkpoint begins in the message of
// its first COPY, and ends in it where there is nothing to merge.
func TestFewRoundTrips(t *testing.T) {
	t.Parallel()
	messages := func(properties string) []string {
		return []string{schemaOf("t", properties, "id"), record("t", `{"id":1,"v":"a"}`)}
	}
	id := `{"id":{"type":"integer"}}`
	tests := []struct {
		name   string
		mode   string
		before []string
		drop   bool // the schema, so that it is new as well
		most   int
		all    int // with the checkpoint's, the most of them
	}{
		{name: "appended to a known table", mode: "append", before: messages(idAndText), most: 1, all: 2},
		{name: "into a known table", mode: "upsert", before: messages(idAndText), most: 1, all: 3},
		{name: "into a table with a new column", mode: "upsert", before: messages(id), most: 3, all: 5},
		{name: "into a new table", mode: "upsert", most: 2, all: 3},
		{name: "into a new table with indexes", mode: "history", most: 2, all: 4},
		{name: "into a new schema", mode: "upsert", drop: true, most: 2, all: 3},
		{name: "into a new table by way of another", mode: "replace", most: 4, all: 12},
		{name: "into a known table by way of another", mode: "replace", before: messages(idAndText), most: 3, all: 11},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := look(t)
			as := settings{"load_mode": test.mode}
			if test.before != nil {
				d.mustLoad(as, test.before...)
			}
			if test.drop {
				d.run("DROP SCHEMA " + d.schema)
			}
			line := newLine(t, pgtest.LoaderURL(t))
			as["url"], as["ssl_mode"] = line.url, "disable"
			d.mustLoad(as, messages(idAndText)...)
			if n := line.beforeCopy(); n < 1 || n > test.most {
				t.Errorf("%d round trips before the first COPY, want at most %d", n, test.most)
			}
			if n := line.roundTrips(); n > test.all {
				t.Errorf("%d round trips, want at most %d", n, test.all)
			}
			d.want("SELECT DISTINCT v FROM t", "a")
		})
	}
}

// A schema of many tables is not read whole for one stream of it.
func TestASchemaOfManyTablesIsReadByTheTable(t *testing.T) {
	t.Parallel()
	d := look(t)
	d.run(`DO $$ BEGIN FOR i IN 1..310 LOOP EXECUTE format('CREATE TABLE item_%s (id int)', i); END LOOP; END $$`)
	streams := func(v string) (messages []string) {
		for i := range 25 { // so many that the rest is read at once after all
			name := fmt.Sprintf("t%d", i)
			messages = append(messages, schemaOf(name, idAndText, "id"), record(name, `{"id":1,"v":"`+v+`"}`))
		}
		return messages
	}
	d.mustLoad(settings{}, streams("old")...)
	line := newLine(t, pgtest.LoaderURL(t))
	d.mustLoad(settings{"url": line.url, "ssl_mode": "disable"}, streams("new")...)
	if n := line.beforeCopy(); n > 21 {
		t.Errorf("%d round trips before the first COPY, want at most 21", n)
	}
	d.want("SELECT v FROM t0 UNION ALL SELECT v FROM t24", "new", "new")
}

// The tables of streams that are described one after the other are made together, with one look at what became of them.
func TestNewTablesAreMadeTogether(t *testing.T) {
	t.Parallel()
	d := look(t)
	var messages, records []string
	for i := range 60 {
		name := fmt.Sprintf("t%d", i)
		messages, records = append(messages, schemaOf(name, idAndText, "id")), append(records, record(name, `{"id":1,"v":"a"}`))
	}
	line := newLine(t, pgtest.LoaderURL(t))
	d.mustLoad(settings{"url": line.url, "ssl_mode": "disable"}, append(messages, records...)...)
	if n := line.beforeCopy(); n < 3 || n > 4 { // a look, and fifty tables in a transaction
		t.Errorf("%d round trips before the first COPY, want 3", n)
	}
	d.want("SELECT v FROM t0 UNION ALL SELECT v FROM t59", "a", "a")
}

// A connection that is lost before, while or after tables are made together is made again, as at any other time.
func TestTablesAreMadeTogetherOverAConnectionThatIsLost(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"pg_default_acl", "CREATE TABLE", "COMMENT ON TABLE", `COPY "`} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			d := look(t)
			var lost atomic.Bool
			line := newLine(t, pgtest.LoaderURL(t))
			line.hangsUp = func(data []byte) bool { return bytes.Contains(data, []byte(at)) && lost.CompareAndSwap(false, true) }
			var messages, records []string
			for i := range 3 {
				name := fmt.Sprintf("t%d", i)
				messages, records = append(messages, schemaOf(name, idAndText, "id")), append(records, record(name, `{"id":1,"v":"a"}`))
			}
			d.mustLoad(settings{"url": line.url, "ssl_mode": "disable"}, append(messages, records...)...)
			if !lost.Load() {
				t.Error("no connection was lost")
			}
			d.want("SELECT v FROM t0 UNION ALL SELECT v FROM t1 UNION ALL SELECT v FROM t2", "a", "a", "a")
		})
	}
}
