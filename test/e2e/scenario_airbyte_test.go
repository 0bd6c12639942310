package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// airbyte says whether the folder is about the write command: then it has a catalog, N.catalog.json for a run or
// catalog.json for all.
func (s *scenario) airbyte() bool {
	found, err := filepath.Glob(filepath.Join(s.folder, "*catalog.json"))
	return err == nil && len(found) > 0
}

// args is the command line of run n.
func (s *scenario) args(t *testing.T, n int) []string {
	t.Helper()
	if !s.airbyte() {
		return s.config(t, n)
	}
	catalog := s.read(t, fmt.Sprintf("%d.catalog.json", n))
	if catalog == "" {
		catalog = s.read(t, "catalog.json")
	}
	file := filepath.Join(t.TempDir(), "catalog.json")
	if err := os.WriteFile(file, []byte(catalog), 0o600); err != nil {
		t.Fatal(err)
	}
	s.dropNamespaces(t)
	return append(append([]string{"write"}, s.config(t, n)...), "--catalog", file)
}

// dropNamespaces removes the schemas that the namespaces {{schema}}_… become, when the test ends.
func (s *scenario) dropNamespaces(t *testing.T) {
	t.Helper()
	t.Cleanup(func() {
		rows, err := s.conn.Query(context.Background(), "SELECT nspname FROM pg_namespace WHERE nspname LIKE $1", s.schema+`\_%`)
		if err != nil {
			return // the connection went first
		}
		names, _ := pgx.CollectRows(rows, pgx.RowTo[string])
		for _, name := range names {
			_, _ = s.conn.Exec(context.Background(), "DROP SCHEMA "+pgx.Identifier{name}.Sanitize()+" CASCADE")
		}
	})
}

var emittedAt = regexp.MustCompile(`"emitted_at":[0-9.]+,`)

// withoutLogs takes the LOG messages, and the times of others, out of what was printed. Every line has to be a message.
func withoutLogs(t *testing.T, printed string) (messages, logged string) {
	t.Helper()
	for line := range strings.Lines(printed) {
		var message struct {
			Type string
			Log  struct{ Level, Message string }
		}
		if err := json.Unmarshal([]byte(line), &message); err != nil {
			t.Errorf("stdout has a line that is no message: %s", line)
		}
		if message.Type == "LOG" {
			logged += message.Log.Level + " " + message.Log.Message + "\n"
			continue
		}
		if message.Type == "TRACE" {
			line = emittedAt.ReplaceAllString(line, "")
		}
		messages += line
	}
	return messages, logged
}

// airbyteTable is the query of all columns but _airbyte_raw_id, which must be a UUID of its own in every row.
func (s *scenario) airbyteTable(t *testing.T, schema, name string) string {
	t.Helper()
	var columns string
	err := s.conn.QueryRow(t.Context(), `SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
		WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attname <> '_airbyte_raw_id'`,
		pgx.Identifier{schema, name}.Sanitize()).Scan(&columns)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	table := pgx.Identifier{schema, name}.Sanitize()
	var bad int
	err = s.conn.QueryRow(t.Context(), `SELECT count(*) - count(DISTINCT _airbyte_raw_id) FILTER (WHERE _airbyte_raw_id ~
		'^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$') FROM `+table).Scan(&bad)
	if err != nil || bad != 0 {
		t.Errorf("%s has %d rows without a UUID of their own, %v", name, bad, err)
	}
	return "SELECT " + columns + " FROM " + table + " AS t ORDER BY _airbyte_generation_id, " + columns
}
