package typemap

import "testing"

func TestAirbyteTypes(t *testing.T) {
	t.Parallel()
	testColumns(t, SchemaOptions{Airbyte: true}, []columnCase{
		{`{"type":"string"}`, "text"},
		{`{"type":["null","string"]}`, "text"},
		{`{"type":"string","format":"date"}`, "date"},
		{`{"type":"string","format":"date-time"}`, "timestamp with time zone"},
		{`{"type":"string","format":"date-time","airbyte_type":"timestamp_with_timezone"}`, "timestamp with time zone"},
		{`{"type":"string","format":"date-time","airbyte_type":"timestamp_without_timezone"}`, "timestamp without time zone"},
		{`{"type":"string","format":"time"}`, "time with time zone"},
		{`{"type":"string","format":"time","airbyte_type":"time_with_timezone"}`, "time with time zone"},
		{`{"type":"string","format":"time","airbyte_type":"time_without_timezone"}`, "time without time zone"},
		{`{"type":"string","format":"uuid"}`, "text"},
		{`{"type":"string","format":"singer.decimal","precision":10,"scale":2}`, "text"},
		{`{"type":"string","airbyte_type":"big_integer"}`, "text"},
		{`{"type":"integer"}`, "bigint"},
		{`{"type":"int"}`, "bigint"},
		{`{"type":"integer","maximum":1e30}`, "bigint"}, // the value becomes NULL and a change
		{`{"type":"number"}`, "numeric"},
		{`{"type":"number","airbyte_type":"integer"}`, "bigint"},
		{`{"type":"boolean"}`, "boolean"},
		{`{"type":"object","properties":{"a":{"type":"string"}}}`, "jsonb"},
		{`{"type":"array","items":{"type":"string"}}`, "jsonb"},
		{`{"type":"potato"}`, "jsonb"},
		{`{"type":7}`, "jsonb"},
		{`{"type":["null"]}`, "jsonb"},
		{`{"type":"null"}`, "jsonb"},
		{`{}`, "jsonb"},
		{`true`, "jsonb"},
		{`{"enum":["a","b"]}`, "jsonb"}, // no type means object
		{`"string"`, "text"},
	})
}

func TestAirbyteUnionsAreJSON(t *testing.T) {
	t.Parallel()
	testColumns(t, SchemaOptions{Airbyte: true}, []columnCase{
		{`{"type":["string","integer"]}`, "jsonb"},
		{`{"type":["integer","number","null"]}`, "jsonb"},
		{`{"oneOf":[{"type":"string"},{"type":"integer"}]}`, "jsonb"},
		{`{"anyOf":[{"type":"string","format":"date"},{"type":"string","format":"date-time"}]}`, "jsonb"},
		{`{"allOf":[{"type":"string"},{"type":"integer"}]}`, "jsonb"},
		{`{"oneOf":[{"type":"null"},{"type":"string"}]}`, "text"},
		{`{"anyOf":[{"type":"integer"},{"type":["null","integer"]}]}`, "bigint"},
		{`{"allOf":[{"type":"string","format":"date"}]}`, "date"},
		{`{"type":"string","oneOf":[{"type":"integer"}]}`, "text"}, // the type outweighs the union
		{`{"oneOf":[{"oneOf":[{"type":"boolean"}]},{"type":"null"}]}`, "boolean"},
		{`{"oneOf":[],"anyOf":[{"type":"boolean"}]}`, "boolean"},
		{`{"oneOf":[{"type":"null"}]}`, "jsonb"},
	})
}

func TestAirbyteReferences(t *testing.T) {
	t.Parallel()
	testColumns(t, SchemaOptions{Airbyte: true}, []columnCase{
		{`{"$ref":"WellKnownTypes.json#/definitions/String"}`, "text"},
		{`{"$ref":"WellKnownTypes.json#/definitions/BinaryData"}`, "text"},
		{`{"$ref":"WellKnownTypes.json#/definitions/Boolean"}`, "boolean"},
		{`{"$ref":"WellKnownTypes.json#/definitions/Integer"}`, "bigint"},
		{`{"$ref":"WellKnownTypes.json#/definitions/Number"}`, "numeric"},
		{`{"$ref":"WellKnownTypes.json#/definitions/Date"}`, "date"},
		{`{"$ref":"WellKnownTypes.json#/definitions/TimestampWithTimezone"}`, "timestamp with time zone"},
		{`{"$ref":"WellKnownTypes.json#/definitions/TimestampWithoutTimezone"}`, "timestamp without time zone"},
		{`{"$ref":"WellKnownTypes.json#/definitions/TimeWithTimezone"}`, "time with time zone"},
		{`{"$ref":"WellKnownTypes.json#/definitions/TimeWithoutTimezone"}`, "time without time zone"},
		{`{"$ref":"WellKnownTypes.json#/definitions/Potato"}`, "jsonb"},
		{`{"oneOf":[{"$ref":"WellKnownTypes.json#/definitions/Date"},{"type":"null"}]}`, "date"},
		{`{"$ref":"#/definitions/day"}`, "date"},
		{`{"$ref":"#/definitions/missing"}`, "jsonb"},
		{`{"$ref":"#/properties/p"}`, "jsonb"},
		{`{"oneOf":[{"type":"string"},{"$ref":"#/properties/p"}]}`, "text"},
	}, `"definitions":{"day":{"type":"string","format":"date"}}`)
}

func TestAirbyteSettingsApply(t *testing.T) {
	t.Parallel()
	testColumns(t, SchemaOptions{Airbyte: true, DecodeBinary: true, NumberType: DoubleNumbers}, []columnCase{
		{`{"type":"number"}`, "double precision"},
		{`{"$ref":"WellKnownTypes.json#/definitions/Number"}`, "double precision"},
		{`{"type":"string","contentEncoding":"base64"}`, "bytea base64"},
		{`{"type":"string","contentEncoding":"Base16"}`, "bytea base16"},
		{`{"type":"string","contentEncoding":"gzip"}`, "text"},
		{`{"$ref":"WellKnownTypes.json#/definitions/BinaryData"}`, "bytea base64"},
	})
}

func TestAirbyteStreamsNeedNoProperties(t *testing.T) {
	t.Parallel()
	for _, schema := range []string{`{}`, `{"type":"object"}`, `{"properties":null}`, `{"properties":{}}`} {
		fields, err := Fields([]byte(schema), SchemaOptions{Airbyte: true})
		if err != nil || len(fields) != 0 {
			t.Errorf("Fields(%s) = %v, %v, want no fields and no error", schema, fields, err)
		}
	}
	for _, schema := range []string{`true`, `[]`, `{`} {
		if _, err := Fields([]byte(schema), SchemaOptions{Airbyte: true}); err == nil {
			t.Errorf("Fields(%s) is no error", schema)
		}
	}
}

func TestAirbytePropertiesDeclaredTwiceAreUnions(t *testing.T) {
	t.Parallel()
	fields, err := Fields([]byte(`{"allOf":[{"properties":{"a":{"type":"string"},"b":{"type":"integer"}}},
		{"properties":{"a":{"type":"integer"},"b":{"type":"integer"}}}]}`), SchemaOptions{Airbyte: true})
	if err != nil || len(fields) != 2 {
		t.Fatalf("Fields = %v, %v", fields, err)
	}
	if fields[0].Type.Name != "jsonb" || fields[1].Type.Name != "bigint" {
		t.Errorf("columns %v, want jsonb and bigint", fields)
	}
}
