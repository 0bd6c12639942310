package target_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"target-postgres/internal/pgtest"
	"target-postgres/protocol"
	"target-postgres/target"
)

// canary is a value that no message may repeat.
const canary = "xcanaryx"

// refusedTexts are texts with the canary that the server refuses, or takes, as values of a type.
func refusedTexts() map[string][]string {
	const c = canary
	return map[string][]string{
		"tsquery": {c + " " + c}, "tsvector": {"'" + c}, "jsonpath": {"$." + c + " " + c}, "xml": {"<" + c + ">", "<a>&" + c + ";</a>"},
		"regtype": {c, c + "." + c, "int4(" + c}, "regclass": {c, "a.b.c." + c}, "regproc": {c}, "regprocedure": {c + "(int)", "abs(" + c + ")"},
		"regoper": {c}, "regoperator": {c + "(int,int)"}, "regrole": {c}, "regnamespace": {c}, "regconfig": {c}, "regdictionary": {c},
		"int4range": {"[" + c + ",2)"}, "tstzrange": {"[" + c + ",)"}, "shorter": {c}, "checked": {c}, "mood": {c}, "pair": {"(" + c + ",1)", "(1," + c},
		"inet": {c}, "cidr": {c}, "macaddr": {c}, "bit(3)": {c}, "varbit": {c}, "uuid": {c}, "money": {c}, "interval": {c}, "interval year to month": {c},
		"integer[]": {"{" + c + "}", "{" + c}, "mood[]": {"{" + c + "}"}, "pair[]": {`{"(` + c + `,1)"}`}, "checked[]": {"{" + c + "}"}, "int4range[]": {"{" + c + "}"},
		"point": {c}, "polygon": {c}, "tid": {c}, "pg_lsn": {c}, "xid8": {c}, "oid": {c}, `"char"`: {c}, "aclitem": {c + "=r/" + c}, "pg_snapshot": {c},
		"date": {c}, "timestamptz": {c}, "time": {c}, "bigint": {c}, "numeric(5,2)": {c}, "real": {c}, "boolean": {c}, "varchar(2)": {c}, "bytea": {`\x` + c},
	}
}

// TestNoMessageRepeatsAValue has the server refuse a value of each type, and a trigger say it at every level that there
// is.
func TestNoMessageRepeatsAValue(t *testing.T) {
	t.Parallel()
	for mode, bad := range map[string]string{"append": "fail", "upsert": "reject", "replace": "fail"} {
		t.Run(mode+" "+bad, func(t *testing.T) {
			t.Parallel()
			d := look(t)
			d.run("CREATE TYPE mood AS ENUM ('a'); CREATE DOMAIN shorter AS varchar(5); CREATE TYPE pair AS (a int, b int); " +
				"CREATE DOMAIN checked AS text CHECK (VALUE <> '" + canary + "');" + talkative)
			for name, texts := range refusedTexts() {
				for _, text := range texts {
					d.run("DROP TABLE IF EXISTS t, _singular_rejected; CREATE TABLE t (id bigint PRIMARY KEY, v " + name + "); " +
						"CREATE TRIGGER says BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION says()")
					said := d.everything(settings{"load_mode": mode, "on_bad_record": bad, "migration_policy": map[string]any{"changed_types": "fail"}}, text)
					if i := strings.Index(strings.ToLower(said), canary); i >= 0 {
						t.Errorf("%s: %q is repeated: %s", name, text, said[max(0, i-200):])
					}
				}
			}
		})
	}
}

// TestNoMessageRepeatsAValueOfAnExtension is the same for the types of extensions that the server has.
func TestNoMessageRepeatsAValueOfAnExtension(t *testing.T) {
	t.Parallel()
	const c = canary
	home := pgtest.Database(t)
	d := lookInto(t, pgtest.SchemaIn(t, home), home)
	for extension, texts := range map[string][]string{
		"hstore": {c, c + "=>", `"` + c}, "cube": {c, "(1,2),(" + c + ")"}, "seg": {c, "1 .. " + c}, "ltree": {c + "/" + c}, "isn": {c},
	} {
		if d.one("SELECT count(*) FROM pg_available_extensions WHERE name = '"+extension+"'") == "0" {
			continue
		}
		name := extension
		if extension == "isn" {
			name = "isbn"
		}
		d.run("CREATE EXTENSION " + extension + " SCHEMA public")
		for _, text := range texts {
			d.run("DROP TABLE IF EXISTS t, _singular_rejected; CREATE TABLE t (id bigint PRIMARY KEY, v public." + name + ")")
			said := d.everything(settings{"url": home, "on_bad_record": "reject"}, text)
			if i := strings.Index(strings.ToLower(said), canary); i >= 0 {
				t.Errorf("%s: %q is repeated: %s", name, text, said[max(0, i-200):])
			}
			if !strings.Contains(said, "rejected a record") {
				t.Errorf("%s: %q is not refused: %s", name, text, said)
			}
		}
	}
}

// talkative is a trigger that tells everybody of every row.
const talkative = `CREATE FUNCTION says() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN
    RAISE INFO '%', new; RAISE NOTICE '%', new; RAISE WARNING '%', new; RAISE LOG '%', new; RAISE DEBUG '%', new;
    PERFORM pg_notify('x', '` + canary + `');
    IF new.id = 2 THEN RAISE EXCEPTION '%', new USING HINT = '` + canary + `', DETAIL = '` + canary + `', COLUMN = '` + canary + `'; END IF;
    RETURN new;
END$$;`

// everything is all that a run tells of two rows with a value: its output, its log, its error, its summary and the
// reasons of rejected records.
func (d *database) everything(as settings, value string) string {
	d.t.Helper()
	var said bytes.Buffer
	quoted, _ := json.Marshal(value)
	in := schemaOf("t", idAndText, "id")
	for id := 1; id <= 2; id++ {
		in += "\n" + record("t", fmt.Sprintf(`{"id":%d,"v":%s}`, id, quoted))
	}
	reader := protocol.NewSinger(strings.NewReader(in), 0)
	defer reader.Close()
	run, err := target.New(newConfig(d.t, d.schema, as), reader, protocol.NewWriter(&said), slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelDebug})))
	if err != nil {
		d.t.Fatal(err)
	}
	err = run.Run(d.t.Context())
	sum, _ := json.Marshal(run.Summary(err))
	fmt.Fprintf(&said, "\n%v\n%s\n", err, sum)
	if d.one("SELECT to_regclass('_singular_rejected') IS NOT NULL") == "t" {
		fmt.Fprintln(&said, d.rows("SELECT line, reason FROM _singular_rejected"))
	}
	return said.String()
}

// TestWhatTheServerSaidIsLoggedOnRequest is the other side: log_server_messages repeats it.
func TestWhatTheServerSaidIsLoggedOnRequest(t *testing.T) {
	t.Parallel()
	d := look(t)
	d.run("CREATE TABLE t (id bigint PRIMARY KEY, v regtype)")
	if said := d.everything(settings{"log_server_messages": true}, canary); !strings.Contains(said, canary) {
		t.Errorf("log_server_messages does not log what the server said: %s", said)
	}
}
