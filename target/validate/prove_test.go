package validate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// validator compiles a schema with all that it says.
func validator(t *testing.T, schema string, formats bool) *Validator {
	t.Helper()
	v, err := New("s", "tap", []byte(schema), formats, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatalf("%s: %v", schema, err)
	}
	return v
}

// TestWhatMostRecordsAreNeedsNoLibrary has for each keyword a value that is proved to be valid.
func TestWhatMostRecordsAreNeedsNoLibrary(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ schema, value string }{
		{`{}`, `{"a":[1,{"b":null}]}`},
		{`{"type":"object"}`, `{}`},
		{`{"type":["null","string"]}`, `null`},
		{`{"type":"integer"}`, `-12`},
		{`{"type":"number"}`, `1.5e7`},
		{`{"type":"boolean"}`, `false`},
		{`{"type":"array","items":{"type":"integer"}}`, `[ 1 , 2,3 ]`},
		{`{"properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}`, `{"a":"x"}`},
		{`{"required":["a","a","b"]}`, `{"b":1,"c":2,"a":3}`},
		{`{"additionalProperties":{"type":"integer"}}`, `{"a":1,"b":2}`},
		{`{"enum":["a",null,1,true,{"a":1}]}`, `"a"`},
		{`{"enum":["a",null,1,true]}`, `null`},
		{`{"const":1}`, `1`},
		{`{"minLength":2,"maxLength":2}`, `"éß"`},
		{`{"pattern":"^[a-z]+$"}`, `"abc"`},
		{`{"format":"date-time"}`, `"2013-01-01T10:00:00Z"`},
		{`{"minimum":0,"maximum":2147483647}`, `2147483647`},
		{`{"minimum":-9223372036854775808,"maximum":9223372036854775807}`, `123456789012345678`},
		{`{"exclusiveMinimum":0}`, `0.1`},
		{`{"minimum":0,"exclusiveMinimum":true}`, `0.1`},
		{`{"multipleOf":1e-10}`, `1.25`},
		{`{"multipleOf":0.01}`, `12.5`},
		{`{"multipleOf":7}`, `49`},
		{`{"anyOf":[{"type":"null"},{"type":"string","format":"date-time"},{"type":"string"}]}`, `"x"`},
		{`{"oneOf":[{"type":"null"},{"type":"integer"}]}`, `5`},
		{`{"allOf":[{"type":"integer"},{"minimum":3}]}`, `5`},
		{`{"$ref":"#/definitions/n","definitions":{"n":{"type":"object","properties":{"next":{"$ref":"#/definitions/n"}}}}}`, `{"next":{"next":{}}}`},
		{`{"minItems":1,"maxItems":2,"uniqueItems":true}`, `[1]`},
		{`{"minProperties":1,"maxProperties":2}`, `{"a":1}`},
	} {
		v := validator(t, test.schema, true)
		if !v.Proves([]byte(test.value)) {
			t.Errorf("%s is not proved for %s", test.value, test.schema)
		}
		if err := v.Check([]byte(test.value), nil); err != nil {
			t.Errorf("%s is not valid for %s: %v", test.value, test.schema, err)
		}
	}
}

// TestWhatIsNotCertainIsNotProved has values that are invalid, or whose text does not tell.
func TestWhatIsNotCertainIsNotProved(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ schema, value string }{
		{`false`, `1`},
		{`{}`, `{"a":1`},
		{`{}`, `{"a":1} x`},
		{`{}`, `NaN`},
		{`{"type":"number","maximum":5}`, `Infinity`},
		{`{"properties":{"a":{"maximum":5}}}`, `{"a":NaN}`},
		{`{"type":"integer"}`, `1.5`},
		{`{"maximum":9007199254740992}`, `9007199254740993`},
		{`{"exclusiveMaximum":9007199254740993}`, `9007199254740993`},
		{`{"minimum":0.1}`, `0.09999999999999999999999`},
		{`{"multipleOf":0.01}`, `0.001`},
		{`{"multipleOf":3}`, `10`},
		{`{"maxLength":1}`, `"ab"`},
		{`{"minLength":6}`, `"\u0061"`},
		{`{"const":"a"}`, `"b"`},
		{`{"enum":[[1]]}`, `[2]`},
		{`{"required":["b"]}`, `{"a":1}`},
		{`{"additionalProperties":false,"properties":{"a":{}}}`, `{"\u0061b":1}`},
		{`{"properties":{"ab":{"type":"null"}}}`, `{"\u0061b":1}`},
		{`{"properties":{"a":{"type":"null"}}}`, `{"a":null,"a":1}`},
		{`{"minProperties":2}`, `{"a":1,"a":2}`},
		{`{"uniqueItems":true}`, `[1,1.0]`},
		{`{"oneOf":[{"type":"number"},{"type":"integer"}]}`, `5`},
		{`{"oneOf":[{"minimum":1},{"minimum":2}]}`, `5`},
		{`{"not":{}}`, `1`},
		{`{"patternProperties":{"^a":{"type":"null"}}}`, `{"ab":1}`},
		{`{"required":["b"],"additionalProperties":{"type":"null"}}`, `{"b":1}`},
	} {
		if validator(t, `{"allOf":[`+test.schema+`]}`, true).Proves([]byte(test.value)) {
			t.Errorf("%s is proved for %s", test.value, test.schema)
		}
	}
}

func TestAnInfinityIsBeyondEveryBound(t *testing.T) {
	t.Parallel()
	for value, valid := range map[string]bool{`{"a":NaN}`: true, `{"a":Infinity}`: false, `{"a":-Infinity}`: true, `{"a":6}`: false, `{"a":5}`: true} {
		err := validator(t, `{"properties":{"a":{"type":"number","maximum":5}}}`, true).Check([]byte(value), nil)
		if (err == nil) != valid {
			t.Errorf("%s: %v", value, err)
		}
		if err != nil && !strings.Contains(err.Error(), "maximum") {
			t.Errorf("%s: %v does not name the keyword", value, err)
		}
	}
}

// TestTheVerdictIsThatOfTheLibrary goes through the test suite of JSON Schema that the library brings.
func TestTheVerdictIsThatOfTheLibrary(t *testing.T) {
	t.Parallel()
	dir, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/santhosh-tekuri/jsonschema/v5").Output()
	if err != nil {
		t.Fatalf("where the library is: %v", err)
	}
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(dir)), "testdata", "tests", "draft*", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("the library has no tests: %v", err)
	}
	valid, proved := 0, 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var groups []struct {
			Description string
			Schema      json.RawMessage
			Tests       []struct{ Data json.RawMessage }
		}
		if err := json.Unmarshal(text, &groups); err != nil {
			t.Fatal(err)
		}
		for _, group := range groups {
			v, err := New("s", "tap", group.Schema, true, slog.New(slog.DiscardHandler))
			if err != nil {
				continue // it refers to a document elsewhere, or is no object
			}
			for _, test := range group.Tests {
				is := v.Check(test.Data, nil) == nil
				if is {
					valid++
				}
				if v.Proves(test.Data) {
					proved++
					if !is {
						t.Errorf("%s: %s: %s is proved, and the library says it is invalid", filepath.Base(file), group.Description, test.Data)
					}
				}
			}
		}
	}
	t.Logf("%d of %d valid values are proved", proved, valid)
}

// TestRandomValuesAreProvedOnlyIfTheyAreValid makes schemas and values of the same few parts, so that many are nearly
// valid.
func TestRandomValuesAreProvedOnlyIfTheyAreValid(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(4, 7))
	proved, valid := 0, 0
	for range 4000 {
		schema := randomSchema(rnd, 3)
		v := validator(t, schema, true)
		for range 12 {
			value := randomValue(rnd, 3)
			is := v.Check([]byte(value), nil) == nil
			if is {
				valid++
			}
			if v.Proves([]byte(value)) {
				proved++
				if !is {
					t.Fatalf("%s is proved for %s", value, schema)
				}
			}
		}
	}
	t.Logf("%d of %d valid values are proved", proved, valid)
	if proved*2 < valid {
		t.Errorf("only %d of %d valid values are proved", proved, valid)
	}
}

func oneOf(rnd *rand.Rand, of ...string) string { return of[rnd.IntN(len(of))] }

func randomValue(rnd *rand.Rand, depth int) string {
	switch n := rnd.IntN(10); {
	case n < 3 || depth == 0:
		return oneOf(rnd, "null", "true", "false", `"a"`, `"ab"`, `"\u0061b"`, `""`, `"é"`, `"2020-02-30"`, `"2020-02-28"`)
	case n < 6:
		return oneOf(rnd, "0", "-0", "1", "2", "2.0", "2.50", "-3", "1e1", "0.1", "9007199254740993", "9007199254740992", "1e400", "20000000000000000000")
	case n < 7:
		items := make([]string, rnd.IntN(3))
		for i := range items {
			items[i] = randomValue(rnd, depth-1)
		}
		return "[" + strings.Join(items, ",") + "]"
	default:
		members := make([]string, rnd.IntN(4))
		for i := range members {
			members[i] = oneOf(rnd, `"a"`, `"b"`, `"\u0061"`, `"c"`) + ":" + randomValue(rnd, depth-1)
		}
		return "{" + strings.Join(members, ",") + "}"
	}
}

func randomSchema(rnd *rand.Rand, depth int) string {
	keywords := map[string]string{}
	for range rnd.IntN(3) {
		set := []func() (string, string){
			func() (string, string) {
				return "type", oneOf(rnd, `"null"`, `"integer"`, `"number"`, `["null","string"]`, `["object","integer"]`, `"array"`, `"object"`)
			},
			func() (string, string) { return "enum", oneOf(rnd, `["a",1]`, `[null,2.0,"ab"]`, `[[],{"a":1},true]`) },
			func() (string, string) { return "const", oneOf(rnd, `1`, `"ab"`, `null`, `{}`) },
			func() (string, string) {
				return oneOf(rnd, "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), oneOf(rnd, "0", "2", "0.1", "9007199254740993", "-3")
			},
			func() (string, string) { return "multipleOf", oneOf(rnd, "1", "2", "0.1", "0.01", "1e-10", "3", "0.5") },
			func() (string, string) { return oneOf(rnd, "minLength", "maxLength"), oneOf(rnd, "0", "1", "2") },
			func() (string, string) { return oneOf(rnd, "minItems", "maxItems"), oneOf(rnd, "0", "1", "2") },
			func() (string, string) {
				return oneOf(rnd, "minProperties", "maxProperties"), oneOf(rnd, "0", "1", "2")
			},
			func() (string, string) { return "uniqueItems", oneOf(rnd, "true", "false") },
			func() (string, string) { return "pattern", oneOf(rnd, `"^a"`, `"b$"`, `"é"`) },
			func() (string, string) { return "format", oneOf(rnd, `"date"`, `"email"`, `"nonsense"`) },
			func() (string, string) { return "required", oneOf(rnd, `["a"]`, `["a","b"]`, `[]`) },
			func() (string, string) {
				return "additionalProperties", oneOf(rnd, "true", "false", randomSchema(rnd, max(depth-1, 0)))
			},
			func() (string, string) {
				return "properties", fmt.Sprintf(`{"a":%s,"b":%s}`, randomSchema(rnd, max(depth-1, 0)), randomSchema(rnd, max(depth-1, 0)))
			},
			func() (string, string) { return "items", randomSchema(rnd, max(depth-1, 0)) },
			func() (string, string) {
				return oneOf(rnd, "anyOf", "oneOf", "allOf"), fmt.Sprintf(`[%s,%s]`, randomSchema(rnd, max(depth-1, 0)), randomSchema(rnd, max(depth-1, 0)))
			},
			func() (string, string) { return "not", randomSchema(rnd, 0) },
			func() (string, string) { return "$ref", oneOf(rnd, `"#/definitions/x"`, `"#/definitions/y"`) },
		}
		limit := len(set)
		if depth == 0 {
			limit = 12
		}
		name, value := set[rnd.IntN(limit)]()
		keywords[name] = value
	}
	if depth == 3 {
		keywords["definitions"] = `{"x":{"type":["integer","object"]},"y":{"maxLength":1,"properties":{"b":{"$ref":"#/definitions/y"}}}}`
	}
	var b bytes.Buffer
	b.WriteByte('{')
	for name, value := range keywords {
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%q:%s", name, value)
	}
	b.WriteByte('}')
	return b.String()
}

// BenchmarkProves walks a record of the width of a table, with a keyword of each common sort.
func BenchmarkProves(b *testing.B) {
	properties, members := make([]string, 20), make([]string, 20)
	for i := range properties {
		property, value := `{"type":["null","integer"],"minimum":-2147483648,"maximum":2147483647}`, "1234"
		switch i % 4 {
		case 1:
			property, value = `{"type":["null","string"],"maxLength":40}`, `"N14228 and more"`
		case 2:
			property, value = `{"type":["null","number"],"multipleOf":1e-10}`, "227.25"
		case 3:
			property, value = `{"type":["null","string"],"format":"date-time"}`, `"2013-01-01T10:00:00Z"`
		}
		properties[i], members[i] = fmt.Sprintf(`"field_%d":%s`, i, property), fmt.Sprintf(`"field_%d":%s`, i, value)
	}
	v, err := New("s", "tap", []byte(`{"type":"object","required":["field_0"],"properties":{`+strings.Join(properties, ",")+`}}`), true, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	record := []byte("{" + strings.Join(members, ",") + "}")
	b.Run("proof", func(b *testing.B) {
		for b.Loop() {
			if !v.Proves(record) {
				b.Fatal("it is not proved")
			}
		}
	})
	b.Run("library", func(b *testing.B) {
		for b.Loop() {
			if err := v.Check(record, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
}
