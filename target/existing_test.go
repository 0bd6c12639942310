package target_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"target-postgres/internal/pgtest"
	"target-postgres/target/failure"
)

// asRole is a role with a schema open to it in a database of the test's own: what the admin sees, and the settings with
// which the role loads.
func asRole(t *testing.T) (admin *database, role string, as settings) {
	t.Helper()
	url := pgtest.Database(t)
	login := pgtest.Role(t, url)
	admin = lookInto(t, pgtest.SchemaIn(t, url), url)
	role = pgx.Identifier{pgtest.User(t, login)}.Sanitize()
	admin.run("GRANT USAGE ON SCHEMA " + admin.schema + " TO " + role)
	return admin, role, settings{"url": login, "skip_schema_creation": true}
}

const idAndText = `{"id":{"type":"integer"},"v":{"type":["null","string"]}}`

func TestGrantsOnATableOfSomebodyElseAreEnoughToLoadIt(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"append", "upsert"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			admin, role, as := asRole(t)
			key := map[string]string{"append": "", "upsert": "PRIMARY KEY"}[mode]
			admin.run("CREATE TABLE t (id bigint " + key + ", v text); INSERT INTO t VALUES (1, 'old'); GRANT SELECT, INSERT, UPDATE ON t TO " + role)
			as["load_mode"] = mode
			admin.mustLoad(as, schemaOf("t", idAndText, "id"), record("t", `{"id":1,"v":"new"}`), record("t", `{"id":2,"v":"b"}`), record("t", `{"id":2,"v":"c"}`))
			want := map[string][]string{"append": {"1 | new", "1 | old", "2 | b", "2 | c"}, "upsert": {"1 | new", "2 | c"}}[mode]
			admin.want("SELECT id, v FROM t ORDER BY id, v", want...)
		})
	}
}

func TestRowSecurityThatForbidsWritingIsExplained(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"append", "upsert"} {
		for name, policy := range map[string]string{
			"no policy": "SELECT 1", "one for reading": "CREATE POLICY p ON t FOR SELECT USING (true)", "one that excludes the row": "CREATE POLICY p ON t USING (id < 0)",
		} {
			t.Run(mode+" with "+name, func(t *testing.T) {
				t.Parallel()
				admin, role, as := asRole(t)
				admin.run("CREATE TABLE t (id bigint PRIMARY KEY, v text); ALTER TABLE t ENABLE ROW LEVEL SECURITY; GRANT SELECT, INSERT, UPDATE ON t TO " + role)
				admin.run(policy)
				if mode == "append" {
					admin.run("ALTER TABLE t DROP CONSTRAINT t_pkey; ALTER TABLE t ALTER id DROP NOT NULL")
				}
				as["load_mode"] = mode
				states, err := load(t, newConfig(t, admin.schema, as), schemaOf("t", idAndText, "id"), record("t", `{"id":1,"v":"a"}`), stateOf("1"))
				refused(t, err, failure.Row, `stream "t"`, "row-level security", `"t"`, "policy")
				admin.want("SELECT count(*) FROM t", "0")
				if len(states) > 0 {
					t.Errorf("the states %q left without their rows", states)
				}
			})
		}
	}
}

func TestRowsLoadWhereAPolicyAllowsThem(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"append", "upsert"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			admin, role, as := asRole(t)
			admin.run("CREATE TABLE t (id bigint NOT NULL, v text, UNIQUE (id)); INSERT INTO t VALUES (-1, 'hidden'); ALTER TABLE t ENABLE ROW LEVEL SECURITY")
			admin.run("CREATE POLICY p ON t TO " + role + " USING (id > 0) WITH CHECK (id > 0); GRANT SELECT, INSERT, UPDATE ON t TO " + role)
			as["load_mode"] = mode
			admin.mustLoad(as, schemaOf("t", idAndText, "id"), record("t", `{"id":1,"v":"a"}`), record("t", `{"id":2,"v":"b"}`))
			if mode == "upsert" {
				admin.mustLoad(as, schemaOf("t", idAndText, "id"), record("t", `{"id":1,"v":"c"}`))
				admin.want("SELECT id, v FROM t ORDER BY id", "-1 | hidden", "1 | c", "2 | b")
				return
			}
			admin.want("SELECT id, v FROM t ORDER BY id", "-1 | hidden", "1 | a", "2 | b")
		})
	}
}

func TestTriggersOfTheTableSeeWhatIsWritten(t *testing.T) {
	t.Parallel()
	const triggers = `CREATE TABLE log (n serial, what text, rows bigint);
		CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
			INSERT INTO {schema}.log (what, rows) SELECT lower(tg_op), count(*) FROM new_rows;
			RETURN NULL;
		END $$;
		CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN new.v := upper(new.v); RETURN new; END $$;
		CREATE TRIGGER inserted AFTER INSERT ON t REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION note();
		CREATE TRIGGER updated AFTER UPDATE ON t REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION note();
		CREATE TRIGGER shouts BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION shout()`
	for _, mode := range []string{"append", "upsert", "soft_delete"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			d := look(t)
			cfg := settings{"load_mode": mode}
			d.mustLoad(cfg, schemaOf("t", idAndText, "id"), record("t", `{"id":0,"v":"before"}`))
			d.run(strings.ReplaceAll(triggers, "{schema}", d.schema))
			d.mustLoad(cfg, schemaOf("t", idAndText, "id"), record("t", `{"id":1,"v":"a"}`), record("t", `{"id":2,"v":"b"}`))
			d.mustLoad(cfg, schemaOf("t", idAndText, "id"), record("t", `{"id":1,"v":"c"}`), record("t", `{"id":3,"v":"d"}`))
			if mode == "append" {
				d.want("SELECT id, v FROM t ORDER BY id, v", "0 | before", "1 | A", "1 | C", "2 | B", "3 | D")
				d.want("SELECT what, sum(rows) FROM log GROUP BY what ORDER BY what", "insert | 4")
				return
			}
			d.want("SELECT id, v FROM t ORDER BY id, v", "0 | before", "1 | C", "2 | B", "3 | D")
			d.want("SELECT what, sum(rows) FROM log GROUP BY what HAVING sum(rows) > 0 ORDER BY what", "insert | 3", "update | 1")
		})
	}
}

func TestAKeyThatNoIndexMayDecideIsMergedByAllTheSame(t *testing.T) {
	t.Parallel()
	for name, index := range map[string]string{
		"a partial index": "CREATE UNIQUE INDEX ON t (id) WHERE v IS NOT NULL", "more than the key": "CREATE UNIQUE INDEX ON t (id, v)", "an index that is not unique": "CREATE INDEX ON t (id)",
	} {
		for _, mode := range []string{"upsert", "soft_delete"} {
			t.Run(name+" in "+mode, func(t *testing.T) {
				t.Parallel()
				d := look(t)
				// Rows that repeat the key keep it from becoming the primary one.
				d.run("CREATE TABLE t (id bigint NOT NULL, v text); INSERT INTO t VALUES (1, 'old'), (8, NULL), (8, NULL); " + index)
				for _, v := range []string{"a", "b"} {
					d.mustLoad(settings{"load_mode": mode}, schemaOf("t", idAndText, "id"), record("t", `{"id":1,"v":"`+v+`"}`), record("t", `{"id":2,"v":"x"}`),
						record("t", `{"id":2,"v":"`+v+`"}`))
				}
				d.want("SELECT id, v FROM t ORDER BY id", "1 | b", "2 | b", "8 | ∅", "8 | ∅")
			})
		}
	}
}

func TestAnIndexThatCoversTheKeyIsUsedAndNoOtherIsMade(t *testing.T) {
	t.Parallel()
	for name, index := range map[string]string{
		"other order": "CREATE UNIQUE INDEX i ON t (b, a)", "included columns": "CREATE UNIQUE INDEX i ON t (a, b) INCLUDE (v)",
		"a constraint": "ALTER TABLE t ADD CONSTRAINT i UNIQUE (a, b)",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := look(t)
			d.run("CREATE TABLE t (a bigint NOT NULL, b text NOT NULL, v text); INSERT INTO t VALUES (1, 'x', 'old'); " + index)
			const properties = `{"a":{"type":"integer"},"b":{"type":"string"},"v":{"type":"string"}}`
			d.mustLoad(nil, schemaOf("t", properties, "a", "b"), record("t", `{"a":1,"b":"x","v":"new"}`), record("t", `{"a":1,"b":"y","v":"n"}`))
			d.want("SELECT a, b, v FROM t ORDER BY b", "1 | x | new", "1 | y | n")
			d.want("SELECT indexname FROM pg_indexes WHERE schemaname = '"+d.schema+"'", "i")
		})
	}
}

func TestNamesOfEveryCaseAndCharacterAreTakenAsTheyAre(t *testing.T) {
	t.Parallel()
	d := look(t)
	upper := d.schema + ` "Über" Schema`
	d.run("CREATE SCHEMA " + pgx.Identifier{upper}.Sanitize())
	t.Cleanup(func() { pgtest.Execute(t, "DROP SCHEMA "+pgx.Identifier{upper}.Sanitize()+" CASCADE") })
	table := pgx.Identifier{upper, "Order Items"}.Sanitize()
	d.run("CREATE TABLE " + table + ` ("Id" bigint PRIMARY KEY, "select" text, "a.b" text, "Id " text)`)
	for _, v := range []string{"a", "b"} {
		for _, mode := range []string{"upsert", "soft_delete"} {
			d.mustLoad(settings{"schema": upper, "load_mode": mode}, schemaOf("Order Items", `{"Id":{"type":"integer"},"select":{"type":"string"},"a.b":{"type":"string"},"Id ":{"type":"string"}}`, "Id"),
				record("Order Items", `{"Id":1,"select":"`+v+`","a.b":"`+v+`","Id ":"x"}`))
		}
	}
	d.want("SELECT * FROM "+table, "1 | b | b | x | f")
	d.want("SELECT count(*) FROM pg_class WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = '"+strings.ReplaceAll(upper, "'", "''")+"') AND relkind = 'r'", "1")
}

func TestColumnsOfTypesThatOnlyTheServerKnowsAreLoadedAndCompared(t *testing.T) {
	t.Parallel()
	for _, mode := range keyedModes() {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			d := look(t)
			d.run(`CREATE TYPE mood AS ENUM ('ok', 'sad'); CREATE DOMAIN positive AS integer CHECK (VALUE > 0); CREATE DOMAIN code AS text CHECK (VALUE ~ '^[A-Z]+$');
				CREATE TABLE t (id bigint PRIMARY KEY, m mood, n positive, c code, a mood[], p point, x xml, j json, r tsrange, h macaddr);
				INSERT INTO t VALUES (1, 'ok', 1, 'A', '{ok}', '(0,0)', '<a/>', '{}', 'empty', NULL)`)
			const properties = `{"id":{"type":"integer"},"m":{"type":"string"},"n":{"type":"integer"},"c":{"type":"string"},"a":{"type":"array"},"p":{"type":"string"},"x":{"type":"string"},"j":{"type":"object"},"r":{"type":"string"},"h":{"type":"string"}}`
			row := `{"id":1,"m":"sad","n":5,"c":"ABC","a":["sad",null,"ok"],"p":"(1,2)","x":"<b k=\"v\"/>","j":{"k":[1]},"r":"[2020-01-01,2020-02-01)","h":"08:00:2b:01:02:03"}`
			for range 2 {
				d.mustLoad(settings{"load_mode": mode}, schemaOf("t", oneLine(properties), "id"), record("t", row))
			}
			d.want("SELECT id, m, n, c, a, p, x, j, r, h FROM t"+current(mode),
				`1 | sad | 5 | ABC | {sad,NULL,ok} | (1,2) | <b k="v"/> | {"k":[1]} | ["2020-01-01 00:00:00","2020-02-01 00:00:00") | 08:00:2b:01:02:03`)
			versions := map[string]string{"history": "2"}[mode]
			if versions == "" {
				versions = "1"
			}
			d.want("SELECT count(*) FROM t", versions) // the second run changed nothing
			for column, value := range map[string]string{"m": `"furious"`, "n": "-1", "c": `"lower"`, "a": `["furious"]`, "p": `"nowhere"`, "h": `"zz"`} {
				err := d.load(settings{"load_mode": mode}, schemaOf("t", oneLine(properties), "id"), record("t", `{"id":2,"`+column+`":`+value+`}`))
				refused(t, err, failure.Row, "input line 2", `stream "t"`)
				if err != nil && strings.Contains(err.Error(), strings.Trim(value, `"[]`)) && column != "n" {
					t.Errorf("%s: the value leaves through %q", column, err)
				}
			}
		})
	}
}

func TestACitextKeyFoldsCase(t *testing.T) {
	t.Parallel()
	d := look(t)
	if d.one("SELECT count(*) FROM pg_available_extensions WHERE name = 'citext'") == "0" {
		t.Skip("the server has no citext")
	}
	// The extension is in a schema of its own, which no search path finds.
	home := pgtest.Database(t)
	d = lookInto(t, pgtest.SchemaIn(t, home), home)
	d.run("CREATE SCHEMA extensions; CREATE EXTENSION citext SCHEMA extensions; CREATE TABLE t (id extensions.citext PRIMARY KEY, v extensions.citext)")
	as := settings{"url": home}
	const properties = `{"id":{"type":"string"},"v":{"type":"string"}}`
	d.mustLoad(as, schemaOf("t", properties, "id"), record("t", `{"id":"Anna","v":"one"}`), record("t", `{"id":"anna","v":"two"}`), record("t", `{"id":"Bert","v":"x"}`))
	d.mustLoad(as, schemaOf("t", properties, "id"), record("t", `{"id":"ANNA","v":"TWO"}`), record("t", `{"id":"bert","v":"y"}`))
	d.want("SELECT lower(id::text), v FROM t ORDER BY 1", "anna | TWO", "bert | y")
}

func TestANotNullColumnThatTheStreamLacks(t *testing.T) {
	t.Parallel()
	const table = "CREATE TABLE t (id bigint PRIMARY KEY, v text, needed text NOT NULL); INSERT INTO t VALUES (1, 'a', 'x')"
	messages := []string{schemaOf("t", idAndText, "id"), record("t", `{"id":1,"v":"b"}`), record("t", `{"id":2,"v":"c"}`)}
	t.Run("takes NULL by default", func(t *testing.T) {
		t.Parallel()
		d := look(t)
		d.run(table)
		d.mustLoad(nil, messages...)
		d.want("SELECT id, v, needed FROM t ORDER BY id", "1 | b | x", "2 | c | ∅")
		d.want("SELECT attnotnull FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'needed'", "f")
	})
	t.Run("is named where columns are kept", func(t *testing.T) {
		t.Parallel()
		d := look(t)
		d.run(table)
		err := d.load(settings{"migration_policy": map[string]any{"missing_fields": "keep"}}, messages...)
		refused(t, err, failure.Row, "input line ", `"needed"`, "NOT NULL", "default")
		d.want("SELECT id, v, needed FROM t", "1 | a | x")
	})
	t.Run("is named where a missing field is an error", func(t *testing.T) {
		t.Parallel()
		d := look(t)
		d.run(table)
		refused(t, d.load(settings{"migration_policy": map[string]any{"missing_fields": "fail"}}, messages...), failure.Configuration, `column "needed"`, "missing_fields")
		d.want("SELECT id, v, needed FROM t", "1 | a | x")
	})
	t.Run("is left alone where it has a default", func(t *testing.T) {
		t.Parallel()
		d := look(t)
		d.run("CREATE TABLE t (id bigint PRIMARY KEY, v text, needed text NOT NULL DEFAULT 'd')")
		d.mustLoad(nil, messages...)
		d.want("SELECT id, v, needed FROM t ORDER BY id", "1 | b | d", "2 | c | d")
	})
}

func TestATableWithDroppedColumnsAndAnIdentityByDefault(t *testing.T) {
	t.Parallel()
	d := look(t)
	d.run(`CREATE TABLE t (gone1 text, id bigint PRIMARY KEY, gone2 integer, v text, n bigint GENERATED BY DEFAULT AS IDENTITY, gone3 date);
		ALTER TABLE t DROP gone1, DROP gone2, DROP gone3`)
	d.mustLoad(nil, schemaOf("t", idAndText, "id"), record("t", `{"id":7,"v":"a"}`))
	d.mustLoad(nil, schemaOf("t", `{"id":{"type":"integer"},"v":{"type":"string"},"n":{"type":"integer"}}`, "id"), record("t", `{"id":8,"v":"b","n":100}`))
	d.want("SELECT id, v, n FROM t ORDER BY id", "7 | a | 1", "8 | b | 100")
}

func TestAViewIsNoTable(t *testing.T) {
	t.Parallel()
	for name, view := range map[string]string{"view": "CREATE VIEW t AS SELECT 1::bigint AS id, 'x'::text AS v", "materialized view": "CREATE MATERIALIZED VIEW t AS SELECT 1::bigint AS id"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := look(t)
			d.run(view)
			refused(t, d.load(nil, schemaOf("t", idAndText, "id"), record("t", `{"id":1}`)), failure.Configuration, `"t" is a `+name, `streams: {"t": {"table": "…"}}`)
		})
	}
}
