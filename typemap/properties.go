package typemap

import (
	"slices"

	"target-postgres/internal/jsonscan"
)

// property is one name that a schema declares, wherever it does.
type property struct {
	name    string
	schemas []*node // its declarations, the first one first
	shape   shape   // of all of them together
	// partial: only some of several alternatives declare it. The others say nothing about it, as in a union of record
	// types which each have their own.
	partial bool
}

// properties are the declared names of a schema, in the order of appearance.
type properties struct {
	list  []property
	place map[string]int
	any   bool // there is a "properties", be it empty
}

// properties collects what the schema n declares.
func (r *resolver) properties(n *node) *properties {
	if found, ok := r.declared[n]; ok {
		return found
	}
	found := &properties{place: map[string]int{}}
	if n == nil {
		return found
	}
	r.declared[n] = &properties{} // for a $ref that comes back here
	for _, m := range n.members {
		switch m.name {
		case "properties":
			found.add(r.own(m.value))
		case "$ref":
			found.add(r.properties(r.lookup(n, m.value.text)))
		case "allOf":
			for _, branch := range m.value.items {
				found.add(r.properties(branch))
			}
		case "anyOf", "oneOf":
			found.add(r.alternatives(m.value.items))
		case "then", "else":
			found.add(r.alternatives([]*node{m.value, nil}))
		}
	}
	r.declared[n] = found
	return found
}

// own reads the value of the keyword "properties".
func (r *resolver) own(n *node) *properties {
	found := &properties{place: map[string]int{}, any: n.kind == jsonscan.KindObject}
	for _, m := range n.members {
		found.merge(property{name: m.name, schemas: []*node{m.value}, shape: r.shape(m.value)}, property.and)
	}
	return found
}

// alternatives collects what the branches of an anyOf declare.
func (r *resolver) alternatives(branches []*node) *properties {
	found := &properties{place: map[string]int{}}
	count := map[string]int{}
	for _, branch := range branches {
		declared := r.properties(branch)
		found.any = found.any || declared.any
		for _, p := range declared.list {
			found.merge(p, property.or)
			count[p.name]++
		}
	}
	for i, p := range found.list {
		found.list[i].partial = p.partial || count[p.name] < len(branches)
	}
	return found
}

// add puts what holds besides into f.
func (f *properties) add(more *properties) {
	f.any = f.any || more.any
	for _, p := range more.list {
		f.merge(p, property.and)
	}
}

func (f *properties) merge(p property, combine func(a, b property) property) {
	at, known := f.place[p.name]
	if !known {
		f.place[p.name] = len(f.list)
		f.list = append(f.list, p)
		return
	}
	schemas := slices.Clone(f.list[at].schemas)
	for _, n := range p.schemas {
		if !slices.Contains(schemas, n) {
			schemas = append(schemas, n)
		}
	}
	f.list[at] = combine(f.list[at], p)
	f.list[at].schemas = schemas
}

// and returns p where both declarations hold. One that only some alternatives make cannot narrow one that always holds.
func (p property) and(q property) property {
	switch {
	case p.partial && q.partial:
		return p.or(q)
	case q.partial:
		return p
	case p.partial:
		return q
	}
	p.shape = p.shape.intersection(q.shape)
	return p
}

// or returns p where either declaration holds.
func (p property) or(q property) property {
	p.shape = p.shape.union(q.shape)
	p.partial = p.partial || q.partial
	return p
}
