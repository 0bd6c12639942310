package typemap

import (
	"strings"
	"testing"
)

func TestTextKeepsEveryCharacter(t *testing.T) {
	t.Parallel()
	stores(t, Column{Type: Text}, PlanOptions{}, []stored{
		{`"plain"`, `"plain"`, ``},
		{`""`, `""`, ``},
		{`null`, ``, `null`},
		{`"NULL"`, `"NULL"`, ``},
		{`"\\N"`, `"\N"`, ``},
		{`"\\."`, `"\."`, ``},
		{`"a,b"`, `"a,b"`, ``},
		{`" blank "`, `" blank "`, ``},
		{`"'; drop table x; --"`, `"'; drop table x; --"`, ``},
		{`"\""`, `""""`, ``},
		{`"\"\"a\""`, `"""""a"""`, ``},
		{`"a\"b\"c"`, `"a""b""c"`, ``},
		{`"\n\r\t\b\f\\\/"`, "\"\n\r\t\b\f\\/\"", ``},
		{`"line\n\\.\nline"`, "\"line\n\\.\nline\"", ``},
		{`"\u00e9\ud83d\ude00 é😀"`, `"é😀 é😀"`, ``},
		{"\"\x7f\u0085\u2028\ufeff\"", "\"\x7f\u0085\u2028\ufeff\"", ``},
		{`"\u001f"`, "\"\x1f\"", ``},
	})
}

func TestTextTakesAnyValue(t *testing.T) {
	t.Parallel()
	stores(t, Column{Type: Text, Want: JSONB}, PlanOptions{}, []stored{
		{`"bare"`, `"bare"`, ``},
		{`1.50`, `"1.50"`, ``},
		{`1e400`, `"1e400"`, ``},
		{`1e999999999999`, `"1e999999999999"`, ``},
		{`true`, `"true"`, ``},
		{`false`, `"false"`, ``},
		{`{"a": "b\"c", "n": [1, null]}`, `"{""a"": ""b\""c"", ""n"": [1, null]}"`, ``},
		{`[]`, `"[]"`, ``},
		{`["\u0000","\ud800","\u0041"]`, `"[""\ufffd"",""\ufffd"",""\u0041""]"`, ``},
	})
	stores(t, Column{Type: Text, Want: TimestampTZ}, PlanOptions{}, []stored{
		{`"2020-01-01T00:00:00"`, `"2020-01-01T00:00:00"`, ``},
	})
}

func TestWhatPostgreSQLCannotStoreIsReplacedAndCounted(t *testing.T) {
	t.Parallel()
	tests := []struct {
		typ      Type
		json     string
		csv      string
		replaced int
	}{
		{Text, `"a\u0000b\ud83dc\ude00"`, "\"a\ufffdb\ufffdc\ufffd\"", 3},
		{Text, `"\\u0000"`, `"\u0000"`, 0},
		{Text, `{"\u0000":1}`, `"{""\ufffd"":1}"`, 1},
		{JSONB, `"\u0000"`, `"""\ufffd"""`, 1},
		{JSONB, `{"a\u0000":{"b":[{"\ud800":"\udc00\ud83d\ude00"}]}}`, `"{""a\ufffd"":{""b"":[{""\ufffd"":""\ufffd\ud83d\ude00""}]}}"`, 3},
		{JSONB, `["\"\u0000","\\u0000","\\\u0000"]`, `"[""\""\ufffd"",""\\u0000"",""\\\ufffd""]"`, 2},
		{JSON, `["\u0000"]`, `"[""\ufffd""]"`, 1},
		{ParseType("text[]"), `["a","\u0000"]`, "\"{\"\"a\"\",\"\"\ufffd\"\"}\"", 1},
		{ParseType("citext"), `"\u0000"`, "\"\ufffd\"", 1},
	}
	for _, tt := range tests {
		w := compileOne(Column{Type: tt.typ}, PlanOptions{})
		got, err := field(w, tt.json)
		if got != tt.csv || err != nil || w.Replaced() != tt.replaced {
			t.Errorf("%s in %s: %s, %v with %d replaced; want %s with %d", tt.json, tt.typ, got, err, w.Replaced(), tt.csv, tt.replaced)
		}
		strict := compileOne(Column{Type: tt.typ}, PlanOptions{FailInvalidText: true})
		_, err = field(strict, tt.json)
		if (err != nil) != (tt.replaced > 0) || strict.Replaced() != 0 {
			t.Errorf("%s in %s, not to be replaced: %v with %d replaced", tt.json, tt.typ, err, strict.Replaced())
		}
		if _, err := w.AppendFields(nil); err != nil || w.Replaced() != tt.replaced {
			t.Errorf("%s in %s: asked twice, %d replaced, %v", tt.json, tt.typ, w.Replaced(), err)
		}
		if _, err := field(w, `null`); err != nil || w.Replaced() != 0 {
			t.Errorf("%s in %s: the next record has %d replaced, %v", tt.json, tt.typ, w.Replaced(), err)
		}
	}
	stores(t, Column{Type: JSONB}, PlanOptions{}, []stored{
		{`{"a\u0000":["\ud800"]}`, `"{""a\ufffd"":[""\ufffd""]}"`, "{\"a\ufffd\": [\"\ufffd\"]}"},
	})
}

func TestVarcharCountsCharactersAndCutsNone(t *testing.T) {
	t.Parallel()
	varchar := ParseType("character varying(3)")
	stores(t, Column{Type: varchar}, PlanOptions{}, []stored{
		{`"abc"`, `"abc"`, ``},
		{`"é😀日"`, `"é😀日"`, ``},
		{`"\"\"\""`, `""""""""`, ``},
		{`"\ud83d\ude00bc"`, `"😀bc"`, ``},
		{`123`, `"123"`, ``},
		{`"a  "`, `"a  "`, ``},
	})
	refuses(t, Column{Type: varchar}, PlanOptions{}, []refused{
		{`"abcd"`, "longer than 3 characters", "text"},
		{`"é😀日本"`, "longer than 3 characters", "text"},
		{`"abc "`, "longer than 3 characters", "text"},
		{`"\"\"\"\""`, "longer than 3 characters", "text"},
		{`1234`, "longer than 3 characters", "text"},
		{`false`, "longer than 3 characters", "text"},
		{`{"a":1}`, "longer than 3 characters", "text"},
	})
	stores(t, Column{Type: ParseType("character(3)")}, PlanOptions{}, []stored{{`"ab"`, `"ab"`, `ab`}})
	refuses(t, Column{Type: ParseType("character(3)")}, PlanOptions{}, []refused{{`"abcd"`, "longer than 3", "text"}})
	stores(t, Column{Type: ParseType("character varying")}, PlanOptions{}, []stored{{`"abcd"`, `"abcd"`, ``}})
}

func TestTypesThatOnlyTheServerKnowsGetText(t *testing.T) {
	t.Parallel()
	stores(t, Column{Type: ParseType("inet")}, PlanOptions{}, []stored{{`"10.0.0.1"`, `"10.0.0.1"`, `10.0.0.1/32`}})
	stores(t, Column{Type: ParseType("interval")}, PlanOptions{}, []stored{{`"1 day"`, `"1 day"`, ``}})
	stores(t, Column{Type: ParseType("money")}, PlanOptions{}, []stored{{`12.5`, `"12.5"`, `$12.50`}})
	stores(t, Column{Type: ParseType("xml")}, PlanOptions{}, []stored{{`"<a b=\"c\"/>"`, `"<a b=""c""/>"`, ``}})
}

func TestJSONIsStoredAsItCame(t *testing.T) {
	t.Parallel()
	nested := strings.Repeat(`[{"a":`, 500) + `1` + strings.Repeat(`}]`, 500)
	doubled := strings.ReplaceAll(nested, `"`, `""`)
	stores(t, Column{Type: JSONB}, PlanOptions{}, []stored{
		{`{"b":1,"a":"x\"y"}`, `"{""b"":1,""a"":""x\""y""}"`, `{"a": "x\"y", "b": 1}`},
		{`{"a":1,"a":2}`, `"{""a"":1,""a"":2}"`, `{"a": 2}`},
		{`[1, "two", null, 3.50]`, `"[1, ""two"", null, 3.50]"`, `[1, "two", null, 3.50]`},
		{`"text"`, `"""text"""`, `"text"`},
		{`""`, `""""""`, `""`},
		{`12.50`, `12.50`, ``},
		{`1e3`, `"1e3"`, `1000`},
		{`true`, `true`, ``},
		{`false`, `false`, ``},
		{`null`, ``, `null`},
		{`{"n":null}`, `"{""n"":null}"`, `{"n": null}`},
		{`{"big":1e131071}`, `"{""big"":1e131071}"`, `{"big": 1` + strings.Repeat("0", 131071) + `}`},
		{`["1e999999"]`, `"[""1e999999""]"`, `["1e999999"]`},
		{nested, `"` + doubled + `"`, strings.ReplaceAll(nested, `:`, `: `)},
	})
	stores(t, Column{Type: JSON}, PlanOptions{}, []stored{
		{`{"b":1, "a":2, "a":3}`, `"{""b"":1, ""a"":2, ""a"":3}"`, ``},
		{`1e999999`, `"1e999999"`, ``},
	})
	refuses(t, Column{Type: JSONB}, PlanOptions{}, []refused{
		{`1e131072`, "more digits than jsonb can hold", ""},
		{`{"a":"1e5","b":[2,{"c":-1e999999}]}`, "more digits than jsonb can hold", ""},
		{`[1e5,1e-16384]`, "more digits than jsonb can hold", ""},
		{`[0.` + strings.Repeat("0", 16384) + `]`, "more digits than jsonb can hold", ""},
	})
}

func TestTwentyMegabytesInOneString(t *testing.T) {
	t.Parallel()
	plain := strings.Repeat("0123456789abcde\u00e9", 20<<20/17)
	w := compileOne(Column{Type: Text}, PlanOptions{})
	if got, err := field(w, `"`+plain+`"`); err != nil || got != `"`+plain+`"` {
		t.Errorf("a long string comes out with %d bytes, %v", len(got), err)
	}
	quotes := strings.Repeat(`\"\n`, 5<<20)
	if got, err := field(w, `"`+quotes+`"`); err != nil || got != `"`+strings.Repeat("\"\"\n", 5<<20)+`"` {
		t.Errorf("a long string of quotes comes out with %d bytes, %v", len(got), err)
	}
	w = compileOne(Column{Type: JSONB}, PlanOptions{})
	if got, err := field(w, `{"a":"`+plain+`"}`); err != nil || got != `"{""a"":""`+plain+`""}"` {
		t.Errorf("a long string in an object comes out with %d bytes, %v", len(got), err)
	}
}
