package target_test

import (
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"target-postgres/internal/pgtest"
)

// TestBothKindsOfRejectionAtOnce rejects records in the goroutine that reads the input, because they cannot be encoded,
// and in the one that loads, because the server refuses them. The input is slower than the database, so that both are
// at work. Delete marks change the stream's layout meanwhile. The race detector judges it.
func TestBothKindsOfRejectionAtOnce(t *testing.T) {
	t.Parallel()
	d := look(t)
	d.run("CREATE TABLE t (id bigint PRIMARY KEY, n bigint CHECK (n <> 7), _sdc_deleted_at timestamptz)")
	cfg := newConfig(t, d.schema, settings{
		"on_bad_record": "reject", "max_rejected_records": 1000, "batch_max_rows": 4, "batch_max_age": 0.002, "hard_delete": true,
	})
	in, out := io.Pipe()
	tick := time.NewTicker(200 * time.Microsecond)
	defer tick.Stop()
	go func() {
		fmt.Fprintln(out, schemaOf("t", `{"id":{"type":"integer"},"n":{"type":"integer"}}`, "id"))
		for id := range 300 {
			n, mark := fmt.Sprint(id), ""
			switch {
			case id%3 == 1:
				n = `"no number"`
			case id%3 == 2:
				n = "7"
			case id == 150:
				mark = `,"_sdc_deleted_at":"2024-01-01T00:00:00Z"`
			}
			fmt.Fprintln(out, record("t", fmt.Sprintf(`{"id":%d,"n":%s%s}`, id, n, mark)))
			<-tick.C
		}
		out.Close()
	}()
	if err := newTarget(t, cfg, in, io.Discard).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := d.one("SELECT (SELECT count(*) FROM t) || ' loaded, ' || (SELECT count(*) FROM _singular_rejected) || ' rejected'"); got != "99 loaded, 200 rejected" {
		t.Error(got)
	}
}

// TestASchemaChangesInEachModeWhileRecordsAreRejected changes the SCHEMA in the midst of a run whose batches are small,
// so that rows from before the change are still being committed, and rejects records of both kinds on either side. The
// race detector judges it.
func TestASchemaChangesInEachModeWhileRecordsAreRejected(t *testing.T) {
	t.Parallel()
	narrow, wide := `{"id":{"type":"integer"},"n":{"type":"integer"}}`, `{"id":{"type":"integer"},"n":{"type":"integer"},"v":{"type":"string"}}`
	messages := []string{schemaOf("t", narrow, "id")}
	for id := range 120 {
		n := strconv.Itoa(100 + id)
		switch {
		case id == 60:
			messages = append(messages, schemaOf("t", wide, "id"))
		case id%3 == 1:
			n = `"no number"`
		case id%3 == 2:
			n = "7"
		}
		messages = append(messages, record("t", fmt.Sprintf(`{"id":%d,"n":%s,"v":"after"}`, id, n)))
	}
	for _, mode := range append(keyedModes(), "append") {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			d := look(t)
			d.mustLoad(settings{"load_mode": mode}, schemaOf("t", narrow, "id"), record("t", `{"id":1000,"n":1}`))
			d.run("ALTER TABLE t ADD CHECK (n <> 7)")
			d.mustLoad(settings{"load_mode": mode, "on_bad_record": "reject", "max_rejected_records": 1000, "batch_max_rows": 4}, messages...)
			d.want("SELECT count(*), count(v) FROM t WHERE id < 1000", "40 | 20")
			d.want("SELECT count(*) FILTER (WHERE line <= 62), count(*) FROM _singular_rejected", "40 | 80")
		})
	}
}

// TestOnlyARejectedRecordMissesATableOfRejectsThatCannotBeMade has a role that may write to its stream's table, and may
// make none.
func TestOnlyARejectedRecordMissesATableOfRejectsThatCannotBeMade(t *testing.T) {
	t.Parallel()
	role := setupFromREADME(t)
	at, err := url.Parse(role)
	if err != nil {
		t.Fatal(err)
	}
	admin, err := url.Parse(pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	admin.Path = at.Path
	conn := pgtest.ConnectTo(t, admin.String())
	name := pgx.Identifier{at.User.Username()}.Sanitize()
	if _, err := conn.Exec(t.Context(), "CREATE TABLE raw.t (id bigint PRIMARY KEY, day date CHECK (day > '2000-01-01')); GRANT ALL ON raw.t TO "+name+
		"; REVOKE CREATE ON SCHEMA raw FROM "+name); err != nil {
		t.Fatal(err)
	}
	grant := `GRANT USAGE, CREATE ON SCHEMA "raw" TO ` + name
	for _, mode := range []string{"append", "upsert"} {
		cfg := newConfig(t, "raw", settings{"url": role, "on_bad_record": "reject", "load_mode": mode})
		for _, test := range []struct{ day, says string }{
			{`"2024-01-02"`, ""}, {`"soon"`, `line 4, stream "t", column "day"`}, {`"1999-01-01"`, "line 4"},
		} {
			if _, err := conn.Exec(t.Context(), "TRUNCATE raw.t"); err != nil {
				t.Fatal(err)
			}
			out, err := load(t, cfg, schemaOf("t", `{"id":{"type":"integer"},"day":{"type":["null","string"],"format":"date"}}`, "id"),
				record("t", `{"id":1,"day":null}`), stateOf("1"), record("t", `{"id":2,"day":`+test.day+`}`), stateOf("2"))
			if test.says == "" {
				if err != nil || !slices.Equal(out, []string{"2"}) {
					t.Errorf("%s, a clean stream: %v, STATE %q", mode, err, out)
				}
				continue
			}
			if err == nil || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), grant) || !slices.Equal(out, []string{"1"}) {
				t.Errorf("%s, %s: %v, STATE %q", mode, test.day, err, out)
			}
			var rows int
			if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM raw.t").Scan(&rows); err != nil || rows != 1 {
				t.Errorf("%s, %s: %d rows, %v", mode, test.day, rows, err)
			}
		}
	}
}
