package typemap

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// columnOf returns the type of the only property of a schema, given the property's own schema and, optionally, further
// members of the whole schema.
func columnOf(t *testing.T, property string, opts SchemaOptions, members ...string) string {
	t.Helper()
	members = append([]string{`"type":"object"`, `"properties":{"p":` + property + `}`}, members...)
	fields, err := Fields([]byte("{"+strings.Join(members, ",")+"}"), opts)
	if err != nil {
		t.Fatalf("Fields of %s: %v", property, err)
	}
	if len(fields) != 1 || fields[0].Name != "p" {
		t.Fatalf("Fields of %s = %v, want the one column p", property, fields)
	}
	if fields[0].Encoding != "" {
		return fields[0].Type.Name + " " + fields[0].Encoding
	}
	return fields[0].Type.Name
}

// columnCase is a property's schema and the column it asks for.
type columnCase struct{ schema, want string }

func testColumns(t *testing.T, opts SchemaOptions, cases []columnCase, members ...string) {
	t.Helper()
	for _, c := range cases {
		if got := columnOf(t, c.schema, opts, members...); got != c.want {
			t.Errorf("%s\n\tgives %s, want %s", c.schema, got, c.want)
		}
	}
}

func TestEachTypeHasItsColumn(t *testing.T) {
	t.Parallel()
	testColumns(t, SchemaOptions{}, []columnCase{
		{`{"type":"integer"}`, "bigint"},
		{`{"type":"number"}`, "numeric"},
		{`{"type":"number","multipleOf":0.01}`, "numeric"},
		{`{"type":"number","multipleOf":1}`, "numeric"},
		{`{"type":"boolean"}`, "boolean"},
		{`{"type":"string"}`, "text"},
		{`{"type":"string","maxLength":20}`, "text"},
		{`{"type":"object"}`, "jsonb"},
		{`{"type":"object","properties":{"a":{"type":"string"}}}`, "jsonb"},
		{`{"type":"object","patternProperties":{"^x":{"type":"integer"}}}`, "jsonb"},
		{`{"type":"object","additionalProperties":{"type":"integer"}}`, "jsonb"},
		{`{"type":"array"}`, "jsonb"},
		{`{"type":"array","items":{"type":"string"}}`, "jsonb"},
		{`{"type":"array","items":[{"type":"string"},{"type":"integer"}]}`, "jsonb"},
		{`{"type":"array","prefixItems":[{"type":"string"}]}`, "jsonb"},
		{`{"type":"null"}`, "jsonb"},
	})
}

func TestAnyTypeMayBeNullableInAnyOrder(t *testing.T) {
	t.Parallel()
	testColumns(t, SchemaOptions{}, []columnCase{
		{`{"type":["null","integer"]}`, "bigint"},
		{`{"type":["integer","null"]}`, "bigint"},
		{`{"type":["string","null"],"format":"date"}`, "date"},
		{`{"type":["null"]}`, "jsonb"},
		{`{"type":["null","null","boolean"]}`, "boolean"},
		{`{"anyOf":[{"type":"null"},{"anyOf":[{"type":"null"},{"type":["null","integer"]}]}]}`, "bigint"},
		{`{"oneOf":[{"type":"string","format":"uuid"},{"const":null}]}`, "uuid"},
		{`{"type":["string","null"],"enum":["a",null]}`, "text"},
	})
}

func TestASchemaThatSaysNothingIsJSON(t *testing.T) {
	t.Parallel()
	testColumns(t, SchemaOptions{}, []columnCase{
		{`{}`, "jsonb"},
		{`true`, "jsonb"},
		{`false`, "jsonb"},
		{`null`, "jsonb"},
		{`[]`, "jsonb"},
		{`5`, "jsonb"},
		{`"string"`, "jsonb"},
		{`{"description":"anything"}`, "jsonb"},
		{`{"minimum":0}`, "jsonb"},
		{`{"format":"date"}`, "jsonb"}, // numbers and objects are admitted too
		{`{"type":[]}`, "jsonb"},
		{`{"type":null}`, "jsonb"},
		{`{"type":7}`, "jsonb"},
		{`{"type":"potato"}`, "jsonb"},
		{`{"type":["potato","null"]}`, "jsonb"},
		{`{"type":["string",{"type":"integer"}]}`, "jsonb"}, // draft 3
		{`{"not":{"type":"string"}}`, "jsonb"},
		{`{"anyOf":[]}`, "jsonb"},
		{`{"anyOf":{}}`, "jsonb"},
		{`{"enum":[]}`, "jsonb"},
		{`{"enum":"a"}`, "jsonb"},
	})
}

func TestFormatsOfStrings(t *testing.T) {
	t.Parallel()
	testColumns(t, SchemaOptions{}, []columnCase{
		{`{"type":"string","format":"date"}`, "date"},
		{`{"type":"string","format":"time"}`, "time without time zone"},
		{`{"type":"string","format":"date-time"}`, "timestamp with time zone"},
		{`{"type":"string","format":"uuid"}`, "uuid"},
		{`{"type":"string","format":"email"}`, "text"},
		{`{"type":"string","format":"ipv4"}`, "text"},
		{`{"type":"string","format":"duration"}`, "text"},
		{`{"type":"string","format":"Date"}`, "text"}, // formats have their case
		{`{"type":"string","format":5}`, "text"},
		{`{"type":"string","format":"date-time","airbyte_type":"timestamp_without_timezone"}`, "timestamp without time zone"},
		{`{"type":"string","format":"date-time","airbyte_type":"timestamp_with_timezone"}`, "timestamp with time zone"},
		{`{"type":"string","airbyte_type":"timestamp_without_timezone"}`, "timestamp without time zone"},
		{`{"type":"string","format":"time","airbyte_type":"time_with_timezone"}`, "time with time zone"},
		{`{"type":"string","format":"time","airbyte_type":"time_without_timezone"}`, "time without time zone"},
		{`{"type":"integer","format":"date-time"}`, "bigint"}, // formats are about strings
		{`{"type":"boolean","format":"uuid"}`, "boolean"},
	})
}

func TestDecimalsKeepTheirLimits(t *testing.T) {
	t.Parallel()
	testColumns(t, SchemaOptions{}, []columnCase{
		{`{"type":["string","null"],"format":"x-singer.decimal","precision":38,"scale":9}`, "numeric(38,9)"},
		{`{"type":"string","format":"singer.decimal","precision":38.0,"scale":0}`, "numeric(38,0)"},
		{`{"type":"string","format":"singer.decimal","decimal":{"precision":10,"scale":2}}`, "numeric(10,2)"},
		{`{"type":"number","format":"singer.decimal","precision":10,"scale":2}`, "numeric(10,2)"},
		{`{"type":"integer","format":"singer.decimal","precision":30,"scale":0}`, "numeric(30,0)"},
		{`{"type":["number","string","null"],"format":"singer.decimal","precision":10,"scale":2}`, "numeric(10,2)"},
		{`{"type":"string","format":"singer.decimal"}`, "numeric"},
		{`{"type":"string","format":"singer.decimal","precision":10}`, "numeric"},
		{`{"type":"string","format":"singer.decimal","scale":2}`, "numeric"},
		{`{"type":"string","format":"singer.decimal","precision":10,"scale":-2}`, "numeric"},
		{`{"type":"string","format":"singer.decimal","precision":3,"scale":5}`, "numeric"},
		{`{"type":"string","format":"singer.decimal","precision":0,"scale":0}`, "numeric"},
		{`{"type":"string","format":"singer.decimal","precision":1001,"scale":0}`, "numeric"},
		{`{"type":"string","format":"singer.decimal","precision":1e99,"scale":0}`, "numeric"},
		{`{"type":"string","format":"singer.decimal","precision":10.5,"scale":2}`, "numeric"},
		{`{"type":"string","format":"singer.decimal","precision":10,"scale":2.5}`, "numeric"},
		{`{"type":"string","format":"singer.decimal","precision":1,"scale":0}`, "numeric(1,0)"},
		{`{"type":"string","format":"singer.decimal","precision":1000,"scale":1000}`, "numeric(1000,1000)"},
		{`{"type":"string","format":"singer.decimal","precision":"10","scale":"2"}`, "numeric"},
		{`{"type":"string","format":"singer.decimal","precision":5,"scale":5}`, "numeric(5,5)"},
		{`{"anyOf":[{"type":"string","format":"singer.decimal","precision":10,"scale":2},
			{"type":"string","format":"singer.decimal","precision":12,"scale":6}]}`, "numeric(14,6)"},
		{`{"anyOf":[{"type":"string","format":"singer.decimal","precision":10,"scale":2},
			{"type":"string","format":"singer.decimal"}]}`, "numeric"},
		{`{"anyOf":[{"type":"string","format":"singer.decimal","precision":10,"scale":2},{"type":"number"}]}`, "numeric"},
		{`{"anyOf":[{"type":"string","format":"singer.decimal","precision":10,"scale":2},{"type":"string"}]}`, "text"},
		{`{"type":["string","boolean"],"format":"singer.decimal","precision":10,"scale":2}`, "text"},
	})
}

func TestNumberTypeAppliesToNumbersOnly(t *testing.T) {
	t.Parallel()
	testColumns(t, SchemaOptions{NumberType: DoubleNumbers}, []columnCase{
		{`{"type":"number"}`, "double precision"},
		{`{"type":["integer","number"]}`, "double precision"},
		{`{"type":"integer"}`, "bigint"},
		{`{"type":"integer","maximum":1e30}`, "numeric"},
		{`{"type":"string","format":"singer.decimal","precision":10,"scale":2}`, "numeric(10,2)"},
		{`{"type":["number","string"]}`, "text"},
	})
}

func TestBinaryIsDecodedOnRequest(t *testing.T) {
	t.Parallel()
	testColumns(t, SchemaOptions{}, []columnCase{
		{`{"type":"string","contentEncoding":"base64"}`, "text"},
		{`{"type":"string","contentEncoding":"base16"}`, "text"},
	})
	testColumns(t, SchemaOptions{DecodeBinary: true}, []columnCase{
		{`{"type":["string","null"],"contentEncoding":"base64"}`, "bytea base64"},
		{`{"type":"string","contentEncoding":"BASE16"}`, "bytea base16"},
		{`{"type":"string","contentEncoding":"quoted-printable"}`, "text"},
		{`{"type":"string","contentEncoding":"base64","format":"date"}`, "bytea base64"},
		{`{"type":["string","integer"],"contentEncoding":"base64"}`, "text"},
		{`{"anyOf":[{"type":"string","contentEncoding":"base64"},{"type":"string","contentEncoding":"base16"}]}`, "text"},
		{`{"anyOf":[{"type":"string","contentEncoding":"base64"},{"type":"string"}]}`, "text"},
		{`{"type":"object","contentEncoding":"base64"}`, "jsonb"},
	})
}

func TestFieldsKeepTheOrderOfTheSchema(t *testing.T) {
	t.Parallel()
	fields, err := Fields([]byte(`{"properties":{"z":{"type":"string"},"A":{"type":"integer","description":"the A"},
		"":{"type":"boolean"},"é\u0041\n":{},"z":{"type":"number"},"a\u0000b\ud800":{}}}`), SchemaOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want := []Field{
		{Name: "z", Type: Numeric}, // the last definition, in the first place
		{Name: "A", Type: BigInt, Description: "the A"},
		{Name: "", Type: Bool},
		{Name: "éA\n", Type: JSONB},
		{Name: "a\uFFFDb\uFFFD", Type: JSONB},
	}
	if diff := cmp.Diff(want, fields); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
}

func TestDescriptionsComeFromTheSchemaOrWhatItRefersTo(t *testing.T) {
	t.Parallel()
	fields, err := Fields([]byte(`{"properties":{
		"own":{"$ref":"#/$defs/d","description":"own"},
		"referred":{"$ref":"#/$defs/d"},
		"none":{"$ref":"#/$defs/missing"},
		"odd":{"type":"string","description":5}},
		"$defs":{"d":{"type":"string","description":"referred to"}}}`), SchemaOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range fields {
		got = append(got, f.Description)
	}
	if diff := cmp.Diff([]string{"own", "referred to", "", ""}, got); diff != "" {
		t.Errorf("descriptions (-want +got):\n%s", diff)
	}
}

func TestASchemaThatDescribesNoRecordIsAnError(t *testing.T) {
	t.Parallel()
	for schema, reason := range map[string]string{
		`{"type":"object","properties":["a"]}`: `missing "properties"`,
		`{"$ref":"#/$defs/none"}`:              `missing "properties", and its $ref "#/$defs/none" leads to none`,
		`{"$ref":"#"}`:                         `missing "properties"`,
		`{"allOf":[{"type":"object"}]}`:        `missing "properties"`,
		`true`:                                 "not a json object",
		`null`:                                 "not a json object",
		`[{"properties":{}}]`:                  "not a json object",
		`"x"`:                                  "not a json object",
		``:                                     "malformed json",
		`{"properties":{}`:                     "malformed json",
		`{"properties":{}} {}`:                 "more than one json value",
		"{\"properties\":{\"\xff\":{}}}":       "not valid utf-8",
		`{"properties":{"a":{"type":"integer",}}}`: "malformed json",
	} {
		_, err := Fields([]byte(schema), SchemaOptions{})
		var schemaErr *SchemaError
		if !errors.As(err, &schemaErr) || !strings.Contains(err.Error(), reason) {
			t.Errorf("Fields(%s) error = %v, want a SchemaError with %q", schema, err, reason)
		}
	}
}

func TestEmptyPropertiesAreNoError(t *testing.T) {
	t.Parallel()
	for _, schema := range []string{`{"properties":{}}`, ` {"type":"object" , "properties" : { } } `, `{"allOf":[{"properties":{}}]}`, `{}`, `{"type":"object"}`, `{"type":"object","properties":null}`} {
		fields, err := Fields([]byte(schema), SchemaOptions{})
		if err != nil || len(fields) != 0 {
			t.Errorf("Fields(%s) = %v, %v, want no fields and no error", schema, fields, err)
		}
	}
}

func TestSchemaErrorsNameTheirProperty(t *testing.T) {
	t.Parallel()
	if got, want := (&SchemaError{Property: "a", Reason: "odd"}).Error(), "schema of property a: odd"; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
	if got, want := (&SchemaError{Reason: "odd"}).Error(), "schema: odd"; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
}

func TestHostileSchemasAreAnsweredQuickly(t *testing.T) {
	t.Parallel()
	for name, schema := range map[string]string{
		"deep nesting":   `{"properties":{"p":` + strings.Repeat(`{"anyOf":[`, 100_000) + `{}` + strings.Repeat(`]}`, 100_000) + `}}`,
		"doubling allOf": `{"properties":{"p":{"$ref":"#/$defs/d0"}},"$defs":{` + doubling("allOf", 60) + `}}`,
		"doubling anyOf": `{"properties":{"p":{"$ref":"#/$defs/d0"}},"$defs":{` + doubling("anyOf", 60) + `}}`,
		"doubling top":   `{"properties":{"p":{}},"allOf":[{"$ref":"#/$defs/d0"}],"$defs":{` + doubling("allOf", 60) + `}}`,
		"long chain":     `{"properties":{"p":{"$ref":"#/$defs/d0"}},"$defs":{` + chain(2_000) + `}}`,
		"huge exponent":  `{"properties":{"p":{"type":"integer","maximum":1e999999999,"minimum":1e-999999999}}}`,
	} {
		for _, airbyte := range []bool{false, true} {
			fields, err := Fields([]byte(schema), SchemaOptions{Airbyte: airbyte})
			if err != nil || len(fields) != 1 {
				t.Errorf("%s: Fields = %v, %v, want one column", name, fields, err)
			}
		}
	}
}

// doubling returns n definitions which each refer to the next one twice.
func doubling(keyword string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"d%d":{%q:[{"$ref":"#/$defs/d%d"},{"$ref":"#/$defs/d%d"}]},`, i, keyword, i+1, i+1)
	}
	fmt.Fprintf(&b, `"d%d":{"type":"object","properties":{"p":{"type":"integer"}}}`, n)
	return b.String()
}

// chain returns n definitions which each refer to the next.
func chain(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"d%d":{"$ref":"#/$defs/d%d"},`, i, i+1)
	}
	fmt.Fprintf(&b, `"d%d":{"type":"string"}`, n)
	return b.String()
}
