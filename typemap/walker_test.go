package typemap

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"target-postgres/internal/jsonscan"
)

// textColumns returns text columns named and filled by the given properties.
func textColumns(names ...string) []Column {
	var cols []Column
	for _, name := range names {
		cols = append(cols, Column{Field: name, Name: name, Type: Text})
	}
	return cols
}

func row(t *testing.T, w *Walker, record string) string {
	t.Helper()
	if err := w.Walk([]byte(record)); err != nil {
		t.Fatalf("%s: %v", record, err)
	}
	out, err := w.AppendFields([]byte("before|"))
	if err != nil {
		t.Fatalf("%s: %v", record, err)
	}
	return strings.TrimPrefix(string(out), "before|")
}

func TestFieldsComeInPlanOrderWhateverTheRecordsOrder(t *testing.T) {
	t.Parallel()
	w := Compile(textColumns("a", "b", "c"), PlanOptions{}).NewWalker()
	tests := []struct{ record, want string }{
		{`{"a":"1","b":"2","c":"3"}`, `"1","2","3"`},
		{`{"a":"1","b":"2","c":"3"}`, `"1","2","3"`},
		{`{"c":"3","b":"2","a":"1"}`, `"1","2","3"`},
		{`{"b":"2"}`, `,"2",`},
		{`{"a":"1","c":"3"}`, `"1",,"3"`},
		{`{"a":"1","b":null,"c":"3"}`, `"1",,"3"`},
		{`{}`, `,,`},
		{` { } `, `,,`},
		{"{ \"a\" : \"1\" ,\t\"b\"\n:\r\"2\" , \"c\":\"3\" }\n", `"1","2","3"`},
		{`{"a":"1","b":"2","c":"3"}`, `"1","2","3"`},
		{`{"a": "1", "b": "2", "c": "3"}`, `"1","2","3"`},
		{`{"a":  "1",  "b":  "2"}`, `"1","2",`},
	}
	for _, tt := range tests {
		if got := row(t, w, tt.record); got != tt.want {
			t.Errorf("%q gives %s, want %s", tt.record, got, tt.want)
		}
	}
}

func TestTheLastOfRepeatedNamesCounts(t *testing.T) {
	t.Parallel()
	w := Compile(textColumns("a", "b"), PlanOptions{}).NewWalker()
	for record, want := range map[string]string{
		`{"a":"1","a":"2"}`:              `"2",`,
		`{"a":"1","b":"x","a":null}`:     `,"x"`,
		`{"a":null,"a":"3"}`:             `"3",`,
		`{"a":"1","\u0061":"2","b":"x"}`: `"2","x"`,
		`{"\u0061":"1","a":"2"}`:         `"2",`,
	} {
		for range 2 {
			if got := row(t, w, record); got != want {
				t.Errorf("%s gives %s, want %s", record, got, want)
			}
		}
	}
}

func TestNamesAreComparedAfterTheirEscapes(t *testing.T) {
	t.Parallel()
	w := Compile(textColumns("é", `q"q`, `b\b`, "", "n\nn", "x"), PlanOptions{}).NewWalker()
	for _, record := range []string{
		`{"é":"1","q\"q":"2","b\\b":"3","":"4","n\nn":"5"}`,
		`{"\u00e9":"1","q\u0022q":"2","b\u005cb":"3","":"4","n\u000an":"5"}`,
		`{"\u00E9":"1","q\"q":"2","b\\b":"3","":"4","n\nn":"5"}`,
	} {
		for range 3 {
			if got, want := row(t, w, record), `"1","2","3","4","5",`; got != want {
				t.Errorf("%s gives %s, want %s", record, got, want)
			}
		}
	}
	if got, want := row(t, w, `{"X":"7","x ":"8","x":"9"}`), `,,,,,"9"`; got != want {
		t.Errorf("case or blanks in names are ignored: %s, want %s", got, want)
	}
}

func TestOnePropertyCanFillTwoColumns(t *testing.T) {
	t.Parallel()
	w := Compile([]Column{{Field: "v", Name: "a", Type: BigInt}, {Field: "v", Name: "b", Type: Text}}, PlanOptions{}).NewWalker()
	if got, want := row(t, w, `{"v":1.0}`), `1,"1.0"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestMalformedRecordsAreErrorsAlsoWhereNoColumnLooks(t *testing.T) {
	t.Parallel()
	w := Compile(textColumns("a"), PlanOptions{}).NewWalker()
	for _, record := range []string{
		``, ` `, `null`, `[]`, `"a"`, `{`, `{"a"`, `{"a":`, `{"a":"1"`, `{"a":"1",`, `{"a":"1",}`, `{"a":"1"}}`, `{"a":"1"} x`,
		`{"a" "1"}`, `{"a":1 "b":2}`, `{a:1}`, `{"z":01}`, `{"z":"` + "\n" + `"}`, `{"z":[1,]}`, `{"z":nul}`, `{"z":"\ud8"}`, `{"\q":1}`, `{"a":"1",,}`, `{,}`, "{\x000}", `{"b":1,"z":2x`,
	} {
		for range 2 { // also when the walker knows what to expect
			var bad *jsonscan.SyntaxError
			if err := w.Walk([]byte(record)); !errors.As(err, &bad) {
				t.Errorf("%q: %v, want a *SyntaxError", record, err)
			}
		}
		if got := row(t, w, `{"a":"1"}`); got != `"1"` {
			t.Errorf("after %q a good record gives %s", record, got)
		}
	}
}

func TestUndeclaredPropertiesAreReportedOnce(t *testing.T) {
	t.Parallel()
	w := Compile(textColumns("a"), PlanOptions{}).NewWalker()
	steps := []struct {
		record string
		want   []string
	}{
		{`{"a":"1"}`, nil},
		{`{"x":1,"a":"1","y":{"z":[]}}`, []string{"x", "y"}},
		{`{"x":1,"a":"1","y":2}`, nil},
		{`{"\u0078":1,"a":"1","é":2}`, []string{"é"}},
		{`{"a":"1"}`, nil},
	}
	for _, step := range steps {
		if got := row(t, w, step.record); got != `"1"` {
			t.Errorf("%s gives %s", step.record, got)
		}
		if diff := cmp.Diff(step.want, slices.Clone(w.Unknown())); diff != "" && len(w.Unknown())+len(step.want) > 0 {
			t.Errorf("%s: undeclared properties (-want +got):\n%s", step.record, diff)
		}
	}
}

func TestEndlessPropertyNamesFillNoMemory(t *testing.T) {
	t.Parallel()
	w := Compile(textColumns("a"), PlanOptions{}).NewWalker()
	reported := 0
	for i := range 3000 {
		if got := row(t, w, fmt.Sprintf(`{"x%d":1,"a":"1","y%d":2}`, i, i)); got != `"1"` {
			t.Fatalf("record %d gives %s", i, got)
		}
		reported += len(w.Unknown())
	}
	if reported != maxUndeclared || len(w.tokens) > maxUndeclared+2 {
		t.Errorf("%d names reported, %d remembered, want %d", reported, len(w.tokens), maxUndeclared)
	}
}

func TestARecordWithoutItsKeyIsAnError(t *testing.T) {
	t.Parallel()
	cols := textColumns("a", "b", "c")
	cols[0].Key, cols[2].Key, cols[2].Name = true, true, "column c"
	w := Compile(cols, PlanOptions{}).NewWalker()
	for record, want := range map[string]*KeyError{
		`{"a":"","c":0}`:               nil,
		`{"a":"1","b":"2"}`:            {Column: "column c"},
		`{"a":null,"c":"1"}`:           {Column: "a", Null: true},
		`{"a":"1","c":"1","c":null}`:   {Column: "column c", Null: true},
		`{"a":"1","c":null,"c":false}`: nil,
	} {
		err := w.Walk([]byte(record))
		var got *KeyError
		errors.As(err, &got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", record, diff)
		}
		if want != nil && !strings.Contains(err.Error(), "missing one or more key_properties") {
			t.Errorf("%s: %v", record, err)
		}
	}
	lax := Compile(cols, PlanOptions{AllowNullKeys: true}).NewWalker()
	if got := row(t, lax, `{"a":null}`); got != `,,` {
		t.Errorf("null keys allowed, but got %s", got)
	}
}

func TestPresentTellsNullFromAbsent(t *testing.T) {
	t.Parallel()
	w := Compile(textColumns("a", "b", "c"), PlanOptions{}).NewWalker()
	for record, want := range map[string]string{
		`{"a":1,"b":null,"c":""}`: "111",
		`{"b":null}`:              "010",
		`{}`:                      "000",
		`{"c":1,"x":2}`:           "001",
	} {
		row(t, w, record)
		if got := string(w.Present([]byte("+"), true)); got != "+"+want || w.Partial(true) == (want == "111") {
			t.Errorf("%s: present %s, full %t; want %s", record, got, !w.Partial(true), want)
		}
	}
}

func TestWatchedPropertiesAreGivenRaw(t *testing.T) {
	t.Parallel()
	w := Compile(textColumns("a"), PlanOptions{Watch: []string{"a", "at"}}).NewWalker()
	row(t, w, `{"a": "x\u0041" , "at":{"b": 1},"z":0}`)
	if a, at := string(w.Watched(0)), string(w.Watched(1)); a != `"x\u0041"` || at != `{"b": 1}` {
		t.Errorf("watched %s and %s", a, at)
	}
	row(t, w, `{"at":null}`)
	if w.Watched(0) != nil || w.Watched(1) != nil {
		t.Errorf("watched %s and %s, want nothing", w.Watched(0), w.Watched(1))
	}
	if len(w.Unknown()) > 0 {
		t.Errorf("a watched property is reported as undeclared: %v", w.Unknown())
	}
}

func TestNothingIsAppendedBesideAnError(t *testing.T) {
	t.Parallel()
	w := Compile([]Column{{Field: "a", Name: "a", Type: Text}, {Field: "b", Name: "b", Type: BigInt}}, PlanOptions{}).NewWalker()
	if err := w.Walk([]byte(`{"a":"1","b":"x"}`)); err != nil {
		t.Fatal(err)
	}
	out, err := w.AppendFields([]byte("row\n"))
	if string(out) != "row\n" || err == nil {
		t.Errorf("got %q, %v", out, err)
	}
}

func TestASteadyStreamAllocatesNothing(t *testing.T) {
	cols := append(flightColumns(), Column{Field: "é", Name: "é", Type: Text}, Column{Field: "doc", Name: "doc", Type: JSONB})
	w := Compile(cols, PlanOptions{MarkFields: []string{"_sdc_deleted_at"}, Watch: []string{"x"}}).NewWalker()
	full := []byte(strings.TrimSuffix(string(flights), "}") + `, "\u00e9": "caf\u00e9\n", "doc": {"a": [1, "\u0000"]}, "undeclared": 7}`)
	sparse := []byte(`{"id": 1, "month": 2, "time_hour": "2013-01-01 10:00:00", "doc": null}`)
	dst := make([]byte, 0, 4096)
	allocs := testing.AllocsPerRun(100, func() {
		for _, record := range [][]byte{full, sparse} {
			if err := w.Walk(record); err != nil {
				t.Fatal(err)
			}
			if _, err := w.AppendFields(dst); err != nil {
				t.Fatal(err)
			}
			w.Present(dst, true)
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations for two records, want none", allocs)
	}
}
