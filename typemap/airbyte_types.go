package typemap

import (
	"strings"

	"target-postgres/internal/jsonscan"
)

// Airbyte's sources and platform agree on fewer shapes than JSON Schema has, and its destinations read them in one
// fixed way: "type" outweighs the combinators, allOf is one more kind of union, and a union of anything but one type is
// JSON. (supported-data-types.md; JsonSchemaToAirbyteType.kt)

// airbyteColumn returns the column for all schemas that declare a property.
func (r *resolver) airbyteColumn(schemas []*node) (t Type, encoding, container string) {
	w := airbyteWalk{resolver: r, seen: map[*node]bool{}}
	for _, n := range schemas {
		w.schema(n)
	}
	if len(w.found) != 1 {
		return JSONB, "", "" // a union, or nothing but null
	}
	if len(w.containers) == 1 {
		container = w.containers[0]
	}
	return w.found[0].Type, w.found[0].Encoding, container
}

// airbyteWalk gathers the distinct types of a schema's alternatives.
type airbyteWalk struct {
	*resolver
	found []Field // only Type and Encoding count
	// containers are the objects, arrays and unknown types: two of them are a union, although both are JSON.
	containers []string
	seen       map[*node]bool
}

func (w *airbyteWalk) add(t Type, encoding string) {
	for _, f := range w.found {
		if f.Type.Equal(t) && f.Encoding == encoding {
			return
		}
	}
	w.found = append(w.found, Field{Type: t, Encoding: encoding})
}

// addJSON adds what is JSON: objects, arrays, or anything.
func (w *airbyteWalk) addJSON(container string) {
	w.containers = append(w.containers, container)
	w.add(JSONB, "")
}

// schema adds the types of n. A schema seen before has nothing to add, which also ends recursion.
func (w *airbyteWalk) schema(n *node) {
	if n == nil || w.seen[n] {
		return
	}
	w.seen[n] = true
	switch {
	case n.kind == jsonscan.KindString: // an old short form: "string" for {"type": "string"}
		w.named(n.text, &node{})
	case n.get("type") != nil:
		w.typed(n)
	case n.str("$ref") != "":
		w.ref(n)
	default:
		w.alternatives(n)
	}
}

func (w *airbyteWalk) typed(n *node) {
	types := n.get("type")
	if types.kind != jsonscan.KindArray {
		w.named(types.text, n)
		return
	}
	for _, name := range types.items {
		w.named(name.text, n)
	}
}

// named adds the type called name, with the rest of the schema n beside it.
func (w *airbyteWalk) named(name string, n *node) {
	switch name {
	case "null":
	case "string":
		w.add(w.airbyteString(n))
	case "boolean":
		w.add(Bool, "")
	case "int", "integer":
		w.add(BigInt, "")
	case "number":
		if n.str("airbyte_type") == "integer" {
			w.add(BigInt, "")
			return
		}
		w.add(w.opts.NumberType.Type(), "")
	case "object", "array":
		w.addJSON(name)
	default: // unknown types
		w.addJSON("")
	}
}

func (w *airbyteWalk) airbyteString(n *node) (t Type, encoding string) {
	if w.opts.DecodeBinary {
		switch encoding := strings.ToLower(n.str("contentEncoding")); encoding {
		case "base64", "base16":
			return Bytea, encoding
		}
	}
	local := n.str("airbyte_type")
	switch n.str("format") {
	case "date":
		return Date, ""
	case "time":
		if local == "time_without_timezone" {
			return Time, ""
		}
		return TimeTZ, ""
	case "date-time":
		if local == "timestamp_without_timezone" {
			return Timestamp, ""
		}
		return TimestampTZ, ""
	}
	return Text, ""
}

// ref follows a $ref: to the types of protocol version 1, by their names, or to a place in this document.
func (w *airbyteWalk) ref(n *node) {
	_, name, ok := strings.Cut(n.str("$ref"), "WellKnownTypes.json#/definitions/")
	if !ok {
		target := w.lookup(n, n.str("$ref"))
		if target == nil {
			w.addJSON("")
		}
		w.schema(target)
		return
	}
	w.add(w.wellKnown(name))
}

func (w *airbyteWalk) wellKnown(name string) (t Type, encoding string) {
	switch name {
	case "String":
		return Text, ""
	case "BinaryData":
		if w.opts.DecodeBinary {
			return Bytea, "base64"
		}
		return Text, ""
	case "Boolean":
		return Bool, ""
	case "Integer":
		return BigInt, ""
	case "Number":
		return w.opts.NumberType.Type(), ""
	case "Date":
		return Date, ""
	case "TimestampWithTimezone":
		return TimestampTZ, ""
	case "TimestampWithoutTimezone":
		return Timestamp, ""
	case "TimeWithTimezone":
		return TimeTZ, ""
	case "TimeWithoutTimezone":
		return Time, ""
	}
	return JSONB, ""
}

// alternatives adds the types of the first combinator that n has. A schema with neither type nor combinator is an
// object.
func (w *airbyteWalk) alternatives(n *node) {
	for _, key := range []string{"oneOf", "anyOf", "allOf"} {
		if branches := n.get(key).elements(); len(branches) > 0 {
			for _, branch := range branches {
				w.schema(branch)
			}
			return
		}
	}
	w.addJSON("")
}
