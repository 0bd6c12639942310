package typemap

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ownerColumns are those of a record with an object that is opened two levels deep.
func ownerColumns() []Column {
	return []Column{
		{Field: "id", Name: "id", Type: BigInt},
		{Field: "owner__city", Path: []string{"owner", "city"}, Name: "owner__city", Type: Text},
		{Field: "owner__home__zip", Path: []string{"owner", "home", "zip"}, Name: "owner__home__zip", Type: BigInt},
		{Field: "owner__tags", Path: []string{"owner", "tags"}, Name: "owner__tags", Type: JSONB},
		{Field: "city", Name: "city", Type: Text},
	}
}

func TestPropertiesOfAnOpenedObjectHaveColumns(t *testing.T) {
	t.Parallel()
	w := Compile(ownerColumns(), PlanOptions{Separator: "__"}).NewWalker()
	for _, c := range []struct{ record, want string }{
		{`{"id":1,"owner":{"city":"x","home":{"zip":5},"tags":[1]},"city":"y"}`, `1,"x",5,"[1]","y"`},
		{`{"id":1,"owner":{"city":"x","home":{"zip":5},"tags":[1]},"city":"y"}`, `1,"x",5,"[1]","y"`},
		{`{ "id" : 1 , "owner" : { "home" : { "zip" : 5 } , "city" : "x" } }`, `1,"x",5,,`},
		{`{"id":1,"owner":{}}`, `1,,,,`},
		{`{"id":1,"owner":null,"city":"z"}`, `1,,,,"z"`},
		{`{"id":1,"owner":{"home":null,"city":"c"}}`, `1,"c",,,`},
		{`{"owner":{"city":"a"},"owner":{"tags":{"b":1}},"id":2}`, `2,,,"{""b"":1}",`},
		{`{"id":3}`, `3,,,,`},
	} {
		if got := row(t, w, c.record); got != c.want {
			t.Errorf("%s gives %s, want %s", c.record, got, c.want)
		}
	}
}

func TestAbsentAndNullObjectsAreToldApart(t *testing.T) {
	t.Parallel()
	w := Compile(ownerColumns(), PlanOptions{Separator: "__", Unavailable: "gone"}).NewWalker()
	for record, want := range map[string]string{
		`{"id":1}`:                         "10000",
		`{"id":1,"owner":null}`:            "11110",
		`{"id":1,"owner":{"city":"x"}}`:    "11000",
		`{"id":1,"owner":{"home":null}}`:   "10100",
		`{"id":1,"owner":"gone"}`:          "10000",
		`{"id":1,"owner":{"home":"gone"}}`: "10000",
	} {
		if err := w.Walk([]byte(record)); err != nil {
			t.Fatal(err)
		}
		if got := string(w.Present(nil, true)); got != want {
			t.Errorf("%s brings %s, want %s", record, got, want)
		}
	}
}

func TestWhatIsNoObjectIsAFaultOrHasAColumnOfItsOwn(t *testing.T) {
	t.Parallel()
	var bad *ValueError
	w := Compile(ownerColumns(), PlanOptions{Separator: "__"}).NewWalker()
	for _, record := range []string{`{"id":1,"owner":5}`, `{"id":1,"owner":{"home":[1]}}`} {
		if err := w.Walk([]byte(record)); err != nil {
			t.Fatal(err)
		}
		if _, err := w.AppendFields(nil); !errors.As(err, &bad) || !strings.HasPrefix(bad.Column, "owner") {
			t.Errorf("%s gives %v", record, err)
		}
	}
	airbyte := Compile(ownerColumns(), PlanOptions{Separator: "__", Airbyte: true}).NewWalker()
	if got := row(t, airbyte, `{"id":1,"owner":5}`); got != `1,,,,` || len(airbyte.Changes()) != 1 || airbyte.Changes()[0].Field != "owner" {
		t.Errorf("in Airbyte it gives %s and %v", got, airbyte.Changes())
	}
	others := Compile(append(ownerColumns(), Column{Field: "owner", Name: "owner", Type: JSONB, Others: true}), PlanOptions{Separator: "__"}).NewWalker()
	for record, want := range map[string]string{
		`{"id":1,"owner":"x"}`:          `1,,,,,"""x"""`,
		`{"id":1,"owner":{"city":"x"}}`: `1,"x",,,,`,
		`{"id":1,"owner":null}`:         `1,,,,,`,
	} {
		if got := row(t, others, record); got != want {
			t.Errorf("%s gives %s, want %s", record, got, want)
		}
	}
}

func TestUndeclaredPropertiesOfOpenedObjectsAreNamed(t *testing.T) {
	t.Parallel()
	w := Compile(ownerColumns(), PlanOptions{Separator: "__", LeftOut: [][]string{{"owner", "secret"}, {"x"}}}).NewWalker()
	_ = row(t, w, `{"id":1,"x":1,"y":2,"owner":{"secret":1,"a":2,"home":{"b":{"c":1}}}}`)
	if diff := cmp.Diff([]string{"y", "owner__a", "owner__home__b"}, w.Unknown()); diff != "" {
		t.Errorf("undeclared (-want +got):\n%s", diff)
	}
}

func TestPropertiesOfObjectsAreFoundAsDeepAsAsked(t *testing.T) {
	t.Parallel()
	const schema = `{"definitions": {"node": {"type": "object", "properties": {"next": {"$ref": "#/definitions/node"}, "v": {"type": "integer"}}}},
		"properties": {"n": {"$ref": "#/definitions/node"}, "o": {"type": ["null", "object", "string"], "properties": {"p": {"type": "object", "properties": {"q": {}}}}},
		"any": {"anyOf": [{"type": "object", "properties": {"a": {}}}, {"type": "null"}]}, "empty": {"type": "object", "properties": {}}, "bare": {"properties": {"a": {}}}}}`
	for depth, want := range map[int]string{
		0: "n o any empty bare", 1: "n{next v} o+{p} any empty bare", 5: "n{next v} o+{p{q}} any empty bare",
	} {
		fields, err := Fields([]byte(schema), SchemaOptions{Depth: depth})
		if err != nil {
			t.Fatal(err)
		}
		if got := tree(fields); got != want {
			t.Errorf("depth %d gives %s, want %s", depth, got, want)
		}
	}
}

func tree(fields []Field) string {
	var out []string
	for _, f := range fields {
		text := f.Name
		if f.Others {
			text += "+"
		}
		if len(f.Properties) > 0 {
			text += "{" + tree(f.Properties) + "}"
		}
		out = append(out, text)
	}
	return strings.Join(out, " ")
}
