package typemap

import (
	"cmp"
	"fmt"
	"slices"

	"target-postgres/internal/jsonscan"
)

// Fields returns the columns that a stream's JSON Schema asks for, in the order in which the schema first names them.
// Properties may stand at the top level or come in through a top-level $ref, allOf, anyOf, oneOf or then and else; one
// that several of them declare gets a column for all of it.
//
// The error is a *[SchemaError]: the schema is no JSON object, or a keyword that should bring properties, such as $ref,
// brings none. A schema without any such keyword has no fields.
func Fields(schema []byte, opts SchemaOptions) ([]Field, error) {
	root, err := parseSchema(schema)
	if err != nil {
		return nil, err
	}
	if root.kind != jsonscan.KindObject {
		return nil, &SchemaError{Reason: "not a json object"}
	}
	r := newResolver(root, opts)
	found := r.properties(root)
	if !found.any && !opts.Airbyte && brings(root) {
		reason := `missing "properties"`
		if ref := root.str("$ref"); ref != "" {
			reason += fmt.Sprintf(", and its $ref %q leads to none", ref)
		}
		return nil, &SchemaError{Reason: reason}
	}
	fields := make([]Field, len(found.list))
	for i, p := range found.list {
		fields[i] = r.field(p, opts.Depth)
	}
	return fields, nil
}

// brings reports whether a schema has a keyword that declares properties, or leads to some.
func brings(root *node) bool {
	return slices.ContainsFunc(root.members, func(m member) bool {
		absent := m.name == "properties" && m.value.kind == jsonscan.KindNull
		return !absent && slices.Contains([]string{"properties", "$ref", "allOf", "anyOf", "oneOf", "then", "else"}, m.name)
	})
}

// Description returns what a schema says of the stream itself, "" if it says nothing.
func Description(schema []byte) string {
	root, err := parseSchema(schema)
	if err != nil {
		return ""
	}
	return newResolver(root, SchemaOptions{}).text(root, "description")
}

// field turns a property into a field.
func (r *resolver) field(p property, depth int) Field {
	f := Field{Name: p.name, Description: r.text(p.schemas[0], "description"), SQLType: r.text(p.schemas[0], "x-sql-datatype")}
	if r.opts.Airbyte {
		f.Type, f.Encoding, f.Container = r.airbyteColumn(p.schemas)
	} else {
		f.Type, f.Encoding = p.shape.columnType(r.opts)
	}
	if depth > 0 {
		f.Properties = r.inner(p, depth-1)
		f.Others = len(f.Properties) > 0 && p.shape.types&^(typeObject|typeNull) != 0
	}
	return f
}

// inner are the fields of an object. There are none unless the schema, or its $ref, says that it is an object and lists
// its properties, nor where a schema refers back to itself.
func (r *resolver) inner(p property, depth int) []Field {
	for _, n := range p.schemas {
		for hops := 0; n.str("$ref") != "" && hops < maxHops; hops++ {
			n = r.lookup(n, n.str("$ref"))
		}
		if n == nil || typesOf(n.get("type"))&typeObject == 0 || n.get("type") == nil || r.inside[n] {
			continue
		}
		own := n.get("properties")
		if own == nil || len(own.members) == 0 {
			continue
		}
		r.inside[n] = true
		list := r.own(own).list
		fields := make([]Field, len(list))
		for i, p := range list {
			fields[i] = r.field(p, depth)
		}
		delete(r.inside, n)
		return fields
	}
	return nil
}

// maxHops is how many references to references are followed.
const maxHops = 32

// text returns the text that n has under a keyword, else that of what n refers to.
func (r *resolver) text(n *node, keyword string) string {
	var target *node
	if ref := n.str("$ref"); ref != "" {
		target = r.lookup(n, ref)
	}
	return cmp.Or(n.str(keyword), target.str(keyword))
}
