package parquetfile

import (
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// elements makes a schema of lines "repetition name[: annotation]", indented by a space a level.
func elements(text string) []format.SchemaElement {
	var all []format.SchemaElement
	repetitions := map[string]format.FieldRepetitionType{"required": format.Required, "optional": format.Optional, "repeated": format.Repeated}
	lines := strings.Split(strings.TrimSpace(text), "\n")
	depth := func(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }
	for i, line := range lines {
		words := strings.Fields(line)
		e := format.SchemaElement{Name: words[1], RepetitionType: thrift.New(repetitions[words[0]])}
		children := 0
		for _, below := range lines[i+1:] {
			if depth(below) <= depth(line) {
				break
			}
			if depth(below) == depth(line)+1 {
				children++
			}
		}
		if children > 0 {
			e.NumChildren = thrift.New(int32(children))
		} else {
			e.Type = thrift.New(format.Int32)
		}
		if len(words) > 2 {
			e.ConvertedType = thrift.New(map[string]deprecated.ConvertedType{"LIST": deprecated.List, "MAP": deprecated.Map}[words[2]])
		}
		all = append(all, e)
	}
	return all
}

// described is what a node becomes: i for a value, {…} for a group, […] for a list, <key=value> for a map, with the
// level of NULL.
func described(n *node) string {
	var out strings.Builder
	for i, child := range n.children {
		if i > 0 {
			out.WriteString(map[shape]string{group: ",", object: "="}[n.shape])
		}
		out.WriteString(described(child))
	}
	around := map[shape]string{leaf: "i", group: "{}", list: "[]", object: "<>"}[n.shape]
	text := around[:1] + out.String() + around[1:]
	if n.def > 0 {
		text += string('0' + rune(n.def))
	}
	return text
}

// Lists have had many forms. Each is a list of what it was made for.
func TestFormsOfLists(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ schema, want string }{
		"three levels":              {"required root\n optional a LIST\n  repeated list\n   optional element", "{[i3]1}"},
		"three levels, required":    {"required root\n required a LIST\n  repeated list\n   required element", "{[i1]}"},
		"two levels":                {"required root\n optional a LIST\n  repeated element", "{[i2]1}"},
		"two levels of a group":     {"required root\n optional a LIST\n  repeated element\n   required x\n   optional y", "{[{i2,i3}2]1}"},
		"two levels called array":   {"required root\n optional a LIST\n  repeated array\n   required x", "{[{i2}2]1}"},
		"two levels called a_tuple": {"required root\n optional a LIST\n  repeated a_tuple\n   required x", "{[{i2}2]1}"},
		"a list of repeated fields": {"required root\n optional a LIST\n  repeated element\n   repeated x", "{[{[i3]2}2]1}"},
		"a list of lists":           {"required root\n optional a LIST\n  repeated list\n   optional element LIST\n    repeated list\n     optional element", "{[[i5]3]1}"},
		"a field that repeats":      {"required root\n repeated a", "{[i1]}"},
		"a group that repeats":      {"required root\n repeated a\n  optional x", "{[{i2}1]}"},
		"a map":                     {"required root\n optional a MAP\n  repeated key_value\n   required key\n   optional value", "{<i2=i3>1}"},
		"a map without values":      {"required root\n optional a MAP\n  repeated key_value\n   required key", "{{[{i2}2]1}1}"},
		"an annotation on a group":  {"required root\n optional a LIST\n  optional x\n  optional y", "{{i2,i2}1}"},
	} {
		root, leaves, err := tree(elements(c.schema), func(string) bool { return false })
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := described(root); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		if root.first != 0 || root.last != len(leaves)-1 {
			t.Errorf("%s: columns %d to %d of %d", name, root.first, root.last, len(leaves))
		}
	}
}

func TestASchemaThatEndsTooEarly(t *testing.T) {
	t.Parallel()
	all := elements("required root\n optional a LIST\n  repeated list\n   optional element")
	for n := range all {
		if _, _, err := tree(all[:n], func(string) bool { return false }); err == nil {
			t.Errorf("%d elements are taken for a schema", n)
		}
	}
}
