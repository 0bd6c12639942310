package shape

import (
	"errors"
	"strings"
	"testing"

	"target-postgres/typemap"
)

func yes() *bool { t := true; return &t }

func no() *bool { return new(bool) }

// columnsOf renders a plan: field, column, type, and what is stored instead.
func columnsOf(p *Plan) string {
	var out []string
	for _, f := range p.Fields {
		text := f.Name + " " + f.Type.Name
		if f.Column != "" {
			text += " as " + f.Column
		}
		if f.Digest != nil {
			text += " hashed"
		}
		if f.Fixed {
			text += " fixed"
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

func TestSettingsOfColumnsMakeThePlan(t *testing.T) {
	t.Parallel()
	fields := []typemap.Field{{Name: "id", Type: typemap.BigInt, SQLType: "int2"}, {Name: "email", Type: typemap.Text}, {Name: "n", Type: typemap.Numeric}}
	for _, c := range []struct {
		name     string
		settings Settings
		want     string
	}{
		{"nothing", Settings{}, "id bigint, email text, n numeric"},
		{"all excluded but one", Settings{Columns: map[string]Column{"*": {Exclude: yes()}, "n": {Exclude: no()}, "id": {Exclude: no()}}}, "id bigint, n numeric"},
		{"an excluded key", Settings{HashSalt: "s", Columns: map[string]Column{"*": {Exclude: yes()}}}, "id text hashed fixed"},
		{"members from both", Settings{HashSalt: "s", Columns: map[string]Column{"*": {Hash: yes(), Type: "int8"}, "n": {Hash: no(), Rename: "m"}}}, "id text hashed fixed, email text hashed fixed, n bigint as m fixed"},
		{"a hint", Settings{TypeHints: true}, "id smallint fixed, email text, n numeric"},
		{"a type over a hint", Settings{TypeHints: true, Columns: map[string]Column{"id": {Type: "numeric(9,2)"}}}, "id numeric(9,2) fixed, email text, n numeric"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p, err := New(fields, []string{"id"}, c.settings)
			if err != nil {
				t.Fatal(err)
			}
			if got := columnsOf(p); got != c.want {
				t.Errorf("columns %s, want %s", got, c.want)
			}
		})
	}
}

func TestSettingsThatCannotBeFollowedAreNamed(t *testing.T) {
	t.Parallel()
	fields := []typemap.Field{{Name: "id", Type: typemap.BigInt}, {Name: "a", Type: typemap.Text}}
	for want, columns := range map[string]map[string]Column{
		"columns.a.hash needs hash_salt":           {"a": {Hash: yes()}},
		"columns.id.exclude is about a field":      {"id": {Exclude: yes()}},
		"columns.*.rename would give":              {"*": {Rename: "x"}},
		"columns.a.type is \"text; drop\"":         {"a": {Type: "text; drop"}},
		"columns.a.rename is \"x\", as that of \"": {"a": {Rename: "x"}, "id": {Rename: "x"}},
	} {
		_, err := New(fields, []string{"id"}, Settings{Columns: columns})
		if wrong, is := errors.AsType[*Error](err); !is || !strings.Contains(wrong.Error(), want) || wrong.Hint == "" {
			t.Errorf("error %v, want %s and a hint", err, want)
		}
	}
}

func TestAMaskedRecordHoldsNoValueThatIsHashedOrExcluded(t *testing.T) {
	t.Parallel()
	fields := []typemap.Field{{Name: "id", Type: typemap.BigInt}, {Name: "a", Type: typemap.Text}}
	columns := map[string]Column{"*": {Exclude: yes()}, "id": {Exclude: no(), Hash: yes()}, "b": {Exclude: no(), Hash: yes()}, "c": {Exclude: no()}}
	p, err := New(fields, nil, Settings{HashSalt: "s", Columns: columns})
	if err != nil {
		t.Fatal(err)
	}
	for record, want := range map[string]string{
		`{"a": 1, "\u0061": {"x": [1]}, "c" : [1, 2] }`: `{"c":[1, 2]}`,
		` {}`:                         `{}`,
		`{"z":1}`:                     `{}`,
		`{"b":null}`:                  `{"b":null}`,
		`[1]`:                         ``,
		`{"a":`:                       ``,
		`{"a":1 "c":2}`:               ``,
		`{"c":NaN,"c":"\ud800"}`:      `{"c":NaN,"c":"\ud800"}`,
		`{"c":1}trailing is not read`: `{"c":1}`,
	} {
		if got := string(p.Masked([]byte(record))); got != want {
			t.Errorf("Masked(%s) = %s, want %s", record, got, want)
		}
	}
	same := string(p.Masked([]byte(`{"id":1.0}`)))
	if len(same) != len(`{"id":""}`)+64 || same != string(p.Masked([]byte(`{"id":"1"}`))) {
		t.Errorf("the hash of 1.0 is %s", same)
	}
}

func TestAHashIsForAllFieldsThatFlatteningGivesTheName(t *testing.T) {
	t.Parallel()
	fields := []typemap.Field{
		{Name: "o__a", Type: typemap.Text},
		{Name: "o", Type: typemap.JSONB, Properties: []typemap.Field{{Name: "a", Type: typemap.Text}, {Name: "b", Type: typemap.Text}}},
	}
	p, err := New(fields, nil, Settings{HashSalt: "s", Flatten: Flatten{MaxLevel: 1}, Columns: map[string]Column{"o__a": {Hash: yes(), Rename: "x"}}})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := columnsOf(p), "o__a text as x hashed fixed, "+p.Fields[1].Name+" text hashed fixed, o__b text"; got != want {
		t.Errorf("columns %s, want %s", got, want)
	}
}
