package target_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"target-postgres/protocol"
)

// cutWays are load modes and settings under which records of a key are left out, so that others decide how the key is
// spelled.
func cutWays() map[string]settings {
	return map[string]settings{
		"new keys, hard deletes":                {"on_conflict": "ignore", "hard_delete": true},
		"known keys by order, hard deletes":     {"on_missing": "ignore", "hard_delete": true, "order_by": "c"},
		"Airbyte, new keys":                     {"on_conflict": "ignore"},
		"Airbyte, new keys that may be marked":  {"on_conflict": "ignore", "streams": map[string]any{"t": map[string]any{"load_mode": "soft_delete"}}},
		"Airbyte, by the cursor, with versions": {"streams": map[string]any{"t": map[string]any{"load_mode": "history"}}},
	}
}

// cutRecords are records of several keys, whose spellings, orders and deletes are random. Those of a key come in a row.
func cutRecords(keys int) []string {
	r := rand.New(rand.NewPCG(0, 1)) // the same every time
	var records []string
	for key := range keys {
		for n := range 7 {
			c := []string{"0", "1", "1.0", "2", "3", "null"}[r.IntN(6)]
			mark := ""
			if r.IntN(3) == 0 {
				mark = `,"_sdc_deleted_at":"2026-01-01T00:00:00Z"`
			}
			records = append(records, fmt.Sprintf(`{"k":%d%s,"c":%s,"v":%d%s}`, key, []string{"", ".0", ".00"}[r.IntN(3)], c, n, mark))
		}
	}
	return records
}

func TestWhereABatchEndsDecidesNothing(t *testing.T) {
	t.Parallel()
	for name, as := range cutWays() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var want []string
			for _, batch := range []int{1, 2, 1000} {
				d := look(t)
				d.run("CREATE TABLE t (k numeric, c numeric, v numeric, _sdc_deleted_at timestamptz, _ab_cdc_deleted_at timestamptz); INSERT INTO t SELECT k, 1, -1 FROM generate_series(0, 8, 2) AS k")
				if err := cutLoad(t, d, merged(as, settings{"batch_max_rows": batch}), strings.HasPrefix(name, "Airbyte"), cutRecords(8)); err != nil {
					t.Fatal(err)
				}
				rows := d.rows("SELECT k, trim_scale(c), v, r ->> '_singular_active', r ->> '_singular_deleted' FROM t, to_jsonb(t) AS r ORDER BY t.k, v, 4")
				if want == nil {
					want = rows
				} else if !slices.Equal(rows, want) {
					t.Fatalf("batches of %d give\n%s\nwant\n%s", batch, strings.Join(rows, "\n"), strings.Join(want, "\n"))
				}
			}
		})
	}
}

func cutLoad(t *testing.T, d *database, as settings, airbyte bool, records []string) error {
	t.Helper()
	const fields = `{"k":{"type":"number"},"c":{"type":["null","number"]},"v":{"type":["null","number"]},"_sdc_deleted_at":{"type":["null","string"],"format":"date-time"}}`
	if !airbyte {
		messages := []string{schemaOf("t", fields, "k")}
		for _, r := range records {
			messages = append(messages, record("t", r))
		}
		return hear(t, newConfig(t, d.schema, as), protocol.NewSinger(strings.NewReader(strings.Join(messages, "\n")), 0), &strings.Builder{}, func(string) {})
	}
	catalog, err := protocol.ParseCatalog([]byte(fmt.Sprintf(`{"streams":[{"stream":{"name":"t","json_schema":{"type":"object","properties":%s}},
		"sync_mode":"incremental","destination_sync_mode":"append_dedup","cursor_field":["c"],"primary_key":[["k"]],"generation_id":1,"minimum_generation_id":0,"sync_id":1}]}`,
		strings.ReplaceAll(fields, "_sdc_deleted_at", "_ab_cdc_deleted_at"))))
	if err != nil {
		t.Fatal(err)
	}
	var messages []string
	for _, r := range records {
		messages = append(messages, `{"type":"RECORD","record":{"stream":"t","emitted_at":1,"data":`+strings.ReplaceAll(r, "_sdc_deleted_at", "_ab_cdc_deleted_at")+`}}`)
	}
	messages = append(messages, `{"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1,"stream_status":{"stream_descriptor":{"name":"t"},"status":"COMPLETE"}}}`)
	return hear(t, newConfig(t, d.schema, as), protocol.NewAirbyte(strings.NewReader(strings.Join(messages, "\n")), catalog, 0), &strings.Builder{}, func(string) {})
}
