package target_test

import (
	"fmt"
	"io"
	"strconv"
	"testing"
	"time"
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
