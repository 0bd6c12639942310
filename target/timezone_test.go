package target_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"target-postgres/internal/pgtest"
)

// TestNoSettingOfTheSessionChangesWhatIsStored loads the same input as two roles. The second one's sessions begin with
// settings that change how values are read and written, and with a schema in the way of every name.
func TestNoSettingOfTheSessionChangesWhatIsStored(t *testing.T) {
	t.Parallel()
	loaded := map[string][]string{}
	for name, statements := range map[string][]string{
		"plain": nil,
		"hostile": {
			"SET TimeZone TO 'America/New_York'", "SET DateStyle TO 'SQL, DMY'", "SET IntervalStyle TO 'iso_8601'", "SET bytea_output TO 'escape'",
			"SET extra_float_digits TO -5", "SET standard_conforming_strings TO off", "SET client_encoding TO 'LATIN1'",
			"SET search_path TO decoy, pg_catalog", "SET default_transaction_isolation TO 'serializable'", "SET row_security TO on",
			"SET backslash_quote TO on", "SET lc_messages TO 'C'", "SET array_nulls TO off",
		},
	} {
		url := pgtest.Database(t)
		role := pgtest.Role(t, url)
		admin := lookInto(t, "public", url)
		quoted := pgx.Identifier{pgtest.User(t, role)}.Sanitize()
		admin.run("CREATE SCHEMA decoy; CREATE TABLE decoy.t (id int); CREATE TABLE decoy.h (id int); GRANT ALL ON SCHEMA decoy, public TO " + quoted)
		admin.run("GRANT CREATE ON SCHEMA public TO " + quoted)
		// A function of a type's own name would be found before the catalog's.
		admin.run("CREATE FUNCTION decoy.now() RETURNS timestamptz LANGUAGE sql AS 'SELECT NULL::timestamptz'; GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA decoy TO " + quoted)
		for _, s := range statements {
			admin.run("ALTER ROLE " + quoted + " " + s)
		}
		as := settings{"url": role}
		const first = `{"id":{"type":"integer"},"at":{"type":"string","format":"date-time"},"d":{"type":"string","format":"date"},
			"o":{"type":"string","format":"time"},"f":{"type":"number"},"s":{"type":"string","description":"it's:\\';\\"},"j":{},"a":{"type":"array"},
			"b":{"type":"string","contentEncoding":"base64"},"ts":{"type":"string","format":"date-time","airbyte_type":"timestamp_without_timezone"},
			"w1":{"type":"string","format":"date"},"w2":{"type":"string","format":"date-time"},"w3":{"type":"integer"}}`
		const second = `{"id":{"type":"integer"},"at":{"type":"string","format":"date-time"},"d":{"type":"string","format":"date"},
			"o":{"type":"string","format":"time"},"f":{"type":"number"},"s":{"type":"string"},"j":{},"a":{"type":"array"},
			"b":{"type":"string","contentEncoding":"base64"},"ts":{"type":"string","format":"date-time","airbyte_type":"timestamp_without_timezone"},
			"w1":{"type":"string","format":"date-time"},"w2":{"type":"string"},"w3":{"type":"object"}}`
		run := func(mode, stream string) {
			d := lookInto(t, "public", url)
			more := merged(as, settings{"load_mode": mode, "decode_binary": true, "history_time_column": "at"})
			d.mustLoad(more, schemaOf(stream, oneLine(first), "id"),
				record(stream, `{"id":1,"at":"2020-07-01T12:00:00","d":"2020-02-03","o":"03:04:05","f":0.1234567890123456789,"s":"it's \\ é","j":{"a":"\\"},"a":[null,"x"],"b":"AP9B","ts":"2020-03-08T02:30:00","w1":"2020-03-08","w2":"2020-07-01T12:00:00+05:30","w3":1}`),
				record(stream, `{"id":2,"at":"2020-01-01T12:00:00+14:00","d":"0044-03-15 BC","o":"23:59:59.5","f":1e-7,"s":"\u20ac \ud83d\udc18","w1":"9999-12-31","w2":"0001-01-01T00:00:00Z","w3":9007199254740993}`))
			d.mustLoad(more, schemaOf(stream, oneLine(second), "id"),
				record(stream, `{"id":1,"at":"2020-07-01T13:00:00Z","d":"2020-12-01","o":"03:04:05+02","f":2,"s":"","j":"x","w1":"2020-03-08T02:30:00","w2":"soon","w3":{"k":1}}`),
				record(stream, `{"id":2,"at":"2020-01-01T12:00:00+14:00","d":"0044-03-15 BC","o":"23:59:59.5","f":1e-7,"s":"\u20ac \ud83d\udc18","w1":"9999-12-31","w2":"0001-01-01T00:00:00+00:00","w3":9007199254740993}`))
		}
		run("upsert", "t")
		run("history", "h")
		d := lookInto(t, "public", url)
		loaded[name] = append(d.rows("SELECT * FROM t ORDER BY id"), d.rows("SELECT * FROM h ORDER BY id, _singular_start")...)
		d.want("SELECT count(*) FROM decoy.t", "0")
		d.want("SELECT col_description(attrelid, attnum) FROM pg_attribute WHERE attname = 's' AND attrelid IN ('t'::regclass, 'h'::regclass)",
			`it's:\';\`, `it's:\';\`)
		if name == "plain" {
			d.want(`SELECT at, w1, w2, ts FROM t ORDER BY id`, "2020-07-01 13:00:00+00 | 2020-03-08 02:30:00+00 | soon | ∅",
				"2019-12-31 22:00:00+00 | 9999-12-31 00:00:00+00 | 0001-01-01T00:00:00+00:00 | ∅")
			d.want(`SELECT _singular_start, _singular_end, w2, ts FROM h WHERE id = 1 ORDER BY 1`,
				"2020-07-01 12:00:00+00 | 2020-07-01 13:00:00+00 | 2020-07-01T06:30:00+00:00 | 2020-03-08 02:30:00",
				"2020-07-01 13:00:00+00 | ∅ | soon | ∅")
		}
	}
	if diff := cmp.Diff(loaded["plain"], loaded["hostile"]); diff != "" {
		t.Errorf("what is stored (-plain +hostile):\n%s", diff)
	}
}

// oneLine takes the line breaks out of JSON, whose strings have no white space.
func oneLine(json string) string { return strings.Join(strings.Fields(json), "") }
