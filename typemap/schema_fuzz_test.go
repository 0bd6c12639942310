package typemap

import (
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// The validator asserts the formats it knows. This one is known to Singer only.
var _ = func() bool {
	jsonschema.Formats["singer.decimal"] = func(v any) bool {
		s, isString := v.(string)
		_, ok := new(big.Rat).SetString(s)
		return !isString || ok
	}
	return true
}()

// FuzzFields gives any text as a schema: it never panics, and no property that encoding/json sees is missing.
func FuzzFields(f *testing.F) {
	for _, seed := range []string{
		`{"properties":{"a":{"type":["null","string"],"format":"date"}}}`,
		`{"properties":{"a":{"$ref":"#/$defs/a"}},"$defs":{"a":{"anyOf":[{"$ref":"#"},{"enum":[1,"x"]}]}}}`,
		`{"allOf":[{"$ref":"#/definitions/x"}],"definitions":{"x":{"properties":{"a":true,"b":false}}}}`,
		`{"$id":"http://a/b","properties":{"a":{"$ref":"c#d","type":"integer","maximum":1e400}}}`,
		`{"properties":{"a":{"if":{},"then":{"const":1},"else":{"not":{}}},"a":{"type":"potato"}}}`,
		"{\"properties\":{\"\\u0000\":{\"format\":\"singer.decimal\",\"decimal\":{\"precision\":-1}}}}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, schema []byte) {
		for _, opts := range []SchemaOptions{{}, {DecodeBinary: true, NumberType: DoubleNumbers}, {Airbyte: true}} {
			fields, err := Fields(schema, opts)
			if err != nil {
				continue
			}
			got := map[string]bool{}
			for _, field := range fields {
				if got[field.Name] || field.Type.Name == "" {
					t.Errorf("field %+v of %s comes twice or has no type", field, schema)
				}
				got[field.Name] = true
			}
			var document, properties map[string]json.RawMessage
			_ = json.Unmarshal(schema, &document)
			_ = json.Unmarshal(document["properties"], &properties)
			for name := range properties {
				if !got[strings.ReplaceAll(name, "\x00", "\uFFFD")] {
					t.Errorf("property %q of %s has no column", name, schema)
				}
			}
		}
	})
}

// FuzzFieldsHoldWhatIsValid builds a schema from the bytes: whatever value a validator then accepts has its place in
// the column.
func FuzzFieldsHoldWhatIsValid(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8})
	f.Fuzz(checkValidValues)
}

func TestFieldsHoldWhatIsValid(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	for range 1000 {
		entropy := make([]byte, 10+random.IntN(60))
		for i := range entropy {
			entropy[i] = byte(random.Uint32())
		}
		checkValidValues(t, entropy)
	}
}

func checkValidValues(t *testing.T, entropy []byte) {
	t.Helper()
	g := generator{entropy: entropy}
	schema, err := json.Marshal(map[string]any{
		"type":       "object",
		"properties": map[string]any{"p": g.schema(3)},
		"$defs":      map[string]any{"a": g.schema(2), "b": g.schema(2)},
	})
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat, c.AssertContent = true, true
	if err := c.AddResource("row.json", strings.NewReader(string(schema))); err != nil {
		t.Fatal(err)
	}
	validator, err := c.Compile("row.json")
	if err != nil {
		return // a $ref that only leads to itself
	}
	admits := func(value any) bool { return validator.Validate(map[string]any{"p": value}) == nil }
	for _, opts := range []SchemaOptions{{}, {DecodeBinary: true}} {
		fields, err := Fields(schema, opts)
		if err != nil || len(fields) != 1 {
			t.Fatalf("Fields(%s) = %v, %v", schema, fields, err)
		}
		column := fields[0].Type
		for _, value := range append(g.listed, candidates()...) {
			if admits(value) && !fits(value, column) && !(column.Kind == KindInt8 && unbounded(value, admits)) {
				t.Errorf("%s\n\tadmits %v, but the column is %s", schema, value, column)
			}
		}
	}
}

// unbounded reports whether an integer is admitted only because every integer on its side of zero is. Such a schema is
// taken to mean bigint.
func unbounded(value any, admits func(any) bool) bool {
	n, isNumber := value.(json.Number)
	if !isNumber {
		return false
	}
	huge := json.Number("1e300")
	if strings.HasPrefix(string(n), "-") {
		huge = "-1e300"
	}
	return admits(huge)
}

// candidates returns values that schemas may admit.
func candidates() []any {
	return []any{
		nil, true, false, "", "abc", "2020-01-01", "2020-01-01T00:00:00Z", "12:00:00Z", "1.5", "QUJD",
		"123e4567-e89b-12d3-a456-426614174000",
		json.Number("0"), json.Number("7"), json.Number("1.5"), json.Number("-3e2"), json.Number("1e40"),
		map[string]any{},
		map[string]any{"x": "y"},
		[]any{},
		[]any{"x"},
	}
}

// fits reports whether a column can hold a value.
func fits(value any, column Type) bool {
	if value == nil || column.Kind == KindJSONB {
		return true
	}
	switch v := value.(type) {
	case bool:
		return column.Kind == KindBool || column.Kind == KindText
	case json.Number:
		n, _ := new(big.Rat).SetString(string(v))
		return column.Kind == KindNumeric || column.Kind == KindText ||
			column.Kind == KindInt8 && n.IsInt() && n.Num().IsInt64()
	case string:
		return fitsString(v, column.Kind)
	}
	return false
}

func fitsString(s string, k Kind) bool {
	is := func(format string) bool { return jsonschema.Formats[format](s) }
	switch k {
	case KindText, KindBytea:
		return true
	case KindNumeric:
		return is("singer.decimal")
	case KindDate:
		return is("date")
	case KindTime, KindTimeTZ:
		return is("time")
	case KindTimestamp, KindTimestampTZ:
		return is("date") || is("date-time")
	case KindUUID:
		return is("uuid")
	}
	return false
}

// generator makes schemas out of bytes.
type generator struct {
	entropy []byte
	listed  []any // the values of every enum and const
}

func (g *generator) pick(n int) int {
	if len(g.entropy) == 0 {
		return 0
	}
	b := g.entropy[0]
	g.entropy = g.entropy[1:]
	return int(b) % n
}

func (g *generator) schema(depth int) any {
	s := map[string]any{}
	for range 1 + g.pick(3) {
		g.keyword(s, depth)
	}
	if g.pick(20) == 19 {
		return g.pick(2) == 1
	}
	return s
}

func (g *generator) keyword(s map[string]any, depth int) {
	if depth == 0 {
		s["type"] = g.typeName()
		return
	}
	switch g.pick(14) {
	case 0, 1:
		s["type"] = g.typeName()
	case 2, 3:
		s["type"] = []any{g.typeName(), "null"}
		if g.pick(2) == 1 {
			s["type"] = []any{"null", "integer", "string"}
		}
	case 4, 5:
		s["format"] = []string{"date", "time", "date-time", "uuid", "singer.decimal", "email"}[g.pick(6)]
	case 6:
		s["contentEncoding"] = "base64"
	case 7:
		s["enum"] = []any{g.value(), g.value(), g.value()}
	case 8:
		s["const"] = g.value()
	case 9:
		s[[]string{"maximum", "minimum", "exclusiveMaximum"}[g.pick(3)]] = json.Number([]string{"5", "-1", "1e30", "9223372036854775808"}[g.pick(4)])
	case 10:
		s["$ref"] = []string{"#/$defs/a", "#/$defs/b", "#/properties/p"}[g.pick(3)]
	case 11:
		s["if"], s["then"] = g.schema(0), g.schema(depth-1)
		if g.pick(2) == 1 {
			s["else"] = g.schema(depth - 1)
		}
	default:
		branches := []any{}
		for range 1 + g.pick(3) {
			branches = append(branches, g.schema(depth-1))
		}
		s[[]string{"anyOf", "oneOf", "allOf"}[g.pick(3)]] = branches
	}
}

func (g *generator) typeName() string {
	return []string{"string", "integer", "number", "boolean", "object", "array", "null", "string"}[g.pick(8)]
}

func (g *generator) value() any {
	values := append(candidates(), json.Number("9223372036854775808"), json.Number("-9223372036854775809"), json.Number("2.0"))
	v := values[g.pick(len(values))]
	g.listed = append(g.listed, v)
	return v
}

func ExampleFields() {
	fields, err := Fields([]byte(`{"properties": {
		"id":    {"type": "integer"},
		"price": {"type": ["null", "string"], "format": "singer.decimal", "precision": 12, "scale": 2},
		"at":    {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]},
		"tags":  {"type": "array", "items": {"type": "string"}}
	}}`), SchemaOptions{})
	if err != nil {
		panic(err)
	}
	for _, f := range fields {
		fmt.Println(f.Name, f.Type)
	}
	// Output:
	// id bigint
	// price numeric(12,2)
	// at timestamp with time zone
	// tags jsonb
}
