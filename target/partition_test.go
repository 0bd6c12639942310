package target_test

import (
	"strings"
	"testing"

	"target-postgres/internal/pgtest"
)

// Inserts and updates of an INSERT … ON CONFLICT are told apart by the counters of the partitions: the table has none.
func TestRowsOfPartitionsAreCounted(t *testing.T) {
	t.Parallel()
	schema, conn := pgtest.Schema(t), pgtest.Connect(t)
	sql := "CREATE TABLE " + schema + ".t (id bigint PRIMARY KEY, v text) PARTITION BY HASH (id);" +
		"CREATE TABLE " + schema + ".t0 PARTITION OF " + schema + ".t FOR VALUES WITH (MODULUS 2, REMAINDER 0);" +
		"CREATE TABLE " + schema + ".t1 PARTITION OF " + schema + ".t FOR VALUES WITH (MODULUS 2, REMAINDER 1);" +
		"INSERT INTO " + schema + ".t SELECT n, 'old' FROM generate_series(1, 6) AS n"
	if _, err := conn.PgConn().Exec(t.Context(), sql).ReadAll(); err != nil {
		t.Fatal(err)
	}
	messages := []string{schemaOf("t", `{"id":{"type":"integer"},"v":{"type":"string"}}`, "id")}
	for _, row := range []string{`{"id":1,"v":"old"}`, `{"id":2,"v":"new"}`, `{"id":3,"v":"new"}`, `{"id":7,"v":"new"}`} {
		messages = append(messages, record("t", row))
	}
	var out strings.Builder
	run := newTarget(t, newConfig(t, schema, nil), strings.NewReader(strings.Join(messages, "\n")), &out)
	if err := run.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := run.Summary(nil).Streams[0]; s.Inserted != 1 || s.Updated != 2 || s.Unchanged != 1 {
		t.Errorf("%d inserted, %d updated, %d unchanged", s.Inserted, s.Updated, s.Unchanged)
	}
}
