package target_test

import (
	"fmt"
	"strings"
	"testing"

	"target-postgres/protocol"
)

// TestScatteredRowsThatTheServerRefusesCostAFewPasses counts how often the server begins to store a row, by a sequence:
// that of an attempt which is rolled back is not taken back.
func TestScatteredRowsThatTheServerRefusesCostAFewPasses(t *testing.T) {
	t.Parallel()
	const rows, every = 4000, 67
	fields := `{"id":{"type":"integer"},"n":{"type":"integer"}}`
	messages := []string{schemaOf("t", fields, "id")}
	bad := 0
	for id := 1; id <= rows; id++ {
		n := 1
		if id%every == 0 {
			bad++
			n = 4711
		}
		messages = append(messages, record("t", fmt.Sprintf(`{"id":%d,"n":%d}`, id, n)))
	}
	messages = append(messages, stateOf("1"))
	for _, mode := range []string{"append", "upsert", "replace", "soft_delete", "history"} {
		for _, first := range []string{"", "after others"} {
			t.Run(mode+" "+first, func(t *testing.T) {
				t.Parallel()
				d := look(t)
				more := settings{"load_mode": mode, "on_bad_record": "reject"}
				d.mustLoad(more, schemaOf("t", fields, "id"))
				if first != "" {
					d.mustLoad(more, schemaOf("t", fields, "id"), record("t", `{"id":0,"n":1}`))
				}
				d.run("CREATE SEQUENCE tried; ALTER TABLE t ADD CHECK (n < 100), ADD tried bigint DEFAULT nextval('tried')")
				d.run("SELECT setval('tried', 1)")
				d.mustLoad(more, messages...)
				d.want("SELECT count(*) FROM t WHERE id > 0", fmt.Sprint(rows-bad))
				d.want("SELECT count(*) FROM _singular_rejected", fmt.Sprint(bad))
				d.want(fmt.Sprintf("SELECT last_value FROM tried WHERE last_value > %d", 4*rows))
			})
		}
	}
}

// TestValuesThatAreBadInRowAfterRowCostFewAttempts has bad values in most rows, in a column with a CHECK and in an
// inet. Every attempt that reaches the table takes a number of a sequence. Good values stay.
func TestValuesThatAreBadInRowAfterRowCostFewAttempts(t *testing.T) {
	t.Parallel()
	const rows, every = 1000, 7
	d := look(t)
	d.run(`CREATE SEQUENCE tried; CREATE TABLE t (k numeric PRIMARY KEY, c numeric, v numeric CONSTRAINT small CHECK (v < 100), a inet,
		_airbyte_raw_id text, _airbyte_extracted_at timestamptz, _airbyte_meta jsonb, _airbyte_generation_id bigint, tried bigint DEFAULT nextval('tried'))`)
	catalog, err := protocol.ParseCatalog([]byte(`{"streams":[{"stream":{"name":"t","json_schema":{"type":"object","properties":
		{"k":{"type":"number"},"v":{"type":["null","number"]},"a":{"type":["null","string"]}}}},"sync_mode":"incremental",
		"destination_sync_mode":"append_dedup","cursor_field":["k"],"primary_key":[["k"]],"generation_id":1,"minimum_generation_id":0,"sync_id":1}]}`))
	if err != nil {
		t.Fatal(err)
	}
	var messages []string
	for k := range rows {
		v, a := "4711", fmt.Sprintf(`"no \"address\", %d"`, k)
		if k%every == 0 {
			v, a = "1", `"10.0.0.1"`
		}
		messages = append(messages, fmt.Sprintf(`{"type":"RECORD","record":{"stream":"t","emitted_at":1,"data":{"k":%d,"v":%s,"a":%s}}}`, k, v, a))
	}
	messages = append(messages, `{"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1,"stream_status":{"stream_descriptor":{"name":"t"},"status":"COMPLETE"}}}`)
	input := protocol.NewAirbyte(strings.NewReader(strings.Join(messages, "\n")), catalog, 0)
	if err := hear(t, newConfig(t, d.schema, settings{}), input, &strings.Builder{}, func(string) {}); err != nil {
		t.Fatal(err)
	}
	good := (rows + every - 1) / every
	d.want("SELECT count(*), count(v), count(a) FROM t", fmt.Sprintf("%d | %d | %[2]d", rows, good))
	d.want("SELECT count(*) FROM t WHERE (v IS NULL) <> (_airbyte_meta->'changes' @> '[{\"field\": \"v\", \"change\": \"NULLED\"}]')", "0")
	d.want("SELECT count(*) FROM t WHERE jsonb_array_length(_airbyte_meta->'changes') NOT IN (0, 2)", "0")
	d.want(fmt.Sprintf("SELECT last_value FROM tried WHERE last_value > %d", 3*rows))
}
