package typemap

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	serialization = "DESTINATION_SERIALIZATION_ERROR"
	fieldSize     = "DESTINATION_FIELD_SIZE_LIMITATION"
)

var airbyte = PlanOptions{Airbyte: true}

func TestForAirbyteAValueThatDoesNotFitIsNullAndAChange(t *testing.T) {
	t.Parallel()
	tests := []struct {
		typ    Type
		json   string
		reason string
	}{
		{BigInt, `"foo"`, serialization},
		{BigInt, `1.5`, serialization},
		{BigInt, `true`, serialization},
		{BigInt, `{}`, serialization},
		{BigInt, `"NaN"`, serialization},
		{BigInt, `9223372036854775808`, fieldSize},
		{BigInt, `-9223372036854775809`, fieldSize},
		{BigInt, `99999999999999999999999999999999`, fieldSize},
		{BigInt, `"-99999999999999999999999999999999"`, fieldSize},
		{Numeric, `"foo"`, serialization},
		{Numeric, `true`, serialization},
		{Numeric, `1e131072`, fieldSize},
		{Bool, `"true"`, serialization},
		{Bool, `1`, serialization},
		{TimestampTZ, `"foo"`, serialization},
		{TimestampTZ, `""`, serialization},
		{TimestampTZ, `1577836800`, serialization},
		{TimestampTZ, `"294277-01-01T00:00:00Z"`, fieldSize},
		{TimestampTZ, `"-4713-11-23T00:00:00Z"`, fieldSize},
		{Timestamp, `"foo"`, serialization},
		{Date, `"foo"`, serialization},
		{Date, `{}`, serialization},
		{Time, `"foo"`, serialization},
		{TimeTZ, `"foo"`, serialization},
		{JSONB, `{"a":1e999999}`, fieldSize},
		{ParseType("character varying(3)"), `"abcd"`, fieldSize},
	}
	for _, tt := range tests {
		w := compileOne(Column{Type: tt.typ}, airbyte)
		got, err := field(w, tt.json)
		want := []Change{{Field: "v", Change: "NULLED", Reason: tt.reason}}
		if diff := cmp.Diff(want, w.Changes()); got != "" || err != nil || diff != "" {
			t.Errorf("%s in %s is written as %q, %v; changes (-want +got):\n%s", tt.json, tt.typ, got, err, diff)
		}
		if _, err := field(w, `null`); err != nil || len(w.Changes()) > 0 {
			t.Errorf("the next record of %s still has changes %v, %v", tt.typ, w.Changes(), err)
		}
	}
}

func TestAirbytesNullInAColumnThatTakesNoneIsSaid(t *testing.T) {
	t.Parallel()
	w := compileOne(Column{Name: "at", Type: Date, Needed: true}, airbyte)
	if _, err := field(w, `"foo"`); err != nil || w.Lacking() == nil {
		t.Errorf("a value that does not fit: %v, %v", err, w.Lacking())
	}
	for _, json := range []string{`"2026-01-31"`, `null`} {
		if _, err := field(w, json); err != nil || w.Lacking() != nil {
			t.Errorf("%s after it: %v, %v", json, err, w.Lacking())
		}
	}
}

func TestAirbytesCoercions(t *testing.T) {
	t.Parallel()
	stores(t, Column{Type: BigInt}, airbyte, []stored{
		{`1.0`, `1`, ``},
		{`"42"`, `42`, ``},
		{`"007"`, `7`, ``},
		{`"+7"`, `7`, ``},
		{`9223372036854775807`, `9223372036854775807`, ``},
		{`-9223372036854775808`, `-9223372036854775808`, ``},
	})
	stores(t, Column{Type: Numeric}, airbyte, []stored{
		{`"12.5"`, `12.5`, ``},
		{`"+.5"`, `+.5`, `0.5`},
		{`50000.0000000000000001`, `50000.0000000000000001`, ``},
		{`1e39`, `1e39`, `1000000000000000000000000000000000000000`},
		{`"NaN"`, `NaN`, ``},
	})
	stores(t, Column{Type: ParseType("character varying")}, airbyte, []stored{
		{`{}`, `"{}"`, ``},
		{`[1, "a"]`, `"[1, ""a""]"`, ``},
		{`12.50`, `"12.50"`, ``},
		{`true`, `"true"`, ``},
		{`"a\u0000b"`, "\"a\ufffdb\"", ``},
	})
	stores(t, Column{Type: JSONB}, airbyte, []stored{
		{`"{}"`, `"""{}"""`, `"{}"`},
		{`7`, `7`, ``},
	})
	stores(t, Column{Type: TimestampTZ}, airbyte, []stored{
		{`"2012-04-10T00:14:07.596313"`, `"2012-04-10T00:14:07.596313+00"`, `2012-04-10 00:14:07.596313+00`},
		{`"2012/04/10 00:14"`, `"2012-04-10 00:14:00+00"`, ``},
		{`"2012-Apr-10T00:14:07+0200"`, `"2012-04-09 22:14:07+00"`, ``},
		{`"0044-03-15T00:00:00Z BC"`, `"0044-03-15 00:00:00+00 BC"`, ``},
	})
	stores(t, Column{Type: Timestamp}, airbyte, []stored{
		{`"2020-01-02T12:00:00+05:00"`, `"2020-01-02T12:00:00"`, `2020-01-02 12:00:00`},
		{`"2020-01-02 12:00:00 -0500"`, `"2020-01-02 12:00:00"`, ``},
		{`"2020-01-02T12:00:00Z"`, `"2020-01-02T12:00:00"`, `2020-01-02 12:00:00`},
	})
	stores(t, Column{Type: Date}, airbyte, []stored{
		{`"2020-01-02T23:00:00-05:00"`, `"2020-01-02"`, ``},
	})
	stores(t, Column{Type: Time}, airbyte, []stored{
		{`"11:34:56+05:00"`, `"11:34:56"`, ``},
	})
	stores(t, Column{Type: TimeTZ}, airbyte, []stored{
		{`"11:34:56-01:00"`, `"11:34:56-01:00"`, `11:34:56-01`},
		{`"11:34:56"`, `"11:34:56+00"`, ``},
	})
}

func TestForAirbyteTheOtherColumnsOfTheRowAreKept(t *testing.T) {
	t.Parallel()
	cols := []Column{
		{Field: "id", Name: "id", Type: BigInt, Key: true},
		{Field: "n", Name: "n", Type: BigInt},
		{Field: "gone", Name: "gone", Type: TimestampTZ},
	}
	opts := PlanOptions{Airbyte: true, MarkFields: []string{"gone"}}
	w := Compile(cols, opts).NewWalker()
	if got := row(t, w, `{"id":1,"n":"x","gone":"y"}`); got != `1,,` || !w.Marked() {
		t.Errorf("got %s, marked %t", got, w.Marked())
	}
	want := []Change{{"n", "NULLED", serialization}, {"gone", "NULLED", serialization}}
	if diff := cmp.Diff(want, w.Changes()); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}

	if err := w.Walk([]byte(`{"id":"x"}`)); err != nil {
		t.Fatal(err)
	}
	var bad *ValueError
	if _, err := w.AppendFields(nil); !errors.As(err, &bad) {
		t.Errorf("an unreadable key gives %v, want a *ValueError", err)
	}
	opts.AllowNullKeys = true
	lax := Compile(cols, opts).NewWalker()
	if err := lax.Walk([]byte(`{"id":"x"}`)); err != nil {
		t.Fatal(err)
	}
	if _, err := lax.AppendFields(nil); !errors.As(err, &bad) {
		t.Errorf("an unreadable key gives %v where a key may be null, want a *ValueError", err)
	}
	if got := row(t, lax, `{"n":1}`); got != `,1,` || len(lax.Changes()) != 0 || !lax.NullKey() {
		t.Errorf("without a key got %s with changes %v, null key %t", got, lax.Changes(), lax.NullKey())
	}
	if got := row(t, lax, `{"id":2,"n":null}`); got != `2,,` || lax.NullKey() {
		t.Errorf("the key 2 is written as %s, null key %t", got, lax.NullKey())
	}
}

func TestAirbytesObjectsAndArraysAreNothingElse(t *testing.T) {
	t.Parallel()
	fields, err := Fields([]byte(`{"properties":{"o":{"type":["null","object"]},"a":{"type":"array"},"u":{"type":["object","string"]},
		"two":{"oneOf":[{"type":"object"},{"type":"object","properties":{}}]},"potato":{"type":"potato"}}}`), SchemaOptions{Airbyte: true})
	if err != nil {
		t.Fatal(err)
	}
	cols := make([]Column, len(fields))
	for i, f := range fields {
		cols[i] = Column{Field: f.Name, Name: f.Name, Type: f.Type, Container: f.Container}
	}
	w := Compile(cols, airbyte).NewWalker()
	if got := row(t, w, `{"o":{},"a":[],"u":7,"two":"x","potato":true}`); got != `"{}","[]",7,"""x""",true` || len(w.Changes()) > 0 {
		t.Errorf("got %s with changes %v", got, w.Changes())
	}
	if got := row(t, w, `{"o":"{}","a":{},"u":"x"}`); got != `,,"""x""",,` {
		t.Errorf("got %s", got)
	}
	want := []Change{{"o", "NULLED", serialization}, {"a", "NULLED", serialization}}
	if diff := cmp.Diff(want, w.Changes()); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}
