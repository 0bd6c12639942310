package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"target-postgres/internal/pgtest"
	"target-postgres/target/ddl"
	"target-postgres/target/stats"
	"target-postgres/target/summary"
)

func TestTheSummarySaysWhyRecordsWereRejectedAndWhatBecameOfTables(t *testing.T) {
	t.Parallel()
	schema := pgtest.Schema(t)
	pgtest.Execute(t, "CREATE TABLE "+schema+".users (id bigint PRIMARY KEY CHECK (id <> 3))")
	cfg := configFile(t, map[string]any{"url": pgtest.URL(t), "schema": schema, "on_bad_record": "reject"})
	input := `{"type":"SCHEMA","stream":"users","schema":{"properties":{"id":{"type":"integer"},"name":{"type":"string"}}},"key_properties":["id"]}
{"type":"RECORD","stream":"users","record":{"id":"one"}}
{"type":"RECORD","stream":"users","record":{"id":3}}
{"type":"RECORD","stream":"users","record":{"id":"two"}}
`
	path := filepath.Join(t.TempDir(), "summary.json")
	got := invocation{args: []string{"--config", cfg, "--summary", path}, stdin: input}.run(t)
	if got.code != 0 {
		t.Fatalf("exit code %d: %s", got.code, got.stderr)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var sum summary.Run
	if err := json.Unmarshal(data, &sum); err != nil {
		t.Fatal(err)
	}
	want := []stats.RejectSummary{
		{Stream: "users", Column: "id", Reason: "the value does not fit the column's type bigint: the text is not a whole number", Count: 2, FirstLine: 2},
		{Stream: "users", Reason: `a row breaks the check constraint "users_id_check" of "users": SQLSTATE 23514`, Count: 1, FirstLine: 3},
	}
	if diff := cmp.Diff(want, sum.Rejects); diff != "" {
		t.Error(diff)
	}
	changes := []ddl.Change{
		{Stream: "_singular_rejected", Change: `created table "` + schema + `"."_singular_rejected" with 5 columns`},
		{Stream: "users", Change: `added column "name" text to "` + schema + `"."users"`},
	}
	if diff := cmp.Diff(changes, sum.SchemaChanges); diff != "" {
		t.Error(diff)
	}
}
