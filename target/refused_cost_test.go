package target_test

import (
	"fmt"
	"strings"
	"testing"

	"target-postgres/internal/pgtest"
	"target-postgres/protocol"
	"target-postgres/target/failure"
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

// TestARowWithTwoBadValuesIsRefusedWhereverItStands has a row for which no single value is to blame, by itself or after
// many rows with one bad value each, and one whose key is bad as well.
func TestARowWithTwoBadValuesIsRefusedWhereverItStands(t *testing.T) {
	t.Parallel()
	catalog, err := protocol.ParseCatalog([]byte(`{"streams":[{"stream":{"name":"t","json_schema":{"type":"object","properties":
		{"k":{"type":"integer"},"v":{"type":["null","integer"]},"x":{"type":["null","integer"]}}}},"sync_mode":"incremental",
		"destination_sync_mode":"append_dedup","cursor_field":[],"primary_key":[["k"]],"generation_id":1,"minimum_generation_id":0,"sync_id":1}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, before := range []int{0, 40} {
		d := look(t)
		d.run(`CREATE TABLE t (k bigint PRIMARY KEY CHECK (k < 1000), v bigint CHECK (v < 100), x bigint CHECK (x < 100),
			_airbyte_raw_id text, _airbyte_extracted_at timestamptz, _airbyte_meta jsonb, _airbyte_generation_id bigint)`)
		var messages []string
		say := func(k, v, x int) {
			messages = append(messages, fmt.Sprintf(`{"type":"RECORD","record":{"stream":"t","emitted_at":1,"data":{"k":%d,"v":%d,"x":%d}}}`, k, v, x))
		}
		for k := range before {
			say(k, 4711*(k%2), 4711*(1-k%2))
			say(1000+k, 1, 1)
		}
		say(100, 4711, 4711)
		say(5000, 4711, 1)
		messages = append(messages, `{"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1,"stream_status":{"stream_descriptor":{"name":"t"},"status":"COMPLETE"}}}`)
		input := protocol.NewAirbyte(strings.NewReader(strings.Join(messages, "\n")), catalog, 0)
		if err := hear(t, newConfig(t, d.schema, settings{"on_bad_record": "reject"}), input, &strings.Builder{}, func(string) {}); err != nil {
			t.Fatal(err)
		}
		d.want("SELECT count(*), count(*) FILTER (WHERE num_nulls(v, x) = 1) FROM t", fmt.Sprintf("%d | %[1]d", before))
		d.want("SELECT record->>'k', record->>'v', record->>'x' FROM _singular_rejected WHERE record->>'k' IN ('100', '5000') ORDER BY line, 1",
			"100 | 4711 | 4711", "5000 | 4711 | 1")
	}
}

// badInRow are reasons for which the server refuses row after row.
func badInRow() []refusal {
	return []refusal{
		{name: "a value that is none of the type", bad: `"a":"no \"address\", it's %d"`, sql: "SELECT 1"},
		{name: "a check", bad: `"n":4711,"w":"%d"`, sql: "ALTER TABLE t ADD CHECK (n < 100)"},
		{name: "a check of two columns", bad: `"n":4711,"w":"%d"`, sql: "ALTER TABLE t ADD CHECK (n < 100 OR w IS NULL)"},
		{name: "a NULL", bad: `"n":null,"w":"%d"`, sql: "ALTER TABLE t ALTER n SET NOT NULL"},
		{name: "a domain", bad: `"n":4711,"w":"%d"`, sql: "CREATE DOMAIN low AS numeric CHECK (value < 100); ALTER TABLE t ALTER n TYPE low"},
	}
}

// TestRowAfterRowThatTheServerRefusesCostsFewRoundTrips has as many bad rows as good ones. Each bad one is rejected
// with the reason that the server gives to it, and where one is too many the run ends at that one.
func TestRowAfterRowThatTheServerRefusesCostsFewRoundTrips(t *testing.T) {
	t.Parallel()
	const rows = 400
	fields := `{"id":{"type":"integer"},"n":{"type":["null","number"]},"w":{"type":["null","string"]},"a":{"type":["null","string"]}}`
	for _, fault := range badInRow() {
		messages := []string{schemaOf("t", fields, "id")}
		for i := range rows {
			bad := `"n":1,"a":"10.0.0.1"`
			if i%2 == 1 {
				bad = fmt.Sprintf(fault.bad, i)
			}
			messages = append(messages, record("t", fmt.Sprintf(`{"id":%d,%s}`, i, bad)))
		}
		messages = append(messages, stateOf("1"))
		for _, mode := range []string{"append", "upsert", "soft_delete", "history", "replace"} {
			t.Run(fault.name+" "+mode, func(t *testing.T) {
				t.Parallel()
				d := look(t)
				as := settings{"load_mode": mode, "on_bad_record": "reject"}
				key := "bigint"
				if mode == "upsert" {
					key = "numeric" // 1 and 1.0 are one key, so that any row may be superseded
				}
				d.run("CREATE TABLE t (id " + key + " NOT NULL, n numeric, w text, a inet)")
				d.mustLoad(as, schemaOf("t", fields, "id"))
				d.run(fault.sql)
				line := newLine(t, pgtest.LoaderURL(t))
				more := merged(as, settings{"url": line.url, "ssl_mode": "disable"})
				if _, err := load(t, newConfig(t, d.schema, merged(more, settings{"max_rejected_records": rows/4 - 1})), messages...); err == nil {
					t.Error("the run did not end at the record that is one too many")
				} else {
					refused(t, err, failure.Row, fmt.Sprintf("input line %d", rows/2+1), "max_rejected_records")
				}
				if mode == "replace" {
					d.want("SELECT count(*) FROM t", "0") // what it had
				} else {
					d.want("SELECT count(*), max(id) FROM t", fmt.Sprintf("%d | %d", rows/4, rows/2-2))
					d.want("SELECT count(*) FROM _singular_rejected", fmt.Sprint(rows/4-1))
				}
				d.run("DELETE FROM t; DELETE FROM _singular_rejected")
				before := line.roundTrips()
				d.mustLoad(merged(more, settings{"max_rejected_records": rows}), messages...)
				if n := line.roundTrips() - before; n > rows {
					t.Errorf("%d round trips for %d bad rows", n, rows/2)
				}
				d.want("SELECT count(*), sum(id % 2) FROM t", fmt.Sprintf("%d | 0", rows/2))
				d.want("SELECT count(*), count(DISTINCT reason), count(DISTINCT line), sum(line % 2) FROM _singular_rejected", fmt.Sprintf("%d | 1 | %[1]d | %[1]d", rows/2))
				d.want("SELECT count(*) FROM _singular_rejected WHERE (record->>'id')::int + 2 <> line", "0")
			})
		}
	}
}
