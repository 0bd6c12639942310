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

// TestRefusedRowsOfPartitionsNameTheTable has rows copied straight into the table, and merged.
func TestRefusedRowsOfPartitionsNameTheTable(t *testing.T) {
	t.Parallel()
	const own = `if it belongs to one of "public"."t", drop that one`
	for name, test := range map[string]struct{ mode, extra, record, want string }{
		"NULL, copied":    {"append", "", `{"id":1,"at":2,"v":null}`, `NULL in column "v" of "t"`},
		"NULL, merged":    {"upsert", "", `{"id":1,"at":2,"v":null}`, `NULL in column "v" of "t"`},
		"a key, copied":   {"append", "CREATE UNIQUE INDEX ON t (v, at)", `{"id":1,"at":2,"v":"a"}`, own},
		"a key, merged":   {"upsert", "CREATE UNIQUE INDEX ON t (v, at)", `{"id":1,"at":2,"v":"a"}`, own},
		"a key of a part": {"append", "CREATE UNIQUE INDEX ON t_1 (v)", `{"id":1,"at":2,"v":"a"}`, own},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := pgtest.Database(t)
			lookInto(t, "public", url).run(`CREATE TABLE t (id bigint, at bigint, v text NOT NULL) PARTITION BY LIST (at); CREATE TABLE t_1 PARTITION OF t FOR VALUES IN (2);
				INSERT INTO t VALUES (7, 2, 'a');` + test.extra)
			cfg := newConfig(t, "public", settings{"url": url, "load_mode": test.mode})
			_, err := load(t, cfg, schemaOf("t", `{"id":{"type":"integer"},"at":{"type":"integer"},"v":{"type":["string","null"]}}`, "id", "at"), record("t", test.record))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}
