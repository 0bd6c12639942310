package typemap

import (
	"bytes"
	"encoding/json"
	"math/big"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"target-postgres/internal/jsonscan"
)

// fuzzColumns fill columns of every family from the properties a to f.
func fuzzColumns() []Column {
	var cols []Column
	for _, property := range []string{"a", "b", "é", ""} {
		for _, typ := range []Type{Text, JSONB, BigInt, Numeric} {
			cols = append(cols, Column{Field: property, Name: property + " " + typ.Name, Type: typ})
		}
	}
	return cols
}

// FuzzWalk holds the walker against encoding/json: it accepts the same objects, finds the same last value for each
// property whatever it saw before, and writes values that mean the same.
func FuzzWalk(f *testing.F) {
	f.Add([]byte(`{"a":1,"b":"x"}`), []byte(`{"b":"y\u0000\"","a":12.50,"a":null,"\u00e9":{"k":["\ud800"]}}`))
	f.Add([]byte(`{"a":{"b":[1,2,{"a":3}]},"x":true}`), []byte(`{"x":1,"":"e","b":-0}`))
	f.Add([]byte(`{"a": "1", "b": 1e3}`), []byte(` { "b" : 9223372036854775808 , "c" : 1e400 } `))
	f.Add([]byte(`{}`), []byte(`{"a":[],"a":{}}`))
	f.Add([]byte(`[1]`), []byte(`{"a":1}x`))
	f.Add([]byte(`0`), []byte("{\x000}"))
	f.Fuzz(func(t *testing.T, before, record []byte) {
		if !utf8.Valid(record) || !utf8.Valid(before) {
			return // that is for the reader of the lines to notice
		}
		cols := fuzzColumns()
		plan := Compile(cols, PlanOptions{Airbyte: true, Watch: []string{"a", "b"}})
		learnt, fresh := plan.NewWalker(), plan.NewWalker()
		_ = learnt.Walk(before)
		err, again := fresh.Walk(record), learnt.Walk(record)
		strict, special := jsonscan.AppendStrict(nil, record, "null")
		if _, _, bad := jsonscan.Value(record, jsonscan.Space(record, 0)); bad == nil && special > 0 {
			record = strict // encoding/json does not know such numbers
			err, again = fresh.Walk(record), learnt.Walk(record)
		}
		var want map[string]json.RawMessage
		valid := json.Unmarshal(record, &want) == nil && want != nil
		if (err == nil) != valid || (again == nil) != valid {
			t.Fatalf("errors %v and %v; encoding/json says valid=%t", err, again, valid)
		}
		if !valid {
			return
		}
		watched := want["a"]
		if string(watched) == "null" {
			watched = nil
		}
		if got := fresh.Watched(0); !bytes.Equal(got, watched) {
			t.Fatalf("a is %s, encoding/json finds %s", got, watched)
		}
		fields, _ := fresh.AppendFields(nil)
		same, _ := learnt.AppendFields(nil)
		if diff := cmp.Diff(string(fields), string(same)); diff != "" {
			t.Fatalf("what the walker learnt changes the row:\n%s", diff)
		}
		present := fresh.Present(nil, true)
		for i, got := range splitCSV(string(fields)) {
			raw, ok := want[cols[i].Field]
			if ok != (present[i] == '1') {
				t.Fatalf("present says %c for %q", present[i], cols[i].Name)
			}
			checkField(t, cols[i].Type, string(raw), got)
		}
	})
}

// splitCSV cuts a row into its fields, quotes and all.
func splitCSV(row string) []string {
	var fields []string
	start, quoted := 0, false
	for i := range len(row) {
		switch {
		case row[i] == '"':
			quoted = !quoted
		case row[i] == ',' && !quoted:
			fields = append(fields, row[start:i])
			start = i + 1
		}
	}
	return append(fields, row[start:])
}

func checkField(t *testing.T, typ Type, raw, got string) {
	t.Helper()
	if raw == "" || raw == "null" {
		if got != "" {
			t.Fatalf("null is written as %q", got)
		}
		return
	}
	switch typ.Kind {
	case KindText:
		if want := textOf(raw); got == "" || unquoteCSV(got) != want {
			t.Fatalf("%s in text is written as %q, want %q", raw, got, want)
		}
	case KindJSONB:
		if want := storableJSON(raw); got != "" && unquoteCSV(got) != want {
			t.Fatalf("%s in jsonb is written as %q, want %q", raw, got, want)
		}
	case KindInt8, KindNumeric:
		checkNumber(t, typ, raw, got)
	}
}

// checkNumber compares with math/big, which takes too long for exponents of more than four digits.
func checkNumber(t *testing.T, typ Type, raw, got string) {
	t.Helper()
	text := numberText(raw)
	_, exponent, _ := strings.Cut(strings.ToLower(text), "e")
	if len(text) > 200 || len(exponent) > 4 {
		return
	}
	value, ok := new(big.Rat).SetString(text)
	if got == "" {
		if whole := typ.Kind == KindNumeric || ok && value.IsInt() && value.Num().IsInt64(); ok && whole {
			t.Fatalf("%s is not written in %s", raw, typ)
		}
		return
	}
	if got == "NaN" || strings.HasSuffix(got, "Infinity") {
		return
	}
	written, isNumber := new(big.Rat).SetString(got)
	if !ok || !isNumber || value.Cmp(written) != 0 || typ.Kind == KindInt8 && got != value.Num().String() {
		t.Fatalf("%s in %s is written as %q", raw, typ, got)
	}
}

// textOf is what a text column holds of a JSON value.
func textOf(raw string) string {
	if raw[0] != '"' {
		return storableJSON(raw)
	}
	var s string
	if err := json.Unmarshal([]byte(raw), &s); err != nil {
		panic(err)
	}
	return strings.ReplaceAll(s, "\x00", "\ufffd")
}

// storableJSON replaces escapes that PostgreSQL cannot store, by other means than the code under test: token by token
// of the escapes.
func storableJSON(raw string) string {
	var out strings.Builder
	for i := 0; i < len(raw); {
		n := 1
		if raw[i] == '\\' {
			n = 2
			if raw[i+1] == 'u' {
				n = 6
			}
		}
		part := raw[i : i+n]
		if n == 6 {
			if i+12 <= len(raw) && strings.ContainsRune(decode(raw[i:i+12]), '\ufffd') == false && len([]rune(decode(raw[i:i+12]))) == 1 {
				n, part = 12, raw[i:i+12]
			} else if s := decode(part); s == "\x00" || s == "\ufffd" && !strings.EqualFold(part, `\ufffd`) {
				part = `\ufffd`
			}
		}
		out.WriteString(part)
		i += n
	}
	return out.String()
}

func decode(escapes string) (s string) {
	if json.Unmarshal([]byte(`"`+escapes+`"`), &s) != nil {
		return "\ufffd"
	}
	return s
}

// numberText is the number in a JSON number or string, "" when it is none that Airbyte reads.
func numberText(raw string) string {
	if raw[0] != '"' {
		return strings.Trim(raw, "tfn{[") // what is no number stays none
	}
	s := textOf(raw)
	if strings.Trim(s, "+-.eE0123456789") != "" {
		return ""
	}
	return s
}
