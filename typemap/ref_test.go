package typemap

import "testing"

func TestLocalReferencesAreFollowed(t *testing.T) {
	t.Parallel()
	defs := `"definitions":{
		"money":{"type":"string","format":"singer.decimal","precision":10,"scale":2},
		"a/b~c %\"d":{"type":"boolean"},
		"~1":{"type":"integer"},
		"":{"type":"string","format":"uuid"},
		"list":{"anyOf":[{"type":"string"},{"type":"integer"}]},
		"anchored":{"$anchor":"here","type":"string","format":"date"},
		"dynamic":{"$dynamicAnchor":"there","type":"number"},
		"old":{"$id":"#old","type":"boolean"},
		"draft4":{"id":"#draft4","type":"integer"},
		"é":{"type":"integer"}},
		"$defs":{"chain":{"$ref":"#/definitions/anchored"}}`
	testColumns(t, SchemaOptions{}, []columnCase{
		{`{"$ref":"#/definitions/money"}`, "numeric(10,2)"},
		{`{"$ref":"#/definitions/a~1b~0c%20%25%22d"}`, "boolean"},
		{`{"$ref":"#/definitions/a~1b~0c %\"d"}`, "boolean"}, // a lone % that decodes to nothing
		{`{"$ref":"#/definitions/~01"}`, "bigint"},
		{`{"$ref":"#/definitions/"}`, "uuid"},
		{`{"$ref":"#/definitions/list/anyOf/1"}`, "bigint"},
		{`{"$ref":"#/definitions/%C3%A9"}`, "bigint"},
		{`{"$ref":"#/$defs/chain"}`, "date"},
		{`{"$ref":"#here"}`, "date"},
		{`{"$ref":"#there"}`, "numeric"},
		{`{"$ref":"#old"}`, "boolean"},
		{`{"$ref":"#draft4"}`, "bigint"},
		{`{"anyOf":[{"$ref":"#/definitions/money"},{"type":"null"}]}`, "numeric(10,2)"},
		{`{"allOf":[{"$ref":"#/definitions/list"},{"type":"integer"}]}`, "bigint"},
		{`{"$ref":"#/definitions/list","type":"string"}`, "text"},
	}, defs)
}

func TestReferencesThatLeadNowhereAdmitEverything(t *testing.T) {
	t.Parallel()
	testColumns(t, SchemaOptions{}, []columnCase{
		{`{"$ref":"#/definitions/missing"}`, "jsonb"},
		{`{"$ref":"#missing"}`, "jsonb"},
		{`{"$ref":"https://example.com/schema.json"}`, "jsonb"},
		{`{"$ref":"other.json#/definitions/x"}`, "jsonb"},
		{`{"$ref":"::not a url::#/x"}`, "jsonb"},
		{`{"$ref":5}`, "jsonb"},
		{`{"$ref":"#/list/0"}`, "text"},
		{`{"$ref":"#/list/1"}`, "jsonb"},
		{`{"$ref":"#/list/-1"}`, "jsonb"},
		{`{"$ref":"#/list/x"}`, "jsonb"},
		{`{"$ref":"#/properties/p/deeper"}`, "jsonb"},
		{`{"type":"string","$ref":"https://example.com/schema.json"}`, "text"},
		{`{"anyOf":[{"$ref":"#/definitions/missing"},{"type":"null"}]}`, "jsonb"},
	}, `"list":[{"type":"string"}]`)
}

func TestRecursiveReferencesEnd(t *testing.T) {
	t.Parallel()
	testColumns(t, SchemaOptions{}, []columnCase{
		{`{"$ref":"#"}`, "jsonb"},
		{`{"$ref":"#/properties/p"}`, "jsonb"},
		{`{"anyOf":[{"type":"string"},{"$ref":"#/properties/p"}]}`, "jsonb"},
		{`{"allOf":[{"type":"string"},{"$ref":"#/properties/p"}]}`, "text"},
		{`{"$ref":"#/$defs/a"}`, "jsonb"},
		{`{"type":"object","properties":{"child":{"$ref":"#/properties/p"}}}`, "jsonb"},
		{`{"$recursiveRef":"#"}`, "jsonb"},
		{`{"$dynamicRef":"#x"}`, "jsonb"},
	}, `"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}`)
}

func TestReferencesFindSchemasByTheirID(t *testing.T) {
	t.Parallel()
	root := []string{
		`"$id":"https://example.com/row.json"`,
		`"$defs":{
			"int":{"type":"integer"},
			"item":{"$id":"item.json","type":"string","format":"uuid","$defs":{"int":{"type":"boolean"},"own":{"$ref":"#/$defs/int"},"d":{"$anchor":"d","type":"string","format":"date"}}},
			"generated":{"$id":"/properties/generated","$ref":"#/$defs/int"}}`,
	}
	testColumns(t, SchemaOptions{}, []columnCase{
		{`{"$ref":"https://example.com/row.json#/$defs/int"}`, "bigint"},
		{`{"$ref":"row.json#/$defs/int"}`, "bigint"},
		{`{"$ref":"item.json"}`, "uuid"},
		{`{"$ref":"https://example.com/item.json"}`, "uuid"},
		{`{"$ref":"item.json#/$defs/int"}`, "boolean"},
		{`{"$ref":"item.json#/$defs/own"}`, "boolean"}, // relative to the item, not to the row
		{`{"$ref":"item.json#d"}`, "date"},
		{`{"$ref":"#/$defs/generated"}`, "bigint"}, // not found there, so counted from the root
		{`{"$ref":"missing.json"}`, "jsonb"},
	}, root...)
}

func TestUntilDraft7AReferenceReplacesItsSiblings(t *testing.T) {
	t.Parallel()
	defs := `"definitions":{"any":{"type":["integer","string"]},"id":{"id":"some-id","type":"boolean"}}`
	cases := func(want string) []columnCase {
		return []columnCase{{`{"$ref":"#/definitions/any","type":"integer"}`, want}}
	}
	for _, draft := range []string{"draft-04", "draft-06", "draft-07"} {
		testColumns(t, SchemaOptions{}, cases("text"), defs, `"$schema":"http://json-schema.org/`+draft+`/schema#"`)
	}
	testColumns(t, SchemaOptions{}, cases("bigint"), defs, `"$schema":"https://json-schema.org/draft/2020-12/schema"`)
	testColumns(t, SchemaOptions{}, cases("bigint"), defs)
	testColumns(t, SchemaOptions{}, []columnCase{{`{"$ref":"some-id"}`, "boolean"}}, defs,
		`"$schema":"http://json-schema.org/draft-04/schema#"`)
	testColumns(t, SchemaOptions{}, []columnCase{{`{"$ref":"some-id"}`, "jsonb"}}, defs)
}
