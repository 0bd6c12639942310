package typemap

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestUndeclaredPropertiesAreGathered(t *testing.T) {
	t.Parallel()
	columns := []Column{
		{Field: "id", Name: "id", Type: BigInt},
		{Field: "o__a", Path: []string{"o", "a"}, Name: "o__a", Type: Text},
		{Field: "extra", Name: "extra", Type: JSONB, Undeclared: true},
	}
	w := Compile(columns, PlanOptions{
		Separator: "__", MarkFields: []string{"gone"}, LeftOut: [][]string{{"left"}},
		Undeclared: func(name string) (*Digest, bool) {
			if name == "secret" {
				return &Digest{Before: "s"}, false
			}
			return nil, name == "ignored"
		},
	}).NewWalker()
	for record, want := range map[string]string{
		`{"id":1}`: `1,,`,
		`{"id":1,"left":2,"ignored":3,"o":{"a":"x"}}`: `1,"x",`,
		`{"x":1,"id":1,"x":[2]}`:                      `1,,"{""x"":[2]}"`,
		`{"id":1,"o":{"b":null}}`:                     `1,,"{""o__b"":null}"`,
		`{"id":1,"gone":"2026"}`:                      `1,,"{""gone"":""2026""}"`,
		`{"id":1,"\u0022":"\u0000"}`:                  `1,,"{""\"""":""\ufffd""}"`,
		`{"id":1,"secret":5}`:                         `1,,"{""secret"":""` + strings.Trim(string((&Digest{Before: "s"}).JSON([]byte("5"))), `"`) + `""}"`,
	} {
		if got := row(t, w, record); got != want {
			t.Errorf("%s gives %s, want %s", record, got, want)
		}
	}
}

func TestDataAsNamesOfPropertiesIsForgotten(t *testing.T) {
	t.Parallel()
	w := Compile([]Column{{Field: "id", Name: "id", Type: BigInt}, {Field: "extra", Name: "extra", Type: JSONB, Undeclared: true}}, PlanOptions{}).NewWalker()
	for i := range 10 * maxUndeclared {
		record := fmt.Sprintf(`{"id":%d,"n%d":%d}`, i, i, i)
		if got, want := row(t, w, record), fmt.Sprintf(`%d,"{""n%d"":%d}"`, i, i, i); got != want {
			t.Fatalf("%s gives %s", record, got)
		}
	}
	if len(w.tokens) > 2*maxUndeclared {
		t.Errorf("the walker remembers %d properties", len(w.tokens))
	}
	var wide strings.Builder
	wide.WriteString(`{"id":1`)
	for i := range 3 * maxUndeclared {
		fmt.Fprintf(&wide, `,"w%d":1`, i)
	}
	if got := row(t, w, wide.String()+"}"); strings.Count(got, ":") != 3*maxUndeclared {
		t.Errorf("of a record with many properties %d are stored", strings.Count(got, ":"))
	}
}

func TestAnUndeclaredPropertyIsRefused(t *testing.T) {
	t.Parallel()
	w := Compile(textColumns("a"), PlanOptions{FailUndeclared: true, MarkFields: []string{"gone"}}).NewWalker()
	var refused *UndeclaredError
	for range 2 {
		if err := w.Walk([]byte(`{"a":"1","gone":1,"b":2}`)); !errors.As(err, &refused) || refused.Field != "b" {
			t.Errorf("error %v", err)
		}
	}
	if err := w.Walk([]byte(`{"a":"1","gone":1}`)); err != nil {
		t.Error(err)
	}
}
