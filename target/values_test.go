package target_test

import (
	"fmt"
	"strings"
	"testing"

	"target-postgres/target/failure"
)

const anyValue = `{"id":{"type":"integer"},"v":{}}`

func TestATextOfTwentyMegabytesComesBackWhole(t *testing.T) {
	t.Parallel()
	d := look(t)
	// Texts with characters that are special to COPY or JSON, at every alignment.
	unit := "0123456789é\U0001f418,\"\n\r\\.\t"
	long := strings.Repeat(unit, 20<<20/len(unit))
	quoted := strings.NewReplacer("\\", `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(long)
	d.mustLoad(settings{"batch_max_bytes": 1 << 20},
		schemaOf("t", `{"id":{"type":"integer"},"s":{"type":"string"}}`, "id"),
		record("t", `{"id":1,"s":"before"}`), record("t", `{"id":2,"s":"`+quoted+`"}`), record("t", `{"id":3,"s":"after"}`), stateOf("1"))
	var got string
	if err := d.conn.QueryRow(t.Context(), "SELECT s FROM t WHERE id = 2").Scan(&got); err != nil {
		t.Fatal(err)
	}
	if got != long {
		t.Errorf("%d bytes came back of %d, or others", len(got), len(long))
	}
	d.want("SELECT id, left(s, 6) FROM t WHERE id <> 2 ORDER BY id", "1 | before", "3 | after")
}

func TestAThousandLevelsOfNestingComeBack(t *testing.T) {
	t.Parallel()
	d := look(t)
	const depth = 1000
	arrays := strings.Repeat("[", depth) + `"core"` + strings.Repeat("]", depth)
	objects := strings.Repeat(`{"k": `, depth) + "1" + strings.Repeat("}", depth)
	d.mustLoad(nil, schemaOf("t", anyValue, "id"), record("t", `{"id":1,"v":`+arrays+`}`), record("t", `{"id":2,"v":`+objects+`}`))
	d.want("SELECT v::text FROM t ORDER BY id", arrays, objects)
}

func TestADeepSchemaIsJSONB(t *testing.T) {
	t.Parallel()
	d := look(t)
	const depth = 500
	deep := strings.Repeat(`{"type":"object","properties":{"k":`, depth) + `{"type":"string"}` + strings.Repeat("}}", depth)
	d.mustLoad(nil, schemaOf("t", `{"id":{"type":"integer"},"v":`+deep+`}`, "id"), record("t", `{"id":1,"v":{"k":{"k":"x"}}}`))
	d.want("SELECT v FROM t", `{"k": {"k": "x"}}`)
}

func TestARowOfManyColumnsKeepsThemApart(t *testing.T) {
	t.Parallel()
	d := look(t)
	const columns = 1000
	properties, values := []string{`"id":{"type":"integer"}`}, []string{`"id":1`}
	for i := range columns {
		properties = append(properties, fmt.Sprintf(`"c%d":{"type":["null","integer"]}`, i))
		if i%3 > 0 {
			// The record's order is not the schema's.
			values = append([]string{fmt.Sprintf(`"c%d":%d`, i, i)}, values...)
		}
	}
	d.mustLoad(nil, schemaOf("t", "{"+strings.Join(properties, ",")+"}", "id"), record("t", "{"+strings.Join(values, ",")+"}"))
	wrong := d.one(`SELECT count(*) FROM (SELECT to_jsonb(t) AS row FROM t) AS t, generate_series(0, 999) AS i
		WHERE (row ->> ('c' || i)) IS DISTINCT FROM CASE WHEN i % 3 > 0 THEN i::text END`)
	if wrong != "0" {
		t.Errorf("%s of %d columns hold something else", wrong, columns)
	}
}

func TestANumericTakesInfinityWhereTheServerHasIt(t *testing.T) {
	t.Parallel()
	d := look(t)
	err := d.load(nil, schemaOf("t", `{"id":{"type":"integer"},"v":{"type":"number"}}`, "id"),
		record("t", `{"id":1,"v":1}`), record("t", `{"id":2,"v":"Infinity"}`), record("t", `{"id":3,"v":"-Infinity"}`))
	if d.one("SELECT current_setting('server_version_num')::int >= 140000") == "t" {
		if err != nil {
			t.Fatal(err)
		}
		d.want("SELECT id, v FROM t ORDER BY id", "1 | 1", "2 | Infinity", "3 | -Infinity")
		return
	}
	refused(t, err, failure.Row, "line 3", `"v"`)
	d.want("SELECT id, v FROM t ORDER BY id", "1 | 1")
}

func TestBinaryTextIsDecodedOnRequest(t *testing.T) {
	t.Parallel()
	const properties = `{"id":{"type":"integer"},"a":{"type":"string","contentEncoding":"base64"},"b":{"type":"string","contentEncoding":"base16"}}`
	messages := []string{
		schemaOf("t", properties, "id"),
		record("t", `{"id":1,"a":"AP9B","b":"00ff41"}`), record("t", `{"id":2,"a":"","b":""}`), record("t", `{"id":3,"a":"QQ==","b":"4A4b"}`),
	}
	d := look(t)
	d.mustLoad(settings{"decode_binary": true}, messages...)
	d.want("SELECT id, a, b FROM t ORDER BY id", `1 | \x00ff41 | \x00ff41`, `2 | \x | \x`, `3 | \x41 | \x4a4b`)
	refused(t, d.load(settings{"decode_binary": true}, append(messages[:1:1], record("t", `{"id":4,"a":"no base64!","b":"00"}`))...),
		failure.Row, "line 2", `"a"`)

	plain := look(t)
	plain.mustLoad(nil, messages...)
	plain.want("SELECT id, a, b FROM t ORDER BY id", "1 | AP9B | 00ff41", "2 |  | ", "3 | QQ== | 4A4b")
}

func TestAFieldThatIsMissingIsNULL(t *testing.T) {
	t.Parallel()
	d := look(t)
	d.mustLoad(nil, schemaOf("t", `{"id":{"type":"integer"},"a":{"type":"string"},"b":{"type":["null","integer"]},"c":{}}`, "id"),
		record("t", `{"id":1}`), record("t", `{"id":2,"a":"","b":0,"c":""}`), record("t", `{"id":3,"a":null,"b":null,"c":null}`))
	d.want("SELECT id, a, b, c FROM t ORDER BY id", "1 | ∅ | ∅ | ∅", `2 |  | 0 | ""`, "3 | ∅ | ∅ | ∅")
}

func TestAFieldWithoutAColumnIsLeftOut(t *testing.T) {
	t.Parallel()
	d := look(t)
	d.mustLoad(nil, schemaOf("t", `{"id":{"type":"integer"}}`, "id"), record("t", `{"id":1,"other":"x","":0}`))
	d.want("SELECT * FROM t", "1")
}

func TestABadRecordIsNamedAndWhatCameBeforeItIsThere(t *testing.T) {
	t.Parallel()
	const properties = `{"id":{"type":"integer"},"n":{"type":"integer"},"at":{"type":"string","format":"date-time"},"u":{"type":"string","format":"uuid"}}`
	tests := []struct{ name, bad, column string }{
		{"a text among numbers", `{"id":3,"n":"SECRET"}`, "n"},
		{"no instant", `{"id":3,"at":"SECRET"}`, "at"},
		{"no uuid", `{"id":3,"u":"SECRET"}`, "u"},
		{"no key", `{"n":1}`, "id"},
		{"a null key", `{"id":null}`, "id"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := look(t)
			states, err := load(t, newConfig(t, d.schema, nil), schemaOf("t", properties, "id"),
				record("t", `{"id":1}`), record("t", `{"id":2}`), stateOf("1"), record("t", test.bad), record("t", `{"id":4}`), stateOf("2"))
			refused(t, err, failure.Row, "input line 5", `stream "t"`, `column "`+test.column+`"`)
			if err != nil && strings.Contains(err.Error(), "SECRET") {
				t.Errorf("the value leaves through %q", err)
			}
			d.want("SELECT id FROM t ORDER BY id", "1", "2")
			if len(states) != 1 || states[0] != "1" {
				t.Errorf("the states are %q, want what stood before the bad record", states)
			}
		})
	}
}
