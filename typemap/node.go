package typemap

import (
	"slices"
	"unicode/utf8"

	"target-postgres/internal/jsonscan"
)

// maxSchemaDepth is how deep a schema is looked into. A deeper part is taken as a schema that admits everything, so
// depth can cost precision but no memory and no stack.
const maxSchemaDepth = 512

// node is a JSON value of a schema document that remembers the order of its members, which encoding/json's maps do not.
type node struct {
	kind    jsonscan.Kind
	text    string // of a string: its text; of a number: the literal
	members []member
	items   []*node

	// resource is the schema that a $ref inside this node is relative to, the nearest one around it with an $id, else
	// the root; base is its address. Both are set by newDocument.
	resource *node
	base     string
}

type member struct {
	name  string
	value *node
}

// get returns the member called name, nil when n has none or is no object.
func (n *node) get(name string) *node {
	if n == nil {
		return nil
	}
	i := slices.IndexFunc(n.members, func(m member) bool { return m.name == name })
	if i < 0 {
		return nil
	}
	return n.members[i].value
}

// str returns the text of the string member called name, "" when there is none.
func (n *node) str(name string) string {
	if v := n.get(name); v != nil && v.kind == jsonscan.KindString {
		return v.text
	}
	return ""
}

// parseSchema reads a whole schema document. The error is a *[SchemaError].
func parseSchema(schema []byte) (*node, error) {
	if !utf8.Valid(schema) {
		return nil, &SchemaError{Reason: "not valid utf-8"}
	}
	p := nodeParser{b: schema, i: jsonscan.Space(schema, 0)}
	end, _, err := jsonscan.Value(schema, p.i)
	if err != nil {
		return nil, &SchemaError{Reason: err.Error()}
	}
	if jsonscan.Space(schema, end) != len(schema) {
		return nil, &SchemaError{Reason: "more than one json value"}
	}
	return p.value(0), nil
}

// nodeParser builds nodes from text that jsonscan has accepted as a whole, which is why none of its steps can fail.
type nodeParser struct {
	b []byte
	i int // the next byte to read
}

func (p *nodeParser) value(depth int) *node {
	p.space()
	switch {
	case depth < maxSchemaDepth && p.b[p.i] == '{':
		return &node{kind: jsonscan.KindObject, members: p.object(depth)}
	case depth < maxSchemaDepth && p.b[p.i] == '[':
		return &node{kind: jsonscan.KindArray, items: p.array(depth)}
	}
	start := p.i
	end, kind, _ := jsonscan.Value(p.b, start)
	p.i = end
	n := &node{kind: kind}
	switch kind {
	case jsonscan.KindString:
		n.text = unquote(p.b[start:end])
	case jsonscan.KindNumber:
		n.text = string(p.b[start:end])
	}
	return n
}

// object reads the members of the object that starts here. A name that comes twice keeps its first place and takes its
// last value.
func (p *nodeParser) object(depth int) []member {
	var members []member
	place := map[string]int{}
	for p.next('}') {
		start := p.i
		end, _, _ := jsonscan.String(p.b, start)
		name := unquote(p.b[start:end])
		p.i, _ = jsonscan.Colon(p.b, end)
		value := p.value(depth + 1)
		if at, again := place[name]; again {
			members[at].value = value
			continue
		}
		place[name] = len(members)
		members = append(members, member{name, value})
	}
	return members
}

func (p *nodeParser) array(depth int) []*node {
	var items []*node
	for p.next(']') {
		items = append(items, p.value(depth+1))
	}
	return items
}

// next steps over the opening bracket or the comma before an element, or over the closing bracket, and reports whether
// there is an element.
func (p *nodeParser) next(closing byte) bool {
	p.space()
	if p.b[p.i] != closing {
		p.i++
		p.space()
	}
	if p.b[p.i] != closing {
		return true
	}
	p.i++
	return false
}

func (p *nodeParser) space() { p.i = jsonscan.Space(p.b, p.i) }

func unquote(token []byte) string {
	text, _ := jsonscan.Unquote(nil, token)
	return string(text)
}
