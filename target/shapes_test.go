package target_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// shape is a property's schema, the column that it makes, and values that it admits.
type shape struct {
	name, schema, column string
	// values are JSON, each followed by its text in the column; "∅" is NULL.
	values [][2]string
}

func shapes() []shape {
	whole := [][2]string{{`1`, `1`}, {`"x"`, `"x"`}, {`{"a":1}`, `{"a": 1}`}, {`[1]`, `[1]`}, {`true`, `true`}, {`1.50`, `1.50`}, {`null`, `∅`}}
	number := [][2]string{{`1`, `1`}, {`null`, `∅`}, {`9007199254740993`, `9007199254740993`}}
	return []shape{
		{"anyOf with null", `{"anyOf":[{"type":"integer"},{"type":"null"}]}`, "bigint", number},
		{"anyOf in anyOf", `{"anyOf":[{"anyOf":[{"type":"integer"}]},{"anyOf":[{"type":"null"}]}]}`, "bigint", number},
		{"oneOf with null", `{"oneOf":[{"type":"null"},{"type":"integer"}]}`, "bigint", number},
		{"nullable in words of OpenAPI", `{"type":"integer","nullable":true}`, "bigint", number},
		{
			"anyOf of a format and any text", `{"anyOf":[{"type":"string","format":"date-time"},{"type":"string"}]}`, "text",
			[][2]string{{`"2020-01-01T00:00:00Z"`, `2020-01-01T00:00:00Z`}, {`"soon"`, `soon`}, {`""`, ``}},
		},
		{
			"anyOf of a date-time and null", `{"anyOf":[{"type":"string","format":"date-time"},{"type":"null"}]}`, "timestamp with time zone",
			[][2]string{{`"2020-01-01T01:00:00+01:00"`, `2020-01-01 00:00:00+00`}, {`null`, `∅`}},
		},
		{
			"a date or a date-time", `{"oneOf":[{"type":"string","format":"date"},{"type":"string","format":"date-time"}]}`, "timestamp with time zone",
			[][2]string{{`"2020-01-01"`, `2020-01-01 00:00:00+00`}, {`"2020-01-01T12:00:00Z"`, `2020-01-01 12:00:00+00`}},
		},
		{"integer or string", `{"anyOf":[{"type":"integer"},{"type":"string"}]}`, "text", [][2]string{{`1`, `1`}, {`"1"`, `1`}, {`"x"`, `x`}}},
		{"integer or string as a list", `{"type":["integer","string","null"]}`, "text", [][2]string{{`12`, `12`}, {`"x"`, `x`}, {`null`, `∅`}}},
		{"integer or number", `{"oneOf":[{"type":"integer"},{"type":"number"}]}`, "numeric", [][2]string{{`1`, `1`}, {`1.50`, `1.50`}, {`1e3`, `1000`}}},
		{"boolean or integer", `{"type":["boolean","integer"]}`, "text", [][2]string{{`true`, `true`}, {`1`, `1`}}},
		{"number or string", `{"type":["number","string"]}`, "text", [][2]string{{`1.50`, `1.50`}, {`"x"`, `x`}, {`1e400`, `1e400`}}},
		{
			"object or array or string", `{"oneOf":[{"type":"object"},{"type":"array","items":{"type":"string"}},{"type":"string"}]}`, "jsonb",
			[][2]string{{`{"a":1}`, `{"a": 1}`}, {`["x"]`, `["x"]`}, {`"plain"`, `"plain"`}, {`null`, `∅`}},
		},
		{"object or string as a list", `{"type":["object","string"]}`, "jsonb", [][2]string{{`{}`, `{}`}, {`"{}"`, `"{}"`}}},
		{"every type", `{"type":["boolean","null","string","integer","number","object","array"]}`, "jsonb", whole},
		{"allOf that narrows", `{"allOf":[{"type":"integer"},{"minimum":0}]}`, "bigint", number},
		{
			"allOf that adds a format", `{"allOf":[{"type":["string","null"]},{"format":"date"}]}`, "date",
			[][2]string{{`"2020-02-29"`, `2020-02-29`}, {`null`, `∅`}},
		},
		{"allOf that chooses", `{"allOf":[{"type":["integer","string"]},{"type":"integer"}]}`, "bigint", number},
		{"enum of texts", `{"enum":["a","b",null]}`, "text", [][2]string{{`"a"`, `a`}, {`null`, `∅`}}},
		{"enum of integers", `{"enum":[1,2,3]}`, "bigint", [][2]string{{`3`, `3`}}},
		{"enum of numbers", `{"enum":[1.5,2]}`, "numeric", [][2]string{{`1.5`, `1.5`}, {`2`, `2`}}},
		{"enum of scalars", `{"enum":[1,"a",true]}`, "text", [][2]string{{`1`, `1`}, {`"a"`, `a`}, {`true`, `true`}}},
		{"enum of objects", `{"enum":[{"a":1},[1]]}`, "jsonb", [][2]string{{`{"a":1}`, `{"a": 1}`}, {`[1]`, `[1]`}}},
		{"const text", `{"const":"x"}`, "text", [][2]string{{`"x"`, `x`}}},
		{"const integer", `{"const":5}`, "bigint", [][2]string{{`5`, `5`}}},
		{"const null", `{"const":null}`, "jsonb", [][2]string{{`null`, `∅`}}},
		{"const object", `{"const":{"a":[1]}}`, "jsonb", [][2]string{{`{"a":[1]}`, `{"a": [1]}`}}},
		{"empty", `{}`, "jsonb", whole},
		{"true", `true`, "jsonb", whole},
		{"false", `false`, "jsonb", [][2]string{{`null`, `∅`}}},
		{"only null", `{"type":"null"}`, "jsonb", [][2]string{{`null`, `∅`}}},
		{"no types", `{"type":[]}`, "jsonb", whole},
		{"a type that there is not", `{"type":"String"}`, "jsonb", [][2]string{{`"x"`, `"x"`}}},
		{"a format that there is not", `{"type":"string","format":"colour"}`, "text", [][2]string{{`"x"`, `x`}}},
		{"patternProperties", `{"type":"object","patternProperties":{"^x":{"type":"integer"}}}`, "jsonb", [][2]string{{`{"x1":1}`, `{"x1": 1}`}, {`{}`, `{}`}}},
		{"additionalProperties", `{"type":"object","additionalProperties":{"type":"string"}}`, "jsonb", [][2]string{{`{"k":"v"}`, `{"k": "v"}`}}},
		{"properties without a type", `{"properties":{"a":{"type":"string"}}}`, "jsonb", [][2]string{{`{"a":"b"}`, `{"a": "b"}`}}},
		{"a tuple", `{"type":"array","items":[{"type":"integer"},{"type":"string"}]}`, "jsonb", [][2]string{{`[1,"a"]`, `[1, "a"]`}, {`[]`, `[]`}}},
		{"a tuple of 2020", `{"type":"array","prefixItems":[{"type":"integer"}]}`, "jsonb", [][2]string{{`[1,2]`, `[1, 2]`}}},
		{"if, then and else", `{"if":{"type":"string"},"then":{"format":"date"},"else":{"type":"integer"}}`, "jsonb", [][2]string{{`"x"`, `"x"`}, {`5`, `5`}}},
		{"not", `{"not":{"type":"string"}}`, "jsonb", [][2]string{{`5`, `5`}, {`{"a":1}`, `{"a": 1}`}}},
		{"$ref to a definition", `{"$ref":"#/definitions/amount"}`, "numeric", [][2]string{{`1.50`, `1.50`}, {`null`, `∅`}}},
		{"$ref in anyOf", `{"anyOf":[{"$ref":"#/definitions/day"},{"type":"null"}]}`, "date", [][2]string{{`"2020-02-29"`, `2020-02-29`}, {`null`, `∅`}}},
		{"$ref to a $ref", `{"$ref":"#/definitions/again"}`, "numeric", [][2]string{{`1.50`, `1.50`}}},
		{"$ref with a pointer that is escaped", `{"$ref":"#/definitions/a~1b%20c"}`, "boolean", [][2]string{{`true`, `t`}}},
		{"$ref to itself", `{"$ref":"#/definitions/loop"}`, "jsonb", whole},
		{"$ref to what is not there", `{"$ref":"#/definitions/nowhere"}`, "jsonb", whole},
		{"$ref to another document", `{"$ref":"https://example.com/schema.json"}`, "jsonb", whole},
		{
			"a tree", `{"$ref":"#/definitions/tree"}`, "jsonb",
			[][2]string{{`{"children":[{"children":[]}]}`, `{"children": [{"children": []}]}`}},
		},
		{"a property whose name is a keyword", `{"type":"object","properties":{"type":{"type":"string"},"$ref":{"type":"string"}}}`, "jsonb", [][2]string{{`{"type":"x"}`, `{"type": "x"}`}}},
	}
}

const definitions = `{
	"amount": {"type": ["null", "number"]}, "day": {"type": "string", "format": "date"}, "again": {"$ref": "#/definitions/amount"},
	"a/b c": {"type": "boolean"}, "loop": {"$ref": "#/definitions/loop"},
	"tree": {"type": "object", "properties": {"children": {"type": "array", "items": {"$ref": "#/definitions/tree"}}}}
}`

func TestASchemaOfAnyShapeTakesTheValuesItAdmits(t *testing.T) {
	t.Parallel()
	d := look(t)
	var messages []string
	for i, s := range shapes() {
		stream := fmt.Sprintf("s%d", i)
		messages = append(messages, fmt.Sprintf(
			`{"type":"SCHEMA","stream":%q,"key_properties":["id"],"schema":{"definitions":%s,"type":"object","properties":{"id":{"type":"integer"},"v":%s}}}`,
			stream, strings.Join(strings.Fields(definitions), " "), s.schema))
		for n, v := range s.values {
			messages = append(messages, record(stream, fmt.Sprintf(`{"id":%d,"v":%s}`, n, v[0])))
		}
	}
	d.mustLoad(settings{"migration_policy": map[string]any{"changed_types": "fail"}}, messages...)
	for i, s := range shapes() {
		table := fmt.Sprintf("s%d", i)
		if got := d.typeOf(table, "v"); got != s.column {
			t.Errorf("%s: the column is %s, want %s", s.name, got, s.column)
		}
		var want []string
		for _, v := range s.values {
			want = append(want, v[1])
		}
		if diff := cmp.Diff(want, d.rows("SELECT v FROM "+table+" ORDER BY id")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", s.name, diff)
		}
	}
}

func TestPropertiesComeTogetherFromWhereverASchemaHasThem(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, schema string }{
		{"the top", `{"properties":{"id":{"type":"integer"},"v":{"type":"string"}}}`},
		{"a top without type", `{"properties":{"id":{"type":"integer"},"v":{"type":["string","null"]}},"additionalProperties":false}`},
		{"the top and allOf", `{"properties":{"id":{"type":"integer"}},"allOf":[{"properties":{"v":{"type":"string"}}},{"properties":{"v":{"maxLength":9}}}]}`},
		{"the top and a reference", `{"properties":{"id":{"type":"integer"}},"allOf":[{"$ref":"#/$defs/rest"}],"$defs":{"rest":{"properties":{"v":{"type":"string"}}}}}`},
		{"the top and oneOf", `{"properties":{"id":{"type":"integer"}},"oneOf":[{"properties":{"v":{"type":"string"}}},{"properties":{"v":{"type":"null"}}}]}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := look(t)
			d.mustLoad(nil, `{"type":"SCHEMA","stream":"t","key_properties":["id"],"schema":`+test.schema+`}`, record("t", `{"id":1,"v":"x"}`))
			d.want("SELECT id, v FROM t", "1 | x")
			if got := d.typeOf("t", "v"); got != "text" {
				t.Errorf("v is %s, want text", got)
			}
		})
	}
}
