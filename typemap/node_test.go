package typemap

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"target-postgres/internal/jsonscan"
)

func TestNodesKeepTheOrderOfMembers(t *testing.T) {
	t.Parallel()
	n, err := parseSchema([]byte(` { "b" : 1 , "a" : [ true , null , "x\u0041" , { } ] , "b" : -2.50e1 , "" : { "c" : [ ] } } `))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range n.members {
		names = append(names, m.name)
	}
	if diff := cmp.Diff([]string{"b", "a", ""}, names); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	if b := n.get("b"); b.kind != jsonscan.KindNumber || b.text != "-2.50e1" {
		t.Errorf("b = %+v, want the last literal as it was written", b)
	}
	var kinds []jsonscan.Kind
	for _, item := range n.get("a").elements() {
		kinds = append(kinds, item.kind)
	}
	want := []jsonscan.Kind{jsonscan.KindTrue, jsonscan.KindNull, jsonscan.KindString, jsonscan.KindObject}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Errorf("kinds (-want +got):\n%s", diff)
	}
	if got := n.get("a").items[2].text; got != "xA" {
		t.Errorf("string = %q, want it decoded", got)
	}
	if c := n.get("").get("c"); c == nil || c.kind != jsonscan.KindArray || len(c.items) != 0 {
		t.Errorf("c = %+v, want an empty array", c)
	}
}

func TestNodesAnswerForWhatIsMissing(t *testing.T) {
	t.Parallel()
	n, err := parseSchema([]byte(`{"number":1,"string":"s","array":["s"]}`))
	if err != nil {
		t.Fatal(err)
	}
	if n.get("missing") != nil || n.get("missing").get("deeper") != nil || n.get("array").get("0") != nil {
		t.Error("a missing member is not nil")
	}
	if got := n.str("string") + n.str("number") + n.str("missing"); got != "s" {
		t.Errorf("the strings are %q, want only s", got)
	}
	if n.get("missing").elements() != nil || n.get("string").elements() != nil {
		t.Error("what is no array has elements")
	}
}

func TestNodesEndAtTheDepthThatIsLookedInto(t *testing.T) {
	t.Parallel()
	for _, depth := range []int{maxSchemaDepth - 1, maxSchemaDepth, maxSchemaDepth + 1, 100 * maxSchemaDepth} {
		text := strings.Repeat(`{"a":[`, depth) + `"x"` + strings.Repeat(`]}`, depth)
		n, err := parseSchema([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		levels := 0
		for n != nil && n.kind != jsonscan.KindString {
			levels++
			if n.kind == jsonscan.KindObject {
				n = n.get("a")
				continue
			}
			if len(n.items) == 0 {
				break
			}
			n = n.items[0]
		}
		if want := min(2*depth, maxSchemaDepth+1); levels != want {
			t.Errorf("%d levels of %d were kept, want %d", levels, 2*depth, want)
		}
	}
}
