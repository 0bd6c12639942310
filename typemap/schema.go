package typemap

import (
	"cmp"

	"target-postgres/internal/jsonscan"
)

// Fields returns the columns that a stream's JSON Schema asks for, in the order
// in which the schema first names them. Properties may stand at the top level
// or come in through a top-level $ref, allOf, anyOf, oneOf or then and else; one
// that several of them declare gets a column for all of it.
//
// The error is a *[SchemaError]: the schema is no JSON object or names no
// "properties" at all, not even empty ones. (Meltano's SDK tests its targets
// for that. Under opts.Airbyte, a schema without properties has no fields.)
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
	if !found.any && !opts.Airbyte {
		return nil, &SchemaError{Reason: `missing "properties"`}
	}
	fields := make([]Field, len(found.list))
	for i, p := range found.list {
		fields[i] = r.field(p)
	}
	return fields, nil
}

// field turns a property into a field.
func (r *resolver) field(p property) Field {
	f := Field{Name: p.name, Description: r.description(p.schemas[0])}
	if r.opts.Airbyte {
		f.Type, f.Encoding, f.Container = r.airbyteColumn(p.schemas)
	} else {
		f.Type, f.Encoding = p.shape.columnType(r.opts)
	}
	return f
}

// description returns n's description, else the one of what n refers to.
func (r *resolver) description(n *node) string {
	var target *node
	if ref := n.str("$ref"); ref != "" {
		target = r.lookup(n, ref)
	}
	return cmp.Or(n.str("description"), target.str("description"))
}
