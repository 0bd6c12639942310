package profile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"target-postgres/internal/cli"
	"target-postgres/internal/pgtest"
)

// BenchmarkLoads loads what people load: a table of numbers, one of texts, one with objects, and many small streams, by
// both protocols. Every load comes twice, since most rows of a night are there already.
func BenchmarkLoads(b *testing.B) {
	spec, err := os.ReadFile("../../spec.json")
	if err != nil {
		b.Fatal(err)
	}
	for _, work := range works() {
		b.Run(work.name, func(b *testing.B) {
			for b.Loop() {
				config := writeConfig(b, work.settings)
				for range 2 {
					load(b, spec, work, config)
				}
			}
		})
	}
}

// work is an input with its settings.
type work struct {
	name     string
	settings map[string]any
	catalog  []byte // of Airbyte; nil: Singer
	input    []byte
}

func works() []work {
	flights, texts, objects := table(200_000, flight), table(40_000, text), table(40_000, object)
	catalog, messages := airbyte(100_000)
	return []work{
		{name: "upsert", input: flights},
		{name: "append", input: flights, settings: map[string]any{"load_mode": "append"}},
		{name: "history", input: flights, settings: map[string]any{"load_mode": "history"}},
		{name: "texts", input: texts},
		{name: "objects", input: objects},
		{name: "streams", input: streams(100, 300)},
		{name: "binary", input: flights, settings: map[string]any{"copy_format": "binary"}},
		{name: "airbyte", input: messages, catalog: catalog},
	}
}

// writeConfig names an empty schema.
func writeConfig(b *testing.B, settings map[string]any) string {
	b.Helper()
	config := map[string]any{"url": pgtest.URL(b), "default_target_schema": pgtest.Schema(b)}
	maps.Copy(config, settings)
	return writeJSON(b, "config.json", config)
}

func writeJSON(b *testing.B, name string, value any) string {
	b.Helper()
	content, err := json.Marshal(value)
	if err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(b.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		b.Fatal(err)
	}
	return path
}

func load(b *testing.B, spec []byte, work work, config string) {
	b.Helper()
	args := []string{"--config", config}
	if work.catalog != nil {
		path := filepath.Join(b.TempDir(), "catalog.json")
		if err := os.WriteFile(path, work.catalog, 0o600); err != nil {
			b.Fatal(err)
		}
		args = []string{"write", "--config", config, "--catalog", path}
	}
	stderr, err := os.Create(filepath.Join(b.TempDir(), "stderr"))
	if err != nil {
		b.Fatal(err)
	}
	defer stderr.Close()
	program := cli.Program{
		Version: "profile", Spec: cli.ReadSpec(spec), Args: args, Stdin: bytes.NewReader(work.input), Stdout: io.Discard,
		Stderr: stderr, Getenv: func(string) string { return "" },
	}
	if code := program.Run(b.Context()); code != 0 {
		said, _ := os.ReadFile(stderr.Name())
		b.Fatalf("exit code %d; it said:\n%s", code, said)
	}
}

// columns are a table's fields with their JSON Schema and one row's values.
type columns func(random *rand.Rand, id int) (schema, record string)

// table is a Singer stream of so many rows.
func table(rows int, of columns) []byte {
	var out bytes.Buffer
	random := rand.New(rand.NewPCG(1, 2)) // the same rows each time
	schema, _ := of(random, 0)
	fmt.Fprintf(&out, `{"type": "SCHEMA", "stream": "t", "schema": {"properties": %s}, "key_properties": ["id"]}`+"\n", schema)
	for id := range rows {
		_, record := of(random, id)
		fmt.Fprintf(&out, `{"type": "RECORD", "stream": "t", "record": %s, "time_extracted": "2026-11-23T00:00:00Z"}`+"\n", record)
		if id%10_000 == 9_999 {
			fmt.Fprintf(&out, `{"type": "STATE", "value": {"id": %d}}`+"\n", id)
		}
	}
	return out.Bytes()
}

const (
	integer = `{"type": ["null", "integer"]}`
	number  = `{"type": ["null", "number"]}`
	letters = `{"type": ["null", "string"]}`
	instant = `{"type": ["null", "string"], "format": "date-time"}`
)

// flight has the columns of a flight: numbers, short texts, an instant.
func flight(random *rand.Rand, id int) (schema, record string) {
	schema = `{"id": ` + integer + `, "year": ` + integer + `, "month": ` + integer + `, "day": ` + integer +
		`, "dep_time": ` + number + `, "sched_dep_time": ` + integer + `, "dep_delay": ` + number + `, "arr_time": ` + number +
		`, "sched_arr_time": ` + integer + `, "arr_delay": ` + number + `, "carrier": ` + letters + `, "flight": ` + integer +
		`, "tailnum": ` + letters + `, "origin": ` + letters + `, "dest": ` + letters + `, "air_time": ` + number +
		`, "distance": ` + integer + `, "hour": ` + integer + `, "minute": ` + integer + `, "time_hour": ` + instant + `}`
	n := random.IntN
	delay := fmt.Sprintf("%d.0", n(200)-20)
	if n(40) == 0 {
		delay = "null"
	}
	record = fmt.Sprintf(`{"id": %d, "year": 2013, "month": %d, "day": %d, "dep_time": %d.0, "sched_dep_time": %d, "dep_delay": %s, `+
		`"arr_time": %d.0, "sched_arr_time": %d, "arr_delay": %d.0, "carrier": "UA", "flight": %d, "tailnum": "N%dUA", "origin": "EWR", `+
		`"dest": "IAH", "air_time": %d.0, "distance": %d, "hour": %d, "minute": %d, "time_hour": "2013-%02d-%02dT%02d:00:00Z"}`,
		id, n(12)+1, n(28)+1, n(2400), n(2400), delay, n(2400), n(2400), n(200)-40, n(8000), n(100_000),
		n(600), n(4000), n(24), n(60), n(12)+1, n(28)+1, n(24))
	return schema, record
}

// text has long texts: with escapes, with letters beyond ASCII, and without either.
func text(random *rand.Rand, id int) (schema, record string) {
	schema = `{"id": ` + integer + `, "title": ` + letters + `, "body": ` + letters + `, "created": ` + instant +
		`, "open": {"type": ["null", "boolean"]}, "kind": ` + letters + `}`
	words := []string{"Loading", "the table", "fails\\n", "caf\\u00e9", "naïve", "\\\"quoted\\\"", "a longer stretch of plain words"}
	body := make([]byte, 0, 1024)
	for range 20 + random.IntN(20) {
		body = append(append(body, words[random.IntN(len(words))]...), ' ')
	}
	return schema, fmt.Sprintf(`{"id": %d, "title": "Issue %d", "body": "%s", "created": "2026-11-%02dT10:%02d:11.123456+00:00", "open": %t, `+
		`"kind": null}`, id, id, body, random.IntN(28)+1, random.IntN(60), id%3 == 0)
}

// object has what ends as jsonb.
func object(random *rand.Rand, id int) (schema, record string) {
	schema = `{"id": ` + integer + `, "owner": {"type": ["null", "object"]}, "tags": {"type": ["null", "array"]}, "price": ` +
		`{"type": "number", "multipleOf": 0.01}, "day": {"type": "string", "format": "date"}}`
	n := random.IntN
	return schema, fmt.Sprintf(`{"id": %d, "owner": {"login": "user%d", "address": {"city": "Köln", "zip": "%05d"}, "admin": false}, `+
		`"tags": ["a", "b%d", 3, null], "price": %d.%02d, "day": "2026-%02d-%02d"}`, id, n(999), n(99_999), n(9), n(500), n(100), n(12)+1, n(28)+1)
}

// streams are many small streams, one record of each in turn.
func streams(count, rows int) []byte {
	var out bytes.Buffer
	for s := range count {
		fmt.Fprintf(&out, `{"type": "SCHEMA", "stream": "s%d", "schema": {"properties": {"id": %s, "name": %s, "price": %s}}, "key_properties": ["id"]}`+
			"\n", s, integer, letters, number)
	}
	for id := range rows {
		for s := range count {
			fmt.Fprintf(&out, `{"type": "RECORD", "stream": "s%d", "record": {"id": %d, "name": "row %d", "price": %d.5}}`+"\n", s, id, id, id)
		}
	}
	return out.Bytes()
}

// airbyte is a catalog and its messages.
func airbyte(rows int) (catalog, messages []byte) {
	random := rand.New(rand.NewPCG(3, 4))
	schema, _ := flight(random, 0)
	catalog = fmt.Appendf(nil, `{"streams": [{"stream": {"name": "t", "json_schema": {"properties": %s}, "supported_sync_modes": ["incremental"]}, `+
		`"sync_mode": "incremental", "destination_sync_mode": "append_dedup", "primary_key": [["id"]], "cursor_field": ["time_hour"], `+
		`"generation_id": 1, "minimum_generation_id": 0, "sync_id": 1}]}`, schema)
	var out bytes.Buffer
	for id := range rows {
		_, record := flight(random, id)
		fmt.Fprintf(&out, `{"type": "RECORD", "record": {"stream": "t", "data": %s, "emitted_at": 1764000000000}}`+"\n", record)
	}
	out.WriteString(`{"type": "TRACE", "trace": {"type": "STREAM_STATUS", "emitted_at": 1764000000000, "stream_status": {"stream_descriptor": ` +
		`{"name": "t"}, "status": "COMPLETE"}}}` + "\n")
	return catalog, out.Bytes()
}
