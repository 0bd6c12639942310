package typemap

import "target-postgres/internal/jsonscan"

// resolver finds the shapes of one document's schemas.
type resolver struct {
	*document
	opts SchemaOptions
	// known and declared hold what was found so far. Without them, a few dozen $refs that each name the next one twice
	// would take for ever.
	known    map[*node]shape
	declared map[*node]*properties
	// inside are the objects whose properties are being found.
	inside map[*node]bool
}

func newResolver(root *node, opts SchemaOptions) *resolver {
	return &resolver{
		document: newDocument(root),
		opts:     opts,
		known:    map[*node]shape{},
		declared: map[*node]*properties{},
		inside:   map[*node]bool{},
	}
}

// shape returns what the schema n admits. A schema that leads back to itself is taken to admit everything where it
// does.
func (r *resolver) shape(n *node) shape {
	if n == nil || n.kind != jsonscan.KindObject {
		// true, false, or no schema at all. A schema that admits nothing still gets a column, and the one that holds
		// anything is the safe one.
		return anyShape()
	}
	if s, ok := r.known[n]; ok {
		return s
	}
	r.known[n] = anyShape() // for a $ref that comes back here
	s := r.find(n)
	r.known[n] = s
	return s
}

func (r *resolver) find(n *node) shape {
	s := anyShape()
	if ref := n.str("$ref"); ref != "" {
		s = r.shape(r.lookup(n, ref))
		if r.refAlone {
			return s
		}
	}
	s = s.intersection(r.ownShape(n))
	for _, branch := range n.get("allOf").elements() {
		s = s.intersection(r.shape(branch))
	}
	for _, key := range []string{"anyOf", "oneOf"} {
		if branches := n.get(key).elements(); len(branches) > 0 {
			s = s.intersection(r.unionShape(branches))
		}
	}
	if n.get("if") != nil {
		s = s.intersection(r.unionShape([]*node{n.get("then"), n.get("else")}))
	}
	return s
}

func (r *resolver) unionShape(branches []*node) shape {
	var s shape
	for _, branch := range branches {
		s = s.union(r.shape(branch))
	}
	return s
}

// elements returns the items of an array, none for anything else.
func (n *node) elements() []*node {
	if n == nil {
		return nil
	}
	return n.items
}

// ownShape returns what n's own keywords admit, its sub-schemas aside.
func (r *resolver) ownShape(n *node) shape {
	s := anyShape()
	s.types = typesOf(n.get("type"))
	s.low, s.high = integerBounds(n)
	s.text = r.textForm(n)
	if s.text == formDecimal {
		s.number, s.decimal = formDecimal, decimalFormat(n)
	}
	if values := n.get("enum").elements(); len(values) > 0 {
		s = s.intersection(valuesShape(values))
	}
	if value := n.get("const"); value != nil {
		s = s.intersection(valuesShape([]*node{value}))
	}
	return s.tidy()
}
