package typemap

import (
	"net/url"
	"strconv"
	"strings"

	"target-postgres/internal/jsonscan"
)

// document is a schema with what its $refs can point at.
type document struct {
	root    *node
	anchors map[string]*node // by "base#name", and by "#name" as a second guess
	ids     map[string]*node // by $id as written and as resolved
	draft4  bool             // "id" is what later drafts call "$id"
	// refAlone says that a $ref replaces its sibling keywords, which was the rule until draft 7.
	refAlone bool
}

// newDocument indexes a parsed schema.
func newDocument(root *node) *document {
	d := &document{root: root, anchors: map[string]*node{}, ids: map[string]*node{}}
	dialect := root.str("$schema")
	for _, old := range []string{"draft-03", "draft-04", "draft-06", "draft-07"} {
		d.refAlone = d.refAlone || strings.Contains(dialect, old)
	}
	d.draft4 = strings.Contains(dialect, "draft-03") || strings.Contains(dialect, "draft-04")
	d.index(root, root, "")
	return d
}

// index gives n and everything in it its resource and collects ids and anchors. Values that are no schemas (an enum, a
// default) are indexed too. This is harmless: no $ref is ever read from them.
func (d *document) index(n, resource *node, base string) {
	if id := d.id(n); id != "" {
		name, fragment, _ := strings.Cut(id, "#")
		if name != "" {
			resource, base = n, resolveURL(base, name)
			remember(d.ids, name, n)
			remember(d.ids, base, n)
		}
		d.anchor(base, fragment, n)
	}
	d.anchor(base, n.str("$anchor"), n)
	d.anchor(base, n.str("$dynamicAnchor"), n)
	n.resource, n.base = resource, base
	for _, m := range n.members {
		d.index(m.value, resource, base)
	}
	for _, item := range n.items {
		d.index(item, resource, base)
	}
}

func (d *document) id(n *node) string {
	if id := n.str("$id"); id != "" {
		return id
	}
	if id := n.str("id"); d.draft4 || strings.HasPrefix(id, "#") {
		return id
	}
	return ""
}

func (d *document) anchor(base, name string, n *node) {
	if name != "" {
		remember(d.anchors, base+"#"+name, n)
		remember(d.anchors, "#"+name, n)
	}
}

// remember keeps the first node of a name.
func remember(index map[string]*node, name string, n *node) {
	if _, taken := index[name]; !taken {
		index[name] = n
	}
}

// resolveURL resolves ref against base, and returns ref itself where one of them is no URL.
func resolveURL(base, ref string) string {
	b, errB := url.Parse(base)
	r, errR := url.Parse(ref)
	if errB != nil || errR != nil {
		return ref
	}
	return b.ResolveReference(r).String()
}

// lookup returns what the $ref of n points at, nil when that is nothing in this document. It never fetches anything.
func (d *document) lookup(n *node, ref string) *node {
	address, fragment, _ := strings.Cut(ref, "#")
	if decoded, err := url.PathUnescape(fragment); err == nil {
		fragment = decoded
	}
	if address != "" {
		return d.within(d.resourceCalled(n, address), fragment)
	}
	if target := d.within(n.resource, fragment); target != nil {
		return target
	}
	// Generators put an $id on every property and still count their pointers from the root of the document.
	return d.within(d.root, fragment)
}

// resourceCalled returns the schema whose $id is address, read from where n is.
func (d *document) resourceCalled(n *node, address string) *node {
	if target, ok := d.ids[address]; ok {
		return target
	}
	return d.ids[resolveURL(n.base, address)]
}

// within resolves a fragment, decoded and without its #, inside one resource.
func (d *document) within(resource *node, fragment string) *node {
	if resource == nil || fragment == "" {
		return resource
	}
	if !strings.HasPrefix(fragment, "/") {
		if target, ok := d.anchors[resource.base+"#"+fragment]; ok {
			return target
		}
		return d.anchors["#"+fragment]
	}
	target := resource
	for step := range strings.SplitSeq(fragment[1:], "/") {
		target = child(target, strings.NewReplacer("~1", "/", "~0", "~").Replace(step))
	}
	return target
}

// child takes one step of a JSON pointer.
func child(n *node, step string) *node {
	if n == nil || n.kind != jsonscan.KindArray {
		return n.get(step)
	}
	i, err := strconv.Atoi(step)
	if err != nil || i < 0 || i >= len(n.items) {
		return nil
	}
	return n.items[i]
}
