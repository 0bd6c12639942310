package typemap

import "testing"

func keyed(types ...Type) []Column {
	var cols []Column
	for i, typ := range types {
		name := string(rune('a' + i))
		cols = append(cols, Column{Field: name, Name: name, Type: typ, Key: true})
	}
	return cols
}

func hashOf(t *testing.T, w *Walker, record string) uint64 {
	t.Helper()
	row(t, w, record)
	return w.KeyHash()
}

func TestEqualKeysHashAlike(t *testing.T) {
	t.Parallel()
	tests := []struct {
		cols []Column
		a, b string
	}{
		{keyed(BigInt), `{"a":1}`, `{"a":1.0}`},
		{keyed(BigInt), `{"a":0}`, `{"a":-0}`},
		{keyed(BigInt), `{"a":1200}`, `{"a":"1.2e3"}`},
		{keyed(Text), `{"a":"é\/"}`, `{"a":"\u00e9/"}`},
		{keyed(Text), `{"a":7}`, `{"a":"7"}`},
		{keyed(UUID), `{"a":"A0EEBC999C0B4EF8BB6D6BB9BD380A11"}`, `{"a":"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"}`},
		{keyed(Date), `{"a":"2020-01-02"}`, `{"a":"2020/1/2 00:00"}`},
		{keyed(Bool), `{"a":true}`, `{"a":"True"}`},
		{keyed(Text, BigInt), `{"a":"x","b":2,"z":1}`, `{"b":2.0,"a":"x","z":2}`},
	}
	for _, tt := range tests {
		p := Compile(tt.cols, PlanOptions{})
		if !p.CanonicalKey() {
			t.Errorf("the key %v is not canonical", tt.cols)
		}
		if hashOf(t, p.NewWalker(), tt.a) != hashOf(t, Compile(tt.cols, PlanOptions{}).NewWalker(), tt.b) {
			t.Errorf("%s and %s are the same key, but hash differently", tt.a, tt.b)
		}
	}
}

func TestOtherKeysHashOtherwise(t *testing.T) {
	t.Parallel()
	tests := []struct {
		cols []Column
		a, b string
	}{
		{keyed(BigInt), `{"a":1}`, `{"a":2}`},
		{keyed(Text, Text), `{"a":"x,y","b":"z"}`, `{"a":"x","b":"y,z"}`},
		{keyed(Text, Text), `{"a":"x\",\"y","b":"z"}`, `{"a":"x","b":"y\",\"z"}`},
		{keyed(Text, Text), `{"a":"x","b":"y"}`, `{"a":"y","b":"x"}`},
		{keyed(Text, Text), `{"a":"x","b":"x"}`, `{"a":"y","b":"y"}`},
		{keyed(Text, Text), `{"a":"","b":"x"}`, `{"a":"x","b":""}`},
		{keyed(Text), `{"a":""}`, `{"a":" "}`},
	}
	for _, tt := range tests {
		w := Compile(tt.cols, PlanOptions{}).NewWalker()
		if hashOf(t, w, tt.a) == hashOf(t, w, tt.b) {
			t.Errorf("%s and %s hash alike", tt.a, tt.b)
		}
	}
	w := Compile(keyed(Text), PlanOptions{AllowNullKeys: true}).NewWalker()
	if hashOf(t, w, `{"a":null}`) == hashOf(t, w, `{"a":""}`) {
		t.Error("null and the empty string hash alike")
	}
}

func TestKeysWithSeveralSpellingsAreNotCanonical(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"smallint": true, "integer": true, "bigint": true, "boolean": true, "uuid": true, "date": true, "bytea": true,
		"text": true, "character varying(9)": true, "character(9)": false, "numeric": false, "numeric(9,0)": false, "real": false,
		"double precision": false, "citext": false, "timestamp with time zone": false, "time with time zone": false,
		"timestamp without time zone": false, "time without time zone": false, "jsonb": false, "text[]": false, "public.mood": false,
	} {
		if got := Compile(keyed(BigInt, ParseType(name)), PlanOptions{}).CanonicalKey(); got != want {
			t.Errorf("a key of bigint and %s: canonical %t, want %t", name, got, want)
		}
	}
}

func TestAnyValueOfAMarkFieldMarksButEmptyAndFalse(t *testing.T) {
	t.Parallel()
	plans := map[string]*Plan{
		"undeclared": Compile(textColumns("a"), PlanOptions{MarkFields: []string{"_ab_cdc_deleted_at", "gone"}}),
		"declared": Compile(append(textColumns("a"), Column{Field: "gone", Name: "gone", Type: TimestampTZ}),
			PlanOptions{MarkFields: []string{"gone"}}),
	}
	for name, p := range plans {
		w := p.NewWalker()
		for record, want := range map[string]bool{
			`{"a":"1"}`:                       false,
			`{"gone":null,"a":"1"}`:           false,
			`{"gone":"2020-01-01T00:00:00Z"}`: true,
			`{"gone":"1970-01-01T00:00:00Z"}`: true,
			`{"gone":"x","gone":null}`:        false,
			`{"gone":""}`:                     false,
			`{"gone":false}`:                  false,
			`{"gone":" "}`:                    true,
			`{"gone":0}`:                      true,
			`{"gone":true}`:                   true,
			`{"gone":[]}`:                     true,
			`{"gone":"2019-12-18T13:19:44+00:00Z+00:00"}`: true,
		} {
			if row(t, w, record); w.Marked() != want {
				t.Errorf("%s, %s: marked %t, want %t", name, record, w.Marked(), want)
			}
			if len(w.Unknown()) > 0 {
				t.Errorf("a mark is reported as undeclared")
			}
		}
	}
}

func TestAnUnreadableMarkIsStoredAsNull(t *testing.T) {
	t.Parallel()
	cols := append(textColumns("a"), Column{Field: "gone", Name: "gone", Type: TimestampTZ})
	w := Compile(cols, PlanOptions{MarkFields: []string{"gone"}}).NewWalker()
	if got := row(t, w, `{"a":"1","gone":"yes"}`); got != `"1",` || !w.Marked() {
		t.Errorf("got %s, marked %t", got, w.Marked())
	}
	if got := row(t, w, `{"a":"1","gone":"2020-01-01T00:00:00+00:00+00:00"}`); got != `"1","2020-01-01 00:00:00+00"` {
		t.Errorf("a mark with two offsets is stored as %s", got)
	}
	truthy := Compile(cols, PlanOptions{TruthyMarks: []string{"gone"}}).NewWalker()
	if got := row(t, truthy, `{"a":"1","gone":""}`); got != `"1",` || truthy.Marked() {
		t.Errorf("got %s, marked %t", got, truthy.Marked())
	}
}

func TestTruthyMarks(t *testing.T) {
	t.Parallel()
	w := Compile(nil, PlanOptions{TruthyMarks: []string{"gone"}}).NewWalker()
	for json, want := range map[string]bool{
		`null`: false, `false`: false, `0`: false, `-0.0`: false, `0e9`: false, `""`: false, `" "`: false, `"0"`: false,
		`"FALSE"`: false, `"f"`: false, `"No"`: false, `"n"`: false, `"off"`: false, `"\u0066alse"`: false,
		`true`: true, `1`: true, `-1`: true, `0.1`: true, `"true"`: true, `"Y"`: true, `"deleted"`: true,
		`"2020-01-01"`: true, `{}`: true, `[]`: true,
	} {
		if row(t, w, `{"gone":`+json+`}`); w.Marked() != want {
			t.Errorf("%s: marked %t, want %t", json, w.Marked(), want)
		}
	}
	if row(t, w, `{"other":1}`); w.Marked() {
		t.Error("a record without the mark is marked")
	}
}
