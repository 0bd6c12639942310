package target_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"target-postgres/target/failure"
)

// edge is one way in which a column with data gets a wider type.
type edge struct {
	column, literal string // the column as it was, and its value
	schema, value   string // what the stream says of it now, and brings
	to              string // the column's type afterwards
	old, loaded     string // the two values afterwards
}

// The JSON Schemas of the edges below.
const (
	integerSchema  = `{"type":["null","integer"]}`
	numberSchema   = `{"type":["null","number"]}`
	stringSchema   = `{"type":["null","string"]}`
	booleanSchema  = `{"type":["null","boolean"]}`
	objectSchema   = `{"type":["null","object"]}`
	instantSchema  = `{"type":["null","string"],"format":"date-time"}`
	timeSchema     = `{"type":["null","string"],"format":"time"}`
	uuidSchema     = `{"type":["null","string"],"format":"uuid"}`
	exampleOfUUID  = `a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11`
	withTimeZone   = "timestamp with time zone"
	highestBigint  = "9223372036854775807"
	beyondBigint   = "9223372036854775808"
	fortyDigits    = "1234567890123456789012345678901234567890"
	exampleInstant = "2020-01-01T01:02:03.5Z"
)

// byValue are widened only when a value comes that does not fit.
func byValue() []edge {
	return []edge{
		{"smallint", "-32768", integerSchema, "32768", "bigint", "-32768", "32768"},
		{"integer", "2147483647", integerSchema, "2147483648", "bigint", "2147483647", "2147483648"},
		{"bigint", highestBigint, integerSchema, beyondBigint, "numeric", highestBigint, beyondBigint},
		{"bigint", "-9223372036854775808", integerSchema, "-9223372036854775809", "numeric", "-9223372036854775808", "-9223372036854775809"},
		{"smallint", "7", numberSchema, "1.5", "numeric", "7", "1.5"},
		{"integer", "7", numberSchema, "1.50", "numeric", "7", "1.50"},
		{"bigint", "9007199254740993", numberSchema, "0.1", "numeric", "9007199254740993", "0.1"},
		{"numeric(5,2)", "999.99", numberSchema, "1000", "numeric", "999.99", "1000"},
		{"numeric(5,2)", "1.50", numberSchema, "0.001", "numeric", "1.50", "0.001"},
		{"numeric(20,0)", "12345678901234567890", numberSchema, fortyDigits, "numeric", "12345678901234567890", fortyDigits},
		{"real", "0.1", numberSchema, "16777217", "numeric", "0.1", "16777217"},
		{"double precision", "0.1", numberSchema, "9007199254740993", "numeric", "0.1", "9007199254740993"},
		{"character varying(3)", "'abc'", stringSchema, `"abcd"`, "text", "abc", "abcd"},
		{"character(3)", "'a'", stringSchema, `"abcd"`, "text", "a", "abcd"},
		{"date", "'2020-02-29'", instantSchema, `"` + exampleInstant + `"`, withTimeZone, "2020-02-29 00:00:00+00", "2020-01-01 01:02:03.5+00"},
		{"date", "'2020-02-29'", stringSchema, `"soon"`, "text", "2020-02-29", "soon"},
		{"timestamp", "'2020-02-29 01:02:03.5'", stringSchema, `"soon"`, "text", "2020-02-29T01:02:03.5", "soon"},
		{"timestamptz", "'2020-02-29 01:02:03.5+02'", stringSchema, `"soon"`, "text", "2020-02-28T23:02:03.5+00:00", "soon"},
		{"time", "'01:02:03'", timeSchema, `"01:02:03+01"`, "time with time zone", "01:02:03+00", "01:02:03+01"},
		{"time", "'01:02:03'", stringSchema, `"noon"`, "text", "01:02:03", "noon"},
		{"timetz", "'01:02:03-08'", stringSchema, `"noon"`, "text", "01:02:03-08:00", "noon"},
		{"uuid", "'" + exampleOfUUID + "'", stringSchema, `"none"`, "text", exampleOfUUID, "none"},
	}
}

// byDeclaredType are widened to what the schema declares, in another family, when a value comes that does not fit.
func byDeclaredType() []edge {
	return []edge{
		{"boolean", "true", stringSchema, `"maybe"`, "text", "true", "maybe"},
		{"boolean", "true", objectSchema, `{"k":1}`, "jsonb", "true", `{"k": 1}`},
		{"boolean", "false", integerSchema, "5", "text", "false", "5"},
		{"smallint", "7", stringSchema, `"x"`, "text", "7", "x"},
		{"integer", "7", booleanSchema, "true", "text", "7", "true"},
		{"bigint", highestBigint, stringSchema, `"007"`, "text", highestBigint, "007"},
		{"bigint", highestBigint, objectSchema, `{}`, "jsonb", highestBigint, "{}"},
		{"numeric", fortyDigits + ".10", stringSchema, `"x"`, "text", fortyDigits + ".10", "x"},
		{"numeric(5,2)", "1.50", objectSchema, `[1]`, "jsonb", "1.50", "[1]"},
		{"real", "0.1", stringSchema, `"x"`, "text", "0.1", "x"},
		{"double precision", "0.1", objectSchema, `{}`, "jsonb", "0.1", "{}"},
		{"date", "'2020-02-29'", integerSchema, "5", "text", "2020-02-29", "5"},
		{"date", "'2020-02-29'", objectSchema, `{}`, "jsonb", `"2020-02-29"`, "{}"},
		{"date", "'2020-02-29'", uuidSchema, `"` + exampleOfUUID + `"`, "text", "2020-02-29", exampleOfUUID},
		{"timestamp", "'2020-02-29 01:02:03'", objectSchema, `{}`, "jsonb", `"2020-02-29T01:02:03"`, "{}"},
		{"timestamptz", "'2020-02-29 01:02:03+02'", objectSchema, `{}`, "jsonb", `"2020-02-28T23:02:03+00:00"`, "{}"},
		{"time", "'01:02:03'", instantSchema, `"` + exampleInstant + `"`, "text", "01:02:03", exampleInstant},
		{"uuid", "'" + exampleOfUUID + "'", objectSchema, `{}`, "jsonb", `"` + exampleOfUUID + `"`, "{}"},
		{"boolean", "true", stringSchema, `"yes"`, "text", "true", "yes"},
		{"bigint", "7", stringSchema, `"1.0"`, "text", "7", "1.0"},
		{"numeric", "7", stringSchema, `"1e3"`, "text", "7", "1e3"},
		{"bigint", "7", objectSchema, `"7"`, "jsonb", "7", `"7"`},
		{"real", "0.5", stringSchema, `"16777217"`, "text", "0.5", "16777217"},
	}
}

// unchanged hold what the stream brings as they are.
func unchanged() []edge {
	return []edge{
		{"bytea", `'\x00ff'`, stringSchema, `"x"`, "bytea", `\x00ff`, `\x78`},
		{"bytea", `'\x00ff'`, stringSchema, `"\\x01fe"`, "bytea", `\x00ff`, `\x01fe`},
		{"boolean", "true", stringSchema, `"false"`, "boolean", "t", "f"},
		{"boolean", "true", integerSchema, "0", "boolean", "t", "f"},
		{"bigint", "7", stringSchema, `"-12"`, "bigint", "7", "-12"},
		{"numeric(5,2)", "1.50", stringSchema, `"1.5"`, "numeric(5,2)", "1.50", "1.50"},
		{"integer", "7", objectSchema, "8", "integer", "7", "8"},
		{"time", "'01:02:03'", stringSchema, `"01:02:04"`, "time without time zone", "01:02:03", "01:02:04"},
		{"timestamptz", "'2020-01-01 00:00Z'", stringSchema, `"2020-01-02T00:00:00Z"`, withTimeZone, "2020-01-01 00:00:00+00", "2020-01-02 00:00:00+00"},
		{"date", "'2020-02-29'", objectSchema, `"2020-03-01"`, "date", "2020-02-29", "2020-03-01"},
		{"numeric(5,2)", "1.50", numberSchema, "1.5", "numeric(5,2)", "1.50", "1.50"},
		{"smallint", "7", numberSchema, "8.0", "smallint", "7", "8"},
		{"timestamp", "'2020-02-29 01:02:03'", instantSchema, `"2020-01-01T01:02:03+01:00"`, "timestamp without time zone", "2020-02-29 01:02:03", "2020-01-01 00:02:03"},
		{"date", "'2020-02-29'", instantSchema, `"2020-01-01T00:00:00Z"`, "date", "2020-02-29", "2020-01-01"},
		{"date", "'2020-02-29'", stringSchema, `"2020-03-01"`, "date", "2020-02-29", "2020-03-01"},
		{"uuid", "'" + exampleOfUUID + "'", stringSchema, `"` + exampleOfUUID + `"`, "uuid", exampleOfUUID, exampleOfUUID},
		{"character varying(3)", "'abc'", stringSchema, `"éüß"`, "character varying(3)", "abc", "éüß"},
		{"text", "'x'", integerSchema, "5", "text", "x", "5"},
		{"text", "'x'", objectSchema, `{"k":1}`, "text", "x", `{"k":1}`},
		{"jsonb", `'{"a": 1}'`, stringSchema, `"x"`, "jsonb", `{"a": 1}`, `"x"`},
		{"jsonb", `'{"a": 1}'`, integerSchema, "5", "jsonb", `{"a": 1}`, "5"},
		{"text[]", "'{a}'", `{"type":"array"}`, `["b",null,"c,d"]`, "text[]", "{a}", `{b,NULL,"c,d"}`},
		{"inet", "'10.0.0.1'", stringSchema, `"10.0.0.0/8"`, "inet", "10.0.0.1", "10.0.0.0/8"},
		{"interval", "'1 day'", stringSchema, `"2 hours"`, "interval", "1 day", "02:00:00"},
		{"int4range", "'[1,3)'", stringSchema, `"[5,7)"`, "int4range", "[1,3)", "[5,7)"},
		{"bit(3)", "'101'", stringSchema, `"111"`, "bit(3)", "101", "111"},
	}
}

func TestAColumnWithDataIsWidenedAndItsValuesStay(t *testing.T) {
	t.Parallel()
	for name, edges := range map[string][]edge{"by value": byValue(), "by schema": byDeclaredType(), "not at all": unchanged()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := look(t)
			var messages []string
			for i, e := range edges {
				d.run(fmt.Sprintf("CREATE TABLE t%d (id bigint PRIMARY KEY, v %s); INSERT INTO t%d VALUES (1, %s), (2, NULL)", i, e.column, i, e.literal))
				stream := fmt.Sprintf("t%d", i)
				messages = append(messages, schemaOf(stream, `{"id":{"type":"integer"},"v":`+e.schema+`}`, "id"),
					record(stream, `{"id":3,"v":null}`), record(stream, fmt.Sprintf(`{"id":4,"v":%s}`, e.value)), record(stream, `{"id":5,"v":null}`))
			}
			d.mustLoad(nil, append(messages, stateOf("1"))...)
			for i, e := range edges {
				table := fmt.Sprintf("t%d", i)
				if got := d.typeOf(table, "v"); got != e.to {
					t.Errorf("%s with %s of %s is %s, want %s", e.column, e.value, e.schema, got, e.to)
					continue
				}
				d.want("SELECT id, v FROM "+table+" ORDER BY id", "1 | "+e.old, "2 | ∅", "3 | ∅", "4 | "+e.loaded, "5 | ∅")
			}
		})
	}
}

func TestNothingIsWidenedWhereThePolicyForbidsIt(t *testing.T) {
	t.Parallel()
	fixed := settings{"migration_policy": map[string]any{"changed_types": "fail"}}
	d := look(t)
	for i, e := range append(byValue(), byDeclaredType()...) {
		table := fmt.Sprintf("t%d", i)
		d.run(fmt.Sprintf("CREATE TABLE %s (id bigint PRIMARY KEY, v %s); INSERT INTO %s VALUES (1, %s)", table, e.column, table, e.literal))
		before := d.typeOf(table, "v") + " " + d.one("SELECT v FROM "+table)
		err := d.load(fixed, schemaOf(table, `{"id":{"type":"integer"},"v":`+e.schema+`}`, "id"), record(table, fmt.Sprintf(`{"id":2,"v":%s}`, e.value)))
		was, _, _ := strings.Cut(d.typeOf(table, "v"), "(")
		refused(t, err, failure.Configuration, "input line 2", fmt.Sprintf("stream %q", table), `column "v"`, "migration_policy.changed_types is fail", was, e.to+" is needed",
			`ALTER COLUMN "v" TYPE `+e.to, "or set changed_types to widen")
		if is := d.typeOf(table, "v") + " " + d.one("SELECT v FROM "+table); is != before {
			t.Errorf("%s became %s", before, is)
		}
	}
}

func TestAColumnIsWidenedInTheMiddleOfABatch(t *testing.T) {
	t.Parallel()
	const properties = `{"id":{"type":"integer"},"v":{"type":["null","integer"]},"at":{"type":"string","format":"date-time"}}`
	tests := map[string][]string{
		"append":      {"1 | 10", "1 | 12", "2 | " + beyondBigint, "3 | 13", "4 | " + fortyDigits},
		"replace":     {"1 | 12", "2 | " + beyondBigint, "3 | 13", "4 | " + fortyDigits},
		"upsert":      {"1 | 12", "2 | " + beyondBigint, "3 | 13", "4 | " + fortyDigits},
		"history":     {"1 | 10", "1 | 12", "2 | " + beyondBigint, "3 | 13", "4 | " + fortyDigits},
		"soft_delete": {"1 | 12", "2 | " + beyondBigint, "3 | 13", "4 | " + fortyDigits},
	}
	for mode, want := range tests {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			d := look(t)
			d.mustLoad(settings{"load_mode": mode, "history_time_column": "at"}, schemaOf("t", properties, "id"),
				record("t", `{"id":1,"v":10,"at":"2020-01-01T00:00:01Z"}`), record("t", `{"id":2,"v":`+beyondBigint+`,"at":"2020-01-01T00:00:02Z"}`),
				record("t", `{"id":1,"v":12,"at":"2020-01-01T00:00:03Z"}`), record("t", `{"id":3,"v":13,"at":"2020-01-01T00:00:04Z"}`),
				record("t", `{"id":4,"v":`+fortyDigits+`,"at":"2020-01-01T00:00:05Z"}`))
			d.want("SELECT id, v FROM t ORDER BY id, v", want...)
		})
	}
}

func TestAKeyIsWidenedWithItsIndex(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"upsert", "history", "soft_delete", "replace"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			d := look(t)
			const properties = `{"id":{"type":"integer"},"v":{"type":"string"}}`
			messages := []string{
				schemaOf("t", properties, "id"), record("t", `{"id":1,"v":"a"}`), record("t", `{"id":`+beyondBigint+`,"v":"b"}`),
				record("t", `{"id":1,"v":"c"}`), record("t", `{"id":`+beyondBigint+`,"v":"d"}`),
			}
			for range 2 {
				d.mustLoad(settings{"load_mode": mode}, messages...)
			}
			active := ""
			if mode == "history" {
				active = " WHERE _singular_active"
			}
			d.want("SELECT id, v FROM t"+active+" ORDER BY id", "1 | c", beyondBigint+" | d")
			if got := d.typeOf("t", "id"); got != "numeric" {
				t.Errorf("the key is %s, want numeric", got)
			}
		})
	}
}

func TestWhatIsNotInTheWayOfAnotherTypeIsStillThere(t *testing.T) {
	t.Parallel()
	d := look(t)
	d.run(`CREATE TABLE t (id bigint PRIMARY KEY, v integer DEFAULT 3); INSERT INTO t VALUES (1, 7);
		CREATE INDEX by_v ON t (v); CREATE UNIQUE INDEX one_v ON t (v, id); CREATE INDEX some_v ON t (id) WHERE v IS NOT NULL;
		CREATE STATISTICS both_of_t ON id, v FROM t; CREATE VIEW other AS SELECT id FROM t; COMMENT ON COLUMN t.v IS 'a comment'`)
	d.mustLoad(nil, schemaOf("t", `{"id":{"type":"integer"},"v":`+stringSchema+`}`, "id"), record("t", `{"id":2,"v":"x"}`))
	d.want("SELECT id, v FROM t ORDER BY id", "1 | 7", "2 | x")
	d.want("SELECT indexname FROM pg_indexes WHERE schemaname = '"+d.schema+"' ORDER BY 1", "by_v", "one_v", "some_v", "t_pkey")
	d.want("SELECT col_description('t'::regclass, 2), pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = 't'::regclass", "a comment | 3")
	d.run("INSERT INTO t (id) VALUES (3)")
	d.want("SELECT v FROM t WHERE id = 3", "3")
}

func TestALoaderGoesOnWhileAnotherMakesItsColumnLarger(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, narrow, value, wide, larger, to, stored, storedLarger string }{
		{"a number", `{"type":"integer"}`, "1", `{"type":"number"}`, "1.50", "numeric", "1", "1.50"},
		{"an instant", `{"type":"string","format":"date"}`, `"2020-01-01"`, `{"type":"string","format":"date-time"}`, `"2020-01-01T01:00:00Z"`, withTimeZone, "2020-01-01 00:00:00+00", "2020-01-01 01:00:00+00"},
		{"a text", `{"type":"string"}`, `"abcd"`, `{"type":"string"}`, `"abcdefgh"`, "text", "abcd", "abcdefgh"},
	}
	for _, test := range tests {
		for _, mode := range []string{"append", "upsert", "history", "soft_delete"} {
			t.Run(test.name+" in "+mode, func(t *testing.T) {
				t.Parallel()
				d := look(t)
				if test.name == "a text" {
					d.run("CREATE TABLE t (id bigint NOT NULL, v character varying(5))")
				}
				in, tap := io.Pipe()
				emitted := make(chan int, 9)
				w := newWitness(t, d.schema)
				w.onLine = func(n int) { emitted <- n }
				first := newTarget(t, newConfig(t, d.schema, settings{"load_mode": mode, "batch_max_age": 0.02}), in, w)
				finished := make(chan error, 1)
				go func() {
					finished <- first.Run(t.Context())
					in.Close()
				}()
				say := func(messages ...string) {
					if _, err := io.WriteString(tap, strings.Join(messages, "\n")+"\n"); err != nil {
						t.Error(err)
					}
				}
				say(schemaOf("t", `{"id":{"type":"integer"},"v":`+test.narrow+`}`, "id"), record("t", `{"id":1,"v":`+test.value+`}`), stateOf("{}"))
				<-emitted // the first loader knows the table now, and waits for more
				d.mustLoad(settings{"load_mode": mode}, schemaOf("t", `{"id":{"type":"integer"},"v":`+test.wide+`}`, "id"), record("t", `{"id":2,"v":`+test.larger+`}`))
				say(record("t", `{"id":3,"v":`+test.value+`}`))
				tap.Close()
				if err := <-finished; err != nil {
					t.Fatal(err)
				}
				d.want("SELECT id, v FROM t ORDER BY id", "1 | "+test.stored, "2 | "+test.storedLarger, "3 | "+test.stored)
				if got := d.typeOf("t", "v"); got != test.to {
					t.Errorf("v is %s, want %s", got, test.to)
				}
			})
		}
	}
}

func TestLoadersThatNeedDifferentColumnsAtOnceBothGetThem(t *testing.T) {
	t.Parallel()
	d := look(t)
	d.run("CREATE TABLE t (id bigint PRIMARY KEY, n smallint)")
	var loads []func() error
	for i := range 5 {
		properties := fmt.Sprintf(`{"id":{"type":"integer"},"n":{"type":"number"},"both":{"type":"string"},"c%d":{"type":"integer"}}`, i)
		row := fmt.Sprintf(`{"id":%d,"n":%s.5,"both":"x","c%d":%d}`, i, strings.Repeat("9", 2+4*i), i, i)
		loads = append(loads, func() error { return d.load(nil, schemaOf("t", properties, "id"), record("t", row)) })
	}
	runTogether(t, loads...)
	d.want(`SELECT id, n, "both", coalesce(c0, c1, c2, c3, c4) FROM t ORDER BY id`, "0 | 99.5 | x | 0", "1 | 999999.5 | x | 1", "2 | 9999999999.5 | x | 2",
		"3 | 99999999999999.5 | x | 3", "4 | 999999999999999999.5 | x | 4")
}
