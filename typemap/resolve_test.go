package typemap

import "testing"

func TestUnionsOfScalars(t *testing.T) {
	t.Parallel()
	testColumns(t, SchemaOptions{}, []columnCase{
		{`{"type":["integer","number"]}`, "numeric"},
		{`{"type":["integer","string"]}`, "text"},
		{`{"type":["number","string","null"]}`, "text"},
		{`{"type":["boolean","integer"]}`, "text"},
		{`{"type":["boolean","number"]}`, "text"},
		{`{"type":["boolean","string"]}`, "text"},
		{`{"type":["string","object"]}`, "jsonb"},
		{`{"type":["integer","array"]}`, "jsonb"},
		{`{"type":["string","number","integer","boolean","array","object","null"]}`, "jsonb"},
		{`{"anyOf":[{"type":"integer"},{"type":"string"},{"type":"null"}]}`, "text"},
		{`{"oneOf":[{"type":"integer"},{"type":"number"}]}`, "numeric"},
		{`{"anyOf":[{"type":"string"},{"type":"object"}]}`, "jsonb"},
		{`{"anyOf":[{"type":"string"},{}]}`, "jsonb"},
		{`{"anyOf":[{"type":"string"},true]}`, "jsonb"},
	})
}

func TestFormatsInUnions(t *testing.T) {
	t.Parallel()
	testColumns(t, SchemaOptions{}, []columnCase{
		{`{"type":["string","integer"],"format":"date"}`, "text"},
		{`{"anyOf":[{"type":"string","format":"date"},{"type":"string","format":"date"}]}`, "date"},
		{`{"anyOf":[{"type":"string","format":"date"},{"type":"string"}]}`, "text"},
		{`{"anyOf":[{"type":"string","format":"date-time"},{"type":["string","null"]}]}`, "text"},
		{`{"anyOf":[{"type":"string","format":"date"},{"type":"string","format":"date-time"}]}`, "timestamp with time zone"},
		{`{"anyOf":[{"type":"string","format":"date"},{"type":"string","airbyte_type":"timestamp_without_timezone"}]}`, "timestamp without time zone"},
		{`{"anyOf":[{"type":"string","format":"date"},{"type":"string","format":"date-time"},
			{"type":"string","airbyte_type":"timestamp_without_timezone"}]}`, "timestamp with time zone"},
		{`{"anyOf":[{"type":"string","format":"time"},{"type":"string","airbyte_type":"time_with_timezone"}]}`, "time with time zone"},
		{`{"anyOf":[{"type":"string","format":"time"},{"type":"string","format":"date"}]}`, "text"},
		{`{"anyOf":[{"type":"string","format":"uuid"},{"type":"string","format":"date"}]}`, "text"},
		{`{"anyOf":[{"type":"string","format":"uuid"},{"type":"null"}],"description":"x"}`, "uuid"},
		{`{"anyOf":[{"type":"string"},{"type":"null"}],"format":"date-time"}`, "timestamp with time zone"},
		{`{"type":["string","null"],"anyOf":[{"format":"date"},{"format":"date-time"}]}`, "timestamp with time zone"},
	})
}

func TestEnumAndConstTakeTheirTypeFromTheValues(t *testing.T) {
	t.Parallel()
	testColumns(t, SchemaOptions{}, []columnCase{
		{`{"enum":["a","b",null]}`, "text"},
		{`{"enum":[1,2]}`, "bigint"},
		{`{"enum":[1,2.5]}`, "numeric"},
		{`{"enum":[1,"a"]}`, "text"},
		{`{"enum":[true,false]}`, "boolean"},
		{`{"enum":[true,1]}`, "text"},
		{`{"enum":["a",{}]}`, "jsonb"},
		{`{"enum":[[]]}`, "jsonb"},
		{`{"enum":[null]}`, "jsonb"},
		{`{"enum":[9223372036854775807]}`, "bigint"},
		{`{"enum":[9223372036854775808]}`, "numeric"},
		{`{"enum":[-9223372036854775809]}`, "numeric"},
		{`{"const":"a"}`, "text"},
		{`{"const":7}`, "bigint"},
		{`{"const":null}`, "jsonb"},
		{`{"const":false}`, "boolean"},
		{`{"type":"string","enum":["a",1]}`, "text"},
		{`{"type":"integer","enum":[1.0,2]}`, "bigint"},
		{`{"type":["integer","null"],"enum":["1",2,null]}`, "bigint"},
		// A format is only an annotation: the listed strings may break it.
		{`{"type":"string","format":"date","enum":["2020-01-01","never"]}`, "text"},
		{`{"anyOf":[{"type":"integer"},{"const":"unlimited"}]}`, "text"},
		{`{"anyOf":[{"const":1},{"const":2}]}`, "bigint"},
		{`{"allOf":[{"enum":[1,2,"x"]},{"type":"integer"}]}`, "bigint"},
	})
}

func TestAllOfKeepsWhatEveryPartAdmits(t *testing.T) {
	t.Parallel()
	testColumns(t, SchemaOptions{}, []columnCase{
		{`{"allOf":[{"type":"string"},{"format":"date"}]}`, "date"},
		{`{"allOf":[{"type":["string","null"]},{"maxLength":5}]}`, "text"},
		{`{"allOf":[{"type":["integer","string"]},{"type":["integer","null"]}]}`, "bigint"},
		{`{"allOf":[{"type":"integer"},{"type":"number"}]}`, "bigint"},
		{`{"allOf":[{"type":"number"},{"minimum":0}]}`, "numeric"},
		{`{"type":"string","allOf":[{"format":"uuid"}]}`, "uuid"},
		{`{"allOf":[{}]}`, "jsonb"},
		{`{"allOf":[]}`, "jsonb"},
		{`{"allOf":[{"type":"object"},{"properties":{}}]}`, "jsonb"},
		// Two formats at once: no value, or values that keep to neither.
		{`{"allOf":[{"type":"string","format":"date"},{"type":"string","format":"uuid"}]}`, "text"},
		{`{"allOf":[{"type":"string","format":"date"},{"anyOf":[{"format":"date"},{"format":"uuid"}]}]}`, "date"},
		// Nothing is admitted, and the column holds anything.
		{`{"allOf":[{"type":"string"},{"type":"integer"}]}`, "jsonb"},
		{`{"allOf":[{"type":"integer","maximum":1e30},{"maximum":100}]}`, "bigint"},
		{`{"allOf":[{"type":"integer","maximum":1e30},{"minimum":0}]}`, "numeric"},
		{`{"allOf":[{"anyOf":[{"type":"integer"},{"type":"string"}]},{"anyOf":[{"type":"boolean"},{"type":"integer"}]}]}`, "bigint"},
	})
}

func TestConditionsAdmitEitherSide(t *testing.T) {
	t.Parallel()
	testColumns(t, SchemaOptions{}, []columnCase{
		{`{"if":{},"then":{"type":"integer"},"else":{"type":"string"}}`, "text"},
		{`{"if":{},"then":{"type":"integer"},"else":{"type":"number"}}`, "numeric"},
		{`{"if":{},"then":{"type":"integer"}}`, "jsonb"},
		{`{"type":"integer","if":{},"else":{"type":"string"}}`, "bigint"},
		{`{"then":{"type":"integer"},"else":{"type":"integer"}}`, "jsonb"}, // they mean nothing without if
	})
}

func TestPropertiesOfTheTopLevelComeFromEverywhere(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, schema, want string }{
		{"a top-level $ref", `{"$ref":"#/definitions/row","definitions":{"row":{"properties":{"a":{"type":"integer"}}}}}`, "a bigint"},
		{"allOf adds and narrows", `{"allOf":[{"properties":{"a":{"type":["integer","string"]},"b":{}}},
			{"properties":{"a":{"type":"integer"},"c":{"type":"string"}}}]}`, "a bigint, b jsonb, c text"},
		{"anyOf widens", `{"anyOf":[{"properties":{"a":{"type":"integer"}}},{"properties":{"a":{"type":"string"}}}]}`, "a text"},
		{"anyOf of record types", `{"anyOf":[{"properties":{"kind":{"const":"x"},"x":{"type":"integer"}}},
			{"properties":{"kind":{"const":"y"},"y":{"type":"number"}}}]}`, "kind text, x bigint, y numeric"},
		{"a branch cannot narrow for the others", `{"properties":{"a":{"type":["integer","string"]}},
			"anyOf":[{"properties":{"a":{"type":"integer"}}},{}]}`, "a text"},
		{"nor when it stands first", `{"anyOf":[{"properties":{"a":{"type":"integer"}}},{}],
			"properties":{"a":{"type":["integer","string"]}}}`, "a text"},
		{"nor can it widen what always holds", `{"properties":{"a":{"type":"integer"}},
			"anyOf":[{"properties":{"a":{"type":"string"}}},{}]}`, "a bigint"},
		{"not even from inside a branch", `{"properties":{"a":{"type":["integer","string"]}},
			"anyOf":[{"anyOf":[{"properties":{"a":{"type":"integer"}}},{}]},{"properties":{"a":{"type":"integer"}}}]}`, "a text"},
		{"all branches together can", `{"properties":{"a":{"type":["integer","string"]}},
			"oneOf":[{"properties":{"a":{"type":"integer"}}},{"properties":{"a":{"type":"integer"}}}]}`, "a bigint"},
		{"two partial unions widen", `{"anyOf":[{"properties":{"a":{"type":"integer"}}},{}],
			"oneOf":[{"properties":{"a":{"type":"string"}}},{}]}`, "a text"},
		{"then and else", `{"properties":{"a":{"type":"string"}},"if":{},"then":{"properties":{"b":{"type":"integer"}}},
			"else":{"properties":{"a":{"type":"integer"},"c":{"type":"boolean"}}}}`, "a text, b bigint, c boolean"},
		{"recursion", `{"properties":{"a":{"type":"integer"}},"allOf":[{"$ref":"#"},{"properties":{"b":{"$ref":"#"}}}]}`, "a bigint, b jsonb"},
		{"the order of appearance", `{"allOf":[{"properties":{"c":{}}}],"properties":{"a":{}},"$ref":"#/$defs/x",
			"$defs":{"x":{"properties":{"b":{},"c":{"type":"string"}}}}}`, "c text, a jsonb, b jsonb"},
		{"properties named like keywords", `{"properties":{"$ref":{"type":"string"},"allOf":{"type":"integer"},"$id":{"type":"integer"},
			"properties":{"type":"boolean"},"type":{"type":"string"}}}`, "$ref text, allOf bigint, $id bigint, properties boolean, type text"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			fields, err := Fields([]byte(c.schema), SchemaOptions{})
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for i, f := range fields {
				if i > 0 {
					got += ", "
				}
				got += f.Name + " " + f.Type.Name
			}
			if got != c.want {
				t.Errorf("columns %s\n\twant %s", got, c.want)
			}
		})
	}
}
