package target_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"target-postgres/internal/pgtest"
)

// oidOf tells a table from another in its place.
func (d *database) oidOf(table string) string {
	d.t.Helper()
	return d.one("SELECT '" + table + "'::regclass::oid")
}

func TestATableThatThisRunCreatedGivesWayToTheOneItWasReplacedBy(t *testing.T) {
	t.Parallel()
	d := look(t)
	byRows := settings{"load_mode": "replace", "replace_by": "rows"}
	d.mustLoad(byRows, schemaOf("t", idAndText, "id"),
		record("t", `{"id":1,"v":"a"}`), record("t", `{"id":2,"v":"b"}`), record("t", `{"id":2,"v":"c"}`))
	d.want("SELECT id, v FROM t ORDER BY id", "1 | a", "2 | c")
	d.want("SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace ORDER BY 1", "t", "t_pkey")
	d.want("SELECT conname FROM pg_constraint WHERE conrelid = 't'::regclass AND contype = 'p'", "t_pkey")
	d.want("SELECT obj_description('t'::regclass)", "Stream t, loaded by target-postgres")

	before := d.oidOf("t")
	d.mustLoad(byRows, schemaOf("t", idAndText, "id"), record("t", `{"id":3,"v":"d"}`))
	d.want("SELECT id, v FROM t", "3 | d")
	if d.oidOf("t") != before {
		t.Error("a table of an earlier run was dropped against the setting")
	}
}

// A SCHEMA that changes in the middle of the input does not make the run forget that the staging table may take the
// place of the stream's own.
func TestATableGivesWayAlsoAfterItsSchemaChangedMidStream(t *testing.T) {
	t.Parallel()
	d := look(t)
	messages := func(id string) []string {
		return []string{
			schemaOf("t", idAndText, "id"), record("t", `{"id":`+id+`,"v":"a"}`),
			schemaOf("t", `{"id":{"type":"integer"},"v":{"type":"string"},"w":{"type":"string"}}`, "id"), record("t", `{"id":9,"v":"b","w":"c"}`),
		}
	}
	d.mustLoad(settings{"load_mode": "replace"}, messages("1")...)
	before := d.oidOf("t")
	d.mustLoad(settings{"load_mode": "replace"}, messages("2")...)
	d.want("SELECT id, v, w FROM t ORDER BY id", "2 | a | ∅", "9 | b | c")
	if d.oidOf("t") == before {
		t.Error("the rows were copied")
	}
}

// Each has something about the table that the other would not have.
func TestATableStaysWhereAnotherInItsPlaceWouldBeNoticed(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, sql, look string }{
		{"a view", "CREATE VIEW w AS SELECT id FROM t", "SELECT count(*) FROM w"},
		{"a materialized view", "CREATE MATERIALIZED VIEW w AS SELECT id FROM t", "SELECT count(*) FROM w"},
		{"an index", "CREATE INDEX t_v ON t (v)", "SELECT indexdef FROM pg_indexes WHERE indexname = 't_v' AND schemaname = current_schema()"},
		{"an index of an expression", "CREATE INDEX t_v ON t (lower(v))", "SELECT indexdef FROM pg_indexes WHERE indexname = 't_v' AND schemaname = current_schema()"},
		{"a clustered key", "CLUSTER t USING t_pkey", "SELECT indisclustered FROM pg_index WHERE indexrelid = 't_pkey'::regclass"},
		{"a packed key", "ALTER INDEX t_pkey SET (fillfactor = 70)", "SELECT reloptions FROM pg_class WHERE oid = 't_pkey'::regclass"},
		{"a foreign key to it", "CREATE TABLE c (t_id bigint REFERENCES t ON DELETE CASCADE)", "SELECT count(*) FROM pg_constraint WHERE confrelid = 't'::regclass"},
		{"a foreign key of it", "CREATE TABLE p (v text PRIMARY KEY); INSERT INTO p VALUES ('old'), ('new'); ALTER TABLE t ADD FOREIGN KEY (v) REFERENCES p", "SELECT confrelid::regclass FROM pg_constraint WHERE conrelid = 't'::regclass AND contype = 'f'"},
		{"a check", "ALTER TABLE t ADD CHECK (id > 0)", "SELECT conname FROM pg_constraint WHERE conrelid = 't'::regclass AND contype = 'c'"},
		{"a unique constraint", "ALTER TABLE t ADD UNIQUE (v)", "SELECT conname FROM pg_constraint WHERE conrelid = 't'::regclass AND contype = 'u'"},
		{"a trigger", "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'; CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()", "SELECT tgname FROM pg_trigger WHERE tgrelid = 't'::regclass"},
		{"a rule", "CREATE RULE r AS ON UPDATE TO t DO ALSO NOTHING", "SELECT rulename FROM pg_rules WHERE schemaname = current_schema()"},
		{"a child", "CREATE TABLE c () INHERITS (t)", "SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 't'::regclass"},
		{"a parent", "CREATE TABLE p (id bigint, v text); ALTER TABLE t INHERIT p", "SELECT inhparent::regclass FROM pg_inherits WHERE inhrelid = 't'::regclass"},
		{"statistics", "CREATE STATISTICS s ON id, v FROM t", "SELECT stxname FROM pg_statistic_ext WHERE stxrelid = 't'::regclass"},
		{"a target of statistics", "ALTER TABLE t ALTER v SET STATISTICS 7", "SELECT attstattarget FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'v'"},
		{"options", "ALTER TABLE t SET (autovacuum_enabled = off)", "SELECT reloptions FROM pg_class WHERE oid = 't'::regclass"},
		{"no log", "ALTER TABLE t SET UNLOGGED", "SELECT relpersistence FROM pg_class WHERE oid = 't'::regclass"},
		{"a policy", "CREATE POLICY p ON t USING (true)", "SELECT polname FROM pg_policy WHERE polrelid = 't'::regclass"},
		{"an option of its other storage", "ALTER TABLE t SET (toast.autovacuum_enabled = off)", "SELECT r.reloptions FROM pg_class AS c JOIN pg_class AS r ON r.oid = c.reltoastrelid WHERE c.oid = 't'::regclass"},
		{"an option of a column", "ALTER TABLE t ALTER v SET (n_distinct = 5)", "SELECT 'n_distinct=5' = ANY (attoptions) FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'v'"},
		{"a default that names it", "CREATE TABLE o (r regclass DEFAULT 't'::regclass); INSERT INTO o DEFAULT VALUES", "SELECT r FROM o"},
		{"a sequence", "CREATE SEQUENCE q OWNED BY t.id", "SELECT pg_get_serial_sequence('t', 'id')"},
		{"a comment on its row type", "COMMENT ON TYPE t IS 'ours'", "SELECT obj_description(reltype, 'pg_type') FROM pg_class WHERE oid = 't'::regclass"},
		{"a privilege on its row type", "REVOKE USAGE ON TYPE t FROM PUBLIC", "SELECT typacl IS NOT NULL FROM pg_type WHERE oid = 't'::regtype"},
		{"forced row security", "ALTER TABLE t FORCE ROW LEVEL SECURITY", "SELECT relforcerowsecurity FROM pg_class WHERE oid = 't'::regclass"},
		{"a replica identity", "ALTER TABLE t REPLICA IDENTITY FULL", "SELECT relreplident FROM pg_class WHERE oid = 't'::regclass"},
		{"a function of its rows", "CREATE FUNCTION f(t) RETURNS text LANGUAGE sql AS 'SELECT $1.v'", "SELECT proargtypes FROM pg_proc WHERE pronamespace = current_schema()::regnamespace"},
		{"a column of its rows", "CREATE TABLE o (r t)", "SELECT format_type(atttypid, -1) FROM pg_attribute WHERE attrelid = 'o'::regclass AND attname = 'r'"},
		{"an identity", "ALTER TABLE t ADD n bigint GENERATED ALWAYS AS IDENTITY", "SELECT attidentity FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'n'"},
		{"a serial number", "ALTER TABLE t ADD n bigserial", "SELECT pg_get_serial_sequence('t', 'n')"},
		{"a privilege on a column", "GRANT SELECT (v) ON t TO PUBLIC", "SELECT attacl IS NOT NULL FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'v'"},
		{"a comment on its index", "COMMENT ON INDEX t_pkey IS 'ours'", "SELECT obj_description('t_pkey'::regclass)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := look(t)
			d.mustLoad(settings{"load_mode": "replace"}, schemaOf("t", idAndText, "id"), record("t", `{"id":1,"v":"old"}`))
			d.run(test.sql)
			before, oid := d.rows(test.look), d.oidOf("t")
			if len(before) == 0 {
				t.Fatal("there is nothing to lose")
			}
			d.mustLoad(settings{"load_mode": "replace"}, schemaOf("t", idAndText, "id"), record("t", `{"id":2,"v":"new"}`))
			d.want("SELECT id, v FROM t", "2 | new")
			if d.oidOf("t") != oid {
				t.Error("another table has taken its place")
			}
			d.want(test.look, before...)
		})
	}
}

// What a whole database is told about.
func TestATableStaysWhereItsDatabaseWouldNoticeAnother(t *testing.T) {
	t.Parallel()
	for name, sql := range map[string]string{
		"an event trigger": `CREATE FUNCTION f() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN IF EXISTS (SELECT FROM pg_event_trigger_dropped_objects() WHERE object_name = ''t'') THEN RAISE ''t was dropped''; END IF; END';
			CREATE EVENT TRIGGER e ON sql_drop EXECUTE FUNCTION f()`,
		"a publication of all tables": "CREATE PUBLICATION p FOR ALL TABLES",
		"a publication":               "CREATE PUBLICATION p FOR TABLE t",
		"an extension":                "ALTER EXTENSION plpgsql ADD TABLE t",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			database := pgtest.Database(t)
			d := lookInto(t, "public", database)
			d.run("CREATE TABLE t (id bigint PRIMARY KEY, v text); INSERT INTO t VALUES (1, 'old')")
			d.run(sql)
			oid := d.oidOf("t")
			d.mustLoad(settings{"url": database, "load_mode": "replace"}, schemaOf("t", idAndText, "id"), record("t", `{"id":2,"v":"new"}`))
			d.want("SELECT id, v FROM t", "2 | new")
			if d.oidOf("t") != oid {
				t.Error("another table has taken its place")
			}
		})
	}
}

func TestATableInThePlaceOfAnotherIsLikeIt(t *testing.T) {
	t.Parallel()
	d := look(t)
	fields := `{"id":{"type":"integer"},"gone":{"type":"string"},"v":{"type":"string"}}`
	d.mustLoad(settings{"load_mode": "replace"}, schemaOf("t", fields, "id"), record("t", `{"id":1,"gone":"x","v":"old"}`))
	reader := pgx.Identifier{pgtest.User(t, pgtest.Role(t, pgtest.URL(t)))}.Sanitize()
	d.run(`GRANT SELECT ON t TO PUBLIC; GRANT SELECT, UPDATE ON t TO ` + reader + ` WITH GRANT OPTION;
		COMMENT ON TABLE t IS 'it''s ours'; COMMENT ON COLUMN t.v IS 'a value';
		ALTER TABLE t RENAME CONSTRAINT t_pkey TO "the key"; COMMENT ON CONSTRAINT "the key" ON t IS 'our key';
		ALTER TABLE t ADD "at" text DEFAULT 'now', ADD twice bigint GENERATED ALWAYS AS (id * 2) STORED, ADD small text COLLATE "C";
		ALTER TABLE t ALTER v SET STORAGE EXTERNAL`)
	const shape = `SELECT attname, format_type(atttypid, atttypmod), attnotnull, attstorage, attcollation::regcollation, col_description(attrelid, attnum), pg_get_expr(adbin, adrelid)
		FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
		WHERE attrelid = 't'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`
	const rest = `SELECT obj_description(oid), array(SELECT x::text FROM unnest(relacl) AS x ORDER BY 1),
		(SELECT string_agg(concat_ws(' ', conname, pg_get_constraintdef(c.oid), obj_description(c.oid)), ', ' ORDER BY conname) FROM pg_constraint AS c WHERE conrelid = pg_class.oid AND contype <> 'n')
		FROM pg_class WHERE oid = 't'::regclass`
	// The first one deprecates a column.
	with := settings{"load_mode": "replace"}
	messages := []string{schemaOf("t", `{"id":{"type":"integer"},"v":{"type":"string"}}`, "id"), record("t", `{"id":2,"v":"new"}`)}
	d.mustLoad(with, messages...)
	columns, others, oid := d.rows(shape), d.rows(rest), d.oidOf("t")
	d.mustLoad(with, messages...)
	d.want("SELECT * FROM t", "2 | ∅ | new | now | 4 | ∅")
	d.want(shape, columns...)
	d.want(rest, others...)
	if d.oidOf("t") == oid {
		t.Error("it is the old table")
	}
	if !strings.Contains(others[0], "it's ours") || !strings.Contains(others[0], "the key PRIMARY KEY (id) our key") || !strings.Contains(others[0], "r*w*") {
		t.Errorf("the table was not what it was to be from the start: %s", others)
	}
}

// A dropped object leaves marks in the catalog that do no harm, and the server keeps some things for itself.
func TestATableGivesWayToAnotherOnceNothingIsAttachedToIt(t *testing.T) {
	t.Parallel()
	for name, sql := range map[string]string{
		"a foreign key to it": "CREATE TABLE c (t_id bigint REFERENCES t); DROP TABLE c",
		"a foreign key of it": "CREATE TABLE p (v text PRIMARY KEY); ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (v) REFERENCES p NOT VALID; ALTER TABLE t DROP CONSTRAINT f",
		"a rule":              "CREATE RULE r AS ON UPDATE TO t DO ALSO NOTHING; DROP RULE r ON t",
		"a child":             "CREATE TABLE c () INHERITS (t); DROP TABLE c",
		"a dropped column":    "ALTER TABLE t ADD gone text; ALTER TABLE t DROP gone",
		"an option":           "ALTER TABLE t SET (fillfactor = 70); ALTER TABLE t RESET (fillfactor)",
		"the server's option": "UPDATE pg_attribute SET attoptions = '{pg_attver=1234}' WHERE attrelid = 't'::regclass AND attnum > 0",
		"a view of its name":  "CREATE SCHEMA {schema}_other; CREATE VIEW {schema}_other.t AS SELECT 1 AS id",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := look(t)
			d.mustLoad(settings{"load_mode": "replace"}, schemaOf("t", idAndText, "id"), record("t", `{"id":1,"v":"old"}`))
			d.run(strings.ReplaceAll(sql, "{schema}", d.schema))
			t.Cleanup(func() { pgtest.Execute(t, "DROP SCHEMA IF EXISTS "+d.schema+"_other CASCADE") })
			oid := d.oidOf("t")
			d.mustLoad(settings{"load_mode": "replace"}, schemaOf("t", idAndText, "id"), record("t", `{"id":2,"v":"new"}`))
			d.want("SELECT id, v FROM t", "2 | new")
			if d.oidOf("t") == oid {
				t.Error("it is still the old table")
			}
		})
	}
}

// A body that the server has parsed depends on the table, others find it by its name. Only PostgreSQL 14 and later
// parse them.
func TestAFunctionThatReadsATableStays(t *testing.T) {
	t.Parallel()
	d := look(t)
	if d.one("SELECT current_setting('server_version_num')::int < 140000") == "t" {
		t.Skip("this server parses no bodies")
	}
	d.mustLoad(settings{"load_mode": "replace"}, schemaOf("t", idAndText, "id"), record("t", `{"id":1,"v":"old"}`))
	d.run("CREATE FUNCTION f() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT max(id) FROM t; END")
	d.mustLoad(settings{"load_mode": "replace"}, schemaOf("t", idAndText, "id"), record("t", `{"id":2,"v":"new"}`))
	d.want("SELECT f()", "2")
}

// Who decodes the log without a publication sees the old table's rows go and the new ones come.
func TestATableStaysWhereALogicalSlotWouldNoticeAnother(t *testing.T) {
	t.Parallel()
	url := pgtest.Server(t, map[string]string{"wal_level": "logical"}).URL
	d := lookInto(t, "public", url)
	with := settings{"url": url, "load_mode": "replace"}
	d.mustLoad(with, schemaOf("t", idAndText, "id"), record("t", `{"id":1,"v":"old"}`))
	d.run("SELECT pg_create_logical_replication_slot('s', 'pgoutput')")
	oid := d.oidOf("t")
	d.mustLoad(with, schemaOf("t", idAndText, "id"), record("t", `{"id":2,"v":"new"}`))
	d.want("SELECT id, v FROM t", "2 | new")
	if d.oidOf("t") != oid {
		t.Error("another table has taken its place")
	}
}

// Both ways of a replace meet a GRANT that is not committed yet. Neither loses it, and neither fails.
func TestAReplaceWaitsForAGrant(t *testing.T) {
	t.Parallel()
	for _, by := range []string{"table", "rows"} {
		t.Run(by, func(t *testing.T) {
			t.Parallel()
			d := look(t)
			with := settings{"load_mode": "replace", "replace_by": by}
			d.mustLoad(with, schemaOf("t", idAndText, "id"), record("t", `{"id":1,"v":"old"}`))
			other := pgtest.Connect(t)
			if _, err := other.Exec(t.Context(), "BEGIN; GRANT SELECT ON "+d.schema+".t TO PUBLIC"); err != nil {
				t.Fatal(err)
			}
			loaded := make(chan error, 1)
			go func() {
				loaded <- d.load(with, schemaOf("t", idAndText, "id"), record("t", `{"id":2,"v":"new"}`))
			}()
			d.await(loaded, "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%"+d.schema+"%')", "t",
				"the run does not wait for the GRANT")
			if _, err := other.Exec(t.Context(), "COMMIT"); err != nil {
				t.Fatal(err)
			}
			if err := <-loaded; err != nil {
				t.Fatal(err)
			}
			d.want("SELECT id, v FROM t", "2 | new")
			d.want("SELECT grantee, privilege_type FROM information_schema.table_privileges WHERE table_schema = current_schema() AND grantee = 'PUBLIC'",
				"PUBLIC | SELECT")
		})
	}
}

func TestATableOfAnotherOwnerStays(t *testing.T) {
	t.Parallel()
	url := pgtest.Database(t)
	admin := lookInto(t, "public", url)
	login := pgtest.Role(t, url)
	admin.run("CREATE TABLE t (id bigint PRIMARY KEY, v text); INSERT INTO t VALUES (1, 'old')")
	admin.run("GRANT ALL ON t TO PUBLIC; GRANT ALL ON SCHEMA public TO PUBLIC")
	oid := admin.oidOf("t")
	err := lookInto(t, "public", login).load(settings{"url": login, "load_mode": "replace", "replace_by": "table"},
		schemaOf("t", idAndText, "id"), record("t", `{"id":2,"v":"new"}`))
	if err != nil {
		t.Fatal(err)
	}
	admin.want("SELECT id, v FROM t", "2 | new")
	if admin.oidOf("t") != oid {
		t.Error("another table has taken its place")
	}
}

// A table that cannot take the place of another leaves nothing behind, and one stream may have its own way.
func TestWhatAReplaceGatheredIsGoneAfterIt(t *testing.T) {
	t.Parallel()
	d := look(t)
	messages := func(v string) []string {
		return []string{
			schemaOf("t", idAndText, "id"), schemaOf("u", idAndText),
			record("t", `{"id":1,"v":"`+v+`"}`), record("u", `{"id":1,"v":"`+v+`"}`), record("u", `{"id":1,"v":"`+v+`"}`),
		}
	}
	d.mustLoad(settings{"load_mode": "replace"}, messages("old")...)
	ofT, ofU := d.oidOf("t"), d.oidOf("u")
	d.mustLoad(settings{"load_mode": "replace", "streams": map[string]any{"t": map[string]any{"replace_by": "rows"}}}, messages("new")...)
	d.want("SELECT id, v FROM t", "1 | new")
	d.want("SELECT id, v FROM u", "1 | new", "1 | new")
	d.want("SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' ORDER BY 1", "t", "u")
	if d.oidOf("t") != ofT || d.oidOf("u") == ofU {
		t.Error("only u was to be another table")
	}
}

// The rows of a replace, the keys of a snapshot and rejected records are hidden from roles that may not read the table.
func TestNobodyReadsTheTablesBesideAClosedTable(t *testing.T) {
	t.Parallel()
	url := pgtest.Database(t)
	d := lookInto(t, "public", url)
	d.run("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC; ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES TO pg_monitor")
	messages := []string{
		schemaOf("r", idAndText, "id"), record("r", `{"id":1,"v":"old"}`),
		schemaOf("f", idAndText, "id"), record("f", `{"id":1,"v":"old"}`), record("f", `{"id":"x"}`),
	}
	with := settings{
		"url": url, "on_bad_record": "reject", "batch_max_rows": 1,
		"streams": map[string]any{"r": map[string]any{"load_mode": "replace"}, "f": map[string]any{"full_snapshot": true}},
	}
	d.mustLoad(with, messages...)
	d.run("REVOKE ALL ON r FROM PUBLIC, pg_monitor")
	const open = `SELECT coalesce(substring(relname, '^_singular_[a-z]+'), relname), string_agg(DISTINCT grantee::regrole::text, ', ' ORDER BY grantee::regrole::text)
		FROM pg_class LEFT JOIN LATERAL aclexplode(relacl) ON grantee <> relowner
		WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' GROUP BY 1 ORDER BY 1`
	d.want(open, "_singular_rejected | ∅", "f | -, pg_monitor", "r | ∅")

	// A run that is interrupted leaves its tables.
	d.run("GRANT SELECT ON _singular_rejected TO pg_monitor")
	if err := d.load(with, append(messages, "{")...); err == nil {
		t.Fatal("the run was to fail")
	}
	d.want(open, "_singular_keys | ∅", "_singular_rejected | pg_monitor", "_singular_staging | ∅", "f | -, pg_monitor", "r | ∅")
	oid := d.oidOf("r")
	d.mustLoad(with, messages...)
	d.want(open, "_singular_rejected | pg_monitor", "f | -, pg_monitor", "r | ∅")
	if d.oidOf("r") == oid {
		t.Error("r was to be another table")
	}
}
