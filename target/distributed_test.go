package target_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"target-postgres/internal/pgtest"
)

// likeCitus puts into a database what of Citus the program looks at, says that a table is distributed, and refuses what
// Citus refuses of its rows.
func likeCitus(t *testing.T, conn *pgx.Conn, table, column string) {
	t.Helper()
	kind, model := "h", "s"
	if column == "" {
		kind, model = "n", "t" // a reference table
	}
	sql := fmt.Sprintf(`SET allow_system_table_mods = on;
		CREATE TABLE pg_catalog.pg_dist_partition (logicalrelid regclass, partmethod "char", partkey text, repmodel "char");
		CREATE FUNCTION pg_catalog.column_to_column_name(regclass, text) RETURNS text LANGUAGE sql STRICT AS 'SELECT $2';
		INSERT INTO pg_catalog.pg_dist_partition VALUES ('%[1]s', '%[3]s', nullif('%[2]s', ''), '%[4]s');
		CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			RAISE EXCEPTION 'modifying the partition value of rows is not allowed' USING ERRCODE = '0A000'; END $$;
		`, table, column, kind, model)
	if column != "" {
		sql += fmt.Sprintf("CREATE TRIGGER refuse BEFORE UPDATE OF %[2]s ON %[1]s FOR EACH STATEMENT EXECUTE FUNCTION refuse()", table, column)
	}
	if _, err := conn.PgConn().Exec(t.Context(), sql).ReadAll(); err != nil {
		t.Skipf("the role may not change the system's catalog: %v", err)
	}
}

// The statements themselves are held against Citus' rules in package merge.
func TestATableThatCitusDistributesIsMergedInItsOwnForm(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ mode, column string }{
		{"upsert", "id"},
		{"upsert", "region"},
		{"soft_delete", "id"},
		{"soft_delete", "region"},
		{"history", "id"},
		{"replace", "id"},
		{"append", "id"},
		{"upsert", ""},
		{"soft_delete", ""},
		{"history", ""},
		{"replace", ""},
	} {
		t.Run(test.mode+" by "+test.column, func(t *testing.T) {
			t.Parallel()
			database := pgtest.Database(t)
			conn := pgtest.ConnectTo(t, database)
			cfg := newConfig(t, "public", settings{"url": database, "load_mode": test.mode})
			message := func(id int, region, v string) string {
				return record("t", fmt.Sprintf(`{"id":%d,"region":%q,"v":%q}`, id, region, v))
			}
			schema := schemaOf("t", `{"id":{"type":"integer"},"region":{"type":"string"},"v":{"type":"string"}}`, "id")
			if _, err := load(t, cfg, schema); err != nil {
				t.Fatal(err)
			}
			likeCitus(t, conn, "public.t", test.column)
			if _, err := load(t, cfg, schema, message(1, "eu", "a"), message(2, "us", "b"), message(3, "us", "c")); err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			run := newTarget(t, cfg, strings.NewReader(strings.Join([]string{
				schema, message(1, "us", "a"), message(2, "us", "bb"), message(3, "us", "c"), message(4, "eu", "d"), message(4, "eu", "dd"),
			}, "\n")), &out)
			if err := run.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			current := map[string]string{"history": " WHERE _singular_active"}[test.mode]
			want := []string{"1usa", "2usbb", "3usc", "4eudd"}
			if test.mode == "append" {
				want = []string{"1eua", "1usa", "2usb", "2usbb", "3usc", "3usc", "4eud", "4eudd"}
			}
			got := texts(t, conn, "SELECT id || region || v FROM public.t"+current+" ORDER BY 1")
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			summary := run.Summary(nil).Streams[0]
			counts := map[string][2]int64{
				"upsert by id": {1, 2}, "upsert by region": {2, 1}, "soft_delete by id": {1, 2}, "soft_delete by region": {2, 1},
				"history by id": {4, 2}, "replace by id": {4, 0}, "append by id": {5, 0},
				"upsert by ": {1, 2}, "soft_delete by ": {1, 2}, "history by ": {4, 2}, "replace by ": {4, 0},
			}[test.mode+" by "+test.column]
			if summary.Inserted != counts[0] || summary.Updated != counts[1] {
				t.Errorf("%d inserted, %d updated, want %v", summary.Inserted, summary.Updated, counts)
			}
		})
	}
}

// TestCitusMakesFewConnectionsForATransaction has a column keep what is set while the rows are copied: a table that
// Citus distributes bounds the connections to a worker and has them kept, unless the user has set more than that.
func TestCitusMakesFewConnectionsForATransaction(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		pool, kept  int
		distributed bool
		want        string
	}{{16, 1, true, "4 4"}, {2, 9, true, "2 9"}, {16, 1, false, "16 1"}} {
		t.Run(fmt.Sprintf("%d %d %t", test.pool, test.kept, test.distributed), func(t *testing.T) {
			t.Parallel()
			database := pgtest.Database(t)
			d := lookInto(t, "public", database)
			d.run(fmt.Sprintf(`DO $$ BEGIN
				EXECUTE format('ALTER DATABASE %%I SET citus.max_adaptive_executor_pool_size TO %d', current_database());
				EXECUTE format('ALTER DATABASE %%I SET citus.max_cached_conns_per_worker TO %d', current_database()); END $$;
				CREATE TABLE t (id bigint, v text, said text DEFAULT
					current_setting('citus.max_adaptive_executor_pool_size') || ' ' || current_setting('citus.max_cached_conns_per_worker'))`,
				test.pool, test.kept))
			if test.distributed {
				likeCitus(t, pgtest.ConnectTo(t, database), "t", "id")
			}
			_, err := load(t, newConfig(t, "public", settings{"url": database, "load_mode": "append"}),
				schemaOf("t", idAndText, "id"), record("t", `{"id":1,"v":"x"}`))
			if err != nil {
				t.Fatal(err)
			}
			d.want("SELECT id, said FROM t", "1 | "+test.want)
		})
	}
}

// TestFirstRowsGoStraightIntoATableThatCitusDistributes has a column keep which statement brought the row. Only the
// workers know whether they have rows, so they are asked.
func TestFirstRowsGoStraightIntoATableThatCitusDistributes(t *testing.T) {
	t.Parallel()
	for _, column := range []string{"id", ""} {
		t.Run(column, func(t *testing.T) {
			t.Parallel()
			database := pgtest.Database(t)
			d := lookInto(t, "public", database)
			d.run(`CREATE TABLE t (id bigint PRIMARY KEY, v text, copied boolean DEFAULT (current_query() LIKE '%COPY "public"."t" %'))`)
			likeCitus(t, pgtest.ConnectTo(t, database), "t", column)
			cfg := newConfig(t, "public", settings{"url": database, "load_mode": "upsert"})
			for _, id := range []int{1, 2} {
				if _, err := load(t, cfg, schemaOf("t", idAndText, "id"), record("t", fmt.Sprintf(`{"id":%d,"v":"x"}`, id))); err != nil {
					t.Fatal(err)
				}
			}
			d.want("SELECT id, copied FROM t ORDER BY id", "1 | t", "2 | f")
		})
	}
}

// TestShardsOfCitusLookOnlyWhereTheKeysOfABatchAre has a trigger keep what it is that updates a row.
func TestShardsOfCitusLookOnlyWhereTheKeysOfABatchAre(t *testing.T) {
	t.Parallel()
	database := pgtest.Database(t)
	d := lookInto(t, "public", database)
	d.run(`CREATE TABLE t (id bigint PRIMARY KEY, v text, said text);
		CREATE FUNCTION say() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.said := current_query(); RETURN NEW; END';
		CREATE TRIGGER say BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION say();
		INSERT INTO t VALUES (-3, 'x'), (8, 'x'), (9, 'x')`)
	likeCitus(t, pgtest.ConnectTo(t, database), "t", "id")
	cfg := newConfig(t, "public", settings{"url": database, "load_mode": "upsert"})
	if _, err := load(t, cfg, schemaOf("t", idAndText, "id"), record("t", `{"id":8,"v":"y"}`), record("t", `{"id":-3,"v":"y"}`)); err != nil {
		t.Fatal(err)
	}
	d.want(`SELECT id, v, said LIKE '%t."id" OPERATOR(pg_catalog.>=) -3%t."id" OPERATOR(pg_catalog.<=) 8%' FROM t ORDER BY id`,
		"-3 | y | t", "8 | y | t", "9 | x | ∅")
}

func TestASnapshotRemovesWhatItLacksFromATableThatCitusDistributes(t *testing.T) {
	t.Parallel()
	for _, column := range []string{"id", ""} {
		for _, mode := range []string{"upsert", "soft_delete", "history"} {
			t.Run(mode+" by "+column, func(t *testing.T) {
				t.Parallel()
				database := pgtest.Database(t)
				conn := pgtest.ConnectTo(t, database)
				cfg := newConfig(t, "public", settings{"url": database, "load_mode": mode, "hard_delete": true, "full_snapshot": true})
				schema := schemaOf("t", `{"id":{"type":"integer"}}`, "id")
				message := func(id int) string { return record("t", fmt.Sprintf(`{"id":%d}`, id)) }
				if _, err := load(t, cfg, schema, message(1), message(2)); err != nil {
					t.Fatal(err)
				}
				likeCitus(t, conn, "public.t", column)
				if _, err := load(t, cfg, schema, message(1)); err != nil {
					t.Fatal(err)
				}
				removed := map[string]string{"upsert": "false", "soft_delete": "_singular_deleted", "history": "NOT _singular_active"}[mode]
				got := texts(t, conn, "SELECT id || ' ' || ("+removed+") FROM public.t ORDER BY id")
				want := []string{"1 false", "2 true"}
				if mode == "upsert" {
					want = want[:1]
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("(-want +got)\n%s", diff)
				}
			})
		}
	}
}

// likeDistributedSchema puts every table of a schema into Citus' catalog when it is created, as schema-based sharding
// does.
func likeDistributedSchema(t *testing.T, conn *pgx.Conn) {
	t.Helper()
	likeCitus(t, conn, "pg_catalog.pg_am", "")
	sql := `CREATE FUNCTION distribute() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
			INSERT INTO pg_catalog.pg_dist_partition
			SELECT objid, 'n', NULL, 's' FROM pg_catalog.pg_event_trigger_ddl_commands()
			WHERE command_tag = 'CREATE TABLE' AND schema_name = 'public';
		END $$;
		CREATE EVENT TRIGGER distribute ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION distribute()`
	if _, err := conn.PgConn().Exec(t.Context(), sql).ReadAll(); err != nil {
		t.Fatal(err)
	}
}

func TestEveryModeLoadsIntoASchemaThatCitusDistributes(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"append", "upsert", "soft_delete", "history", "replace"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			database := pgtest.Database(t)
			conn := pgtest.ConnectTo(t, database)
			likeDistributedSchema(t, conn)
			cfg := newConfig(t, "public", settings{"url": database, "load_mode": mode, "state_table": true})
			schema := schemaOf("t", `{"id":{"type":"integer"},"v":{"type":"string"}}`, "id")
			for _, v := range []string{"a", "b"} {
				lines := []string{schema, record("t", `{"id":1,"v":"a"}`), `{"type":"STATE","value":1}`, record("t", `{"id":1,"v":"`+v+`"}`), `{"type":"STATE","value":2}`}
				if _, err := load(t, cfg, lines...); err != nil {
					t.Fatal(err)
				}
			}
			if got := texts(t, conn, "SELECT DISTINCT v FROM public.t WHERE v = 'b'"); len(got) != 1 {
				t.Errorf("the newest value is not there")
			}
			if diff := cmp.Diff([]string{"2"}, texts(t, conn, "SELECT state FROM public._singular_state")); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestAColumnarTableIsAppendedToAndReplacedOnly(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"append", "replace", "upsert", "soft_delete", "history"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			database := pgtest.Database(t)
			conn := pgtest.ConnectTo(t, database)
			cfg := newConfig(t, "public", settings{"url": database, "load_mode": mode})
			sql := "CREATE ACCESS METHOD columnar TYPE TABLE HANDLER heap_tableam_handler; CREATE TABLE public.t (id bigint) USING columnar"
			if _, err := conn.PgConn().Exec(t.Context(), sql).ReadAll(); err != nil {
				t.Skipf("the role may not create an access method: %v", err)
			}
			_, err := load(t, cfg, schemaOf("t", `{"id":{"type":"integer"}}`, "id"), record("t", `{"id":1}`))
			refused := err != nil && strings.Contains(err.Error(), "is a columnar table, which takes no UPDATE and no DELETE")
			if wanted := mode != "append" && mode != "replace"; refused != wanted || (err != nil) != wanted {
				t.Errorf("%v", err)
			}
		})
	}
}

// A worker of Citus names no column.
func TestANullThatLeavesARowWithoutAShardNamesItsColumn(t *testing.T) {
	t.Parallel()
	database := pgtest.Database(t)
	conn := pgtest.ConnectTo(t, database)
	cfg := newConfig(t, "public", settings{"url": database, "load_mode": "append"})
	schema := schemaOf("t", `{"id":{"type":"integer"},"region":{"type":"string"}}`)
	if _, err := load(t, cfg, schema); err != nil {
		t.Fatal(err)
	}
	likeCitus(t, conn, "public.t", "region")
	sql := `CREATE FUNCTION region(text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT pg_catalog.array_position(ARRAY[1], 1, nullif(length($1), 0)) = 1';
		ALTER TABLE public.t ADD CHECK (public.region(region))`
	if _, err := conn.PgConn().Exec(t.Context(), sql).ReadAll(); err != nil {
		t.Fatal(err)
	}
	_, err := load(t, cfg, schema, record("t", `{"id":1,"region":"eu"}`), record("t", `{"id":2}`))
	for _, part := range []string{`column "region"`, "has NULL in the column by which the rows of", "input line 3"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%v does not say %q", err, part)
		}
	}
}

func TestTheColumnThatATableIsDistributedByIsNamedWhereItCannotBeWidened(t *testing.T) {
	t.Parallel()
	database := pgtest.Database(t)
	conn := pgtest.ConnectTo(t, database)
	cfg := newConfig(t, "public", settings{"url": database, "load_mode": "upsert"})
	if _, err := load(t, cfg, schemaOf("t", `{"id":{"type":"integer"}}`, "id"), record("t", `{"id":1}`)); err != nil {
		t.Fatal(err)
	}
	likeCitus(t, conn, "public.t", "id") // whose trigger keeps the column's type
	_, err := load(t, cfg, schemaOf("t", `{"id":{"type":"string"}}`, "id"), record("t", `{"id":"a"}`))
	for _, part := range []string{`column "id"`, "Citus distributes the table by this column", "undistribute_table"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%v does not say %q", err, part)
		}
	}
}

// Citus hands the text of a message on that makes a partition, and a worker takes one statement.
func TestPartitionsOfATableThatCitusDistributesAreMadeOneStatementAtATime(t *testing.T) {
	t.Parallel()
	database := pgtest.Database(t)
	d := lookInto(t, "public", database)
	d.run("CREATE TABLE t (id bigint, at timestamptz, v text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)")
	likeCitus(t, pgtest.ConnectTo(t, database), "t", "id")
	d.run(`CREATE FUNCTION alone() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
			IF current_query() ~ '(TACH PARTITION|PARTITION OF).*;|;.*(TACH PARTITION|PARTITION OF)' THEN RAISE EXCEPTION 'cannot insert multiple commands into a prepared statement'; END IF;
		END $$;
		CREATE EVENT TRIGGER alone ON ddl_command_start WHEN TAG IN ('CREATE TABLE', 'ALTER TABLE') EXECUTE FUNCTION alone()`)
	by := map[string]any{"column": "at", "every": "month", "keep": "1 month"}
	cfg := newConfig(t, "public", settings{"url": database, "load_mode": "upsert", "streams": map[string]any{"t": map[string]any{"partition_by": by}}})
	at := time.Now().UTC().Format(time.RFC3339)
	if _, err := load(t, cfg, schemaOf("t", ofTwoMonths, "id", "at"), record("t", `{"id":1,"at":"`+at+`"}`)); err != nil {
		t.Fatal(err)
	}
	d.want("SELECT count(*), count(*) FILTER (WHERE inhrelid = 't_default'::regclass) FROM pg_inherits WHERE inhparent = 't'::regclass", "2 | 1")
	d.run("DROP EVENT TRIGGER alone; CREATE TABLE old PARTITION OF t FOR VALUES FROM ('2020-01-01') TO ('2020-02-01'); CREATE TABLE older PARTITION OF t FOR VALUES FROM ('2019-01-01') TO ('2019-02-01');" +
		`COMMENT ON TABLE old IS 'Partition of "public"."t", made by target-postgres'; COMMENT ON TABLE older IS 'Partition of "public"."t", made by target-postgres';` +
		"CREATE EVENT TRIGGER alone ON ddl_command_start WHEN TAG IN ('CREATE TABLE', 'ALTER TABLE') EXECUTE FUNCTION alone()")
	if _, err := load(t, cfg, schemaOf("t", ofTwoMonths, "id", "at"), record("t", `{"id":2,"at":"`+at+`"}`)); err != nil {
		t.Fatal(err)
	}
	d.want("SELECT relname, relispartition FROM pg_class WHERE relname LIKE 'old%' AND relkind = 'r' ORDER BY 1", "old | f", "older | f")
}
