package target_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"target-postgres/internal/pgtest"
)

const afterCreateSchema = `{"id":{"type":"integer"},"at":{"type":"string","format":"date-time"},"v":{"type":["null","string"]}}`

// texts runs a query for one column.
func texts(t *testing.T, conn *pgx.Conn, query string, args ...any) []string {
	t.Helper()
	rows, err := conn.Query(t.Context(), query, args...)
	if err != nil {
		t.Fatal(err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// A table that after_create has turned into a partitioned one, by another column than the key, is merged correctly in
// the run that made it and in those after it.
func TestAfterCreateMayTurnTheTableIntoAPartitionedOne(t *testing.T) {
	t.Parallel()
	const sql = `ALTER TABLE {table} RENAME TO template;
		CREATE TABLE {table} (LIKE {schema}.template INCLUDING DEFAULTS INCLUDING COMMENTS) PARTITION BY RANGE (at);
		DROP TABLE {schema}.template;
		CREATE TABLE {schema}.orders_2025 PARTITION OF {table} FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
		CREATE TABLE {schema}.orders_rest PARTITION OF {table} DEFAULT;`
	for _, mode := range []string{"append", "replace", "upsert", "soft_delete", "history"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			schema, conn := pgtest.Schema(t), pgtest.Connect(t)
			cfg := newConfig(t, schema, settings{"load_mode": mode, "streams": map[string]any{"orders": map[string]any{"after_create": sql}}})
			messages := []string{
				schemaOf("orders", afterCreateSchema, "id"),
				record("orders", `{"id":1,"at":"2025-05-01T00:00:00Z","v":"a"}`),
				record("orders", `{"id":2,"at":"2024-05-01T00:00:00Z","v":"b"}`),
			}
			if _, err := load(t, cfg, messages...); err != nil {
				t.Fatal(err)
			}
			messages = append(messages, record("orders", `{"id":1,"at":"2026-05-01T00:00:00Z","v":"moved"}`))
			if _, err := load(t, cfg, messages...); err != nil {
				t.Fatal(err)
			}
			current := map[string]string{"history": " WHERE _singular_active"}[mode]
			got := texts(t, conn, fmt.Sprintf("SELECT tableoid::regclass::text || id || v FROM %s.orders%s ORDER BY id, v", schema, current))
			in := func(part, row string) string { return schema + ".orders_" + part + row }
			want := []string{in("rest", "1moved"), in("rest", "2b")}
			if mode == "append" {
				want = []string{in("2025", "1a"), in("2025", "1a"), in("rest", "1moved"), in("rest", "2b"), in("rest", "2b")}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestAfterCreateRunsOnceForEveryTable(t *testing.T) {
	t.Parallel()
	schema, conn := pgtest.Schema(t), pgtest.Connect(t)
	if _, err := conn.Exec(t.Context(), "CREATE TABLE "+schema+".made (name text)"); err != nil {
		t.Fatal(err)
	}
	cfg := func() settings {
		return settings{
			"after_create": "INSERT INTO " + schema + ".made VALUES ({table_literal}); GRANT SELECT ON {table} TO PUBLIC",
			"load_mode":    "replace", "on_bad_record": "reject",
			"streams": map[string]any{"quiet": map[string]any{"after_create": ""}},
		}
	}
	messages := func() []string {
		return []string{
			schemaOf(`it's "one"`, `{"id":{"type":"integer"}}`, "id"), record(`it's "one"`, `{"id":1}`),
			schemaOf("quiet", `{"id":{"type":"integer"}}`, "id"), record("quiet", `{"id":1}`),
		}
	}
	// Two at a time, of which one makes the tables; where both replace, the older one gives way.
	one := func() error {
		more := cfg()
		more["load_mode"] = "upsert"
		_, err := load(t, newConfig(t, schema, more), messages()...)
		return err
	}
	runTogether(t, one, one)
	if _, err := load(t, newConfig(t, schema, cfg()), messages()...); err != nil {
		t.Fatal(err)
	}
	want := []string{pgx.Identifier{schema, `it's "one"`}.Sanitize()}
	if diff := cmp.Diff(want, texts(t, conn, "SELECT name FROM "+schema+".made")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	granted := texts(t, conn, "SELECT c.relname FROM pg_class c, aclexplode(c.relacl) a WHERE c.relnamespace = $1::regnamespace AND a.grantee = 0", schema)
	if diff := cmp.Diff([]string{`it's "one"`}, granted); diff != "" {
		t.Errorf("granted (-want +got)\n%s", diff)
	}
}

func TestAKeyThatAfterCreateDropsDoesNotComeBack(t *testing.T) {
	t.Parallel()
	d := look(t)
	as := settings{"after_create": "ALTER TABLE {table} DROP CONSTRAINT t_pkey; CREATE INDEX ON {table} (id)"}
	for _, v := range []string{"a", "b", "c"} {
		d.mustLoad(as, schemaOf("t", idAndText, "id"), record("t", `{"id":1,"v":"`+v+`"}`), record("t", `{"id":2,"v":"x"}`))
	}
	d.want("SELECT id, v FROM t ORDER BY id", "1 | c", "2 | x")
	d.want("SELECT indisunique FROM pg_index WHERE indrelid = 't'::regclass", "f")
}

func TestAfterCreateThatFailsLeavesNoTable(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ sql, want string }{
		"an error":                  {"SELECT create_distributed_table({table_literal}, 'id')", "after_create: function create_distributed_table(unknown, unknown) does not exist"},
		"a text without its end":    {"SELECT 1;\n SELECT 'geheim", "after_create: a syntax error, or a text or name without its end, in line 2 of it at character 9"},
		"no table":                  {"DROP TABLE {table}", "after_create left no table"},
		"a view":                    {"ALTER TABLE {table} RENAME TO base; CREATE VIEW {table} AS SELECT * FROM {schema}.base", "is a view"},
		"a column less":             {"ALTER TABLE {table} DROP COLUMN v", `column "v": after_create left the table without this column`},
		"an end of the transaction": {"ROLLBACK; BEGIN", "after_create ended the transaction"},
		"an end without another":    {"ROLLBACK", "after_create ended the transaction"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			schema, conn := pgtest.Schema(t), pgtest.Connect(t)
			cfg := newConfig(t, schema, settings{"after_create": test.sql})
			_, err := load(t, cfg, schemaOf("orders", afterCreateSchema, "id"), record("orders", `{"id":1}`))
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "orders") {
				t.Errorf("%v, want %q in it", err, test.want)
			}
			if left := texts(t, conn, "SELECT relname FROM pg_class WHERE relnamespace = $1::regnamespace", schema); len(left) > 0 {
				t.Errorf("left: %v", left)
			}
		})
	}
}

func TestDryRunShowsAfterCreate(t *testing.T) {
	t.Parallel()
	schema := pgtest.Schema(t)
	cfg := newConfig(t, schema, settings{"after_create": "SELECT create_distributed_table({table_literal}, 'id');\n"})
	var out strings.Builder
	run := newTarget(t, cfg, strings.NewReader(schemaOf("orders", afterCreateSchema, "id")), &out)
	run.DryRun(&out)
	if err := run.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := "\nSELECT create_distributed_table('" + pgx.Identifier{schema, "orders"}.Sanitize() + "', 'id');\n"
	if !strings.HasSuffix(out.String(), want) {
		t.Errorf("%q is not at the end of:\n%s", want, out.String())
	}
}
