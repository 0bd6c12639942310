package settings

import (
	"maps"
	"slices"
	"strings"
)

// undot takes a dotted name as the nesting that it stands for: "migration_policy.new_fields" is new_fields in
// migration_policy. Where both forms are given the dotted one wins. A stream's own name may have dots in it, so what
// stands before the last dot is the stream.
func (n *node) undot(given map[string]any) {
	for _, key := range slices.Sorted(maps.Keys(given)) {
		if n.knows(key) != nil {
			continue
		}
		head, rest, dotted := strings.Cut(key, ".")
		child := n.knows(head)
		if !dotted || child == nil || child.Type != "object" {
			continue
		}
		value := given[key]
		delete(given, key)
		child.place(given, head, rest, value)
	}
	for name, value := range given {
		child := n.knows(name)
		if child == nil || child.Type != "object" {
			continue
		}
		if object, ok := child.coerce(value).(map[string]any); ok {
			given[name] = object
			child.undotEach(object)
		}
	}
}

// place puts a value where a dotted name says that it belongs.
func (n *node) place(given map[string]any, name, rest string, value any) {
	object, ok := n.coerce(given[name]).(map[string]any)
	if !ok {
		object = map[string]any{}
	}
	object[rest] = value
	given[name] = object
}

// undotEach goes on inside an object, whose keys may be the user's own.
func (n *node) undotEach(object map[string]any) {
	if n.Open == nil {
		n.undot(object)
		return
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		name, setting := n.Open.split(key)
		value := object[key]
		if _, nested := value.(map[string]any); name == "" || nested {
			continue
		}
		delete(object, key)
		n.Open.place(object, name, setting, value)
	}
	for name, value := range object {
		if entry, ok := n.Open.coerce(value).(map[string]any); ok {
			object[name] = entry
			n.Open.undot(entry)
		}
	}
}

// split cuts a dotted name into the user's own and that of a setting, which may be one inside of others. There is none
// if both are "".
func (n *node) split(key string) (name, setting string) {
	for at := strings.LastIndexByte(key, '.'); at > 0; at = strings.LastIndexByte(key[:at], '.') {
		if n.leads(key[at+1:]) {
			return key[:at], key[at+1:]
		}
	}
	return "", ""
}

// leads reports whether a name, dotted or not, is that of a setting of n or inside one of n's.
func (n *node) leads(key string) bool {
	if n.Open != nil && n.Properties == nil {
		name, _ := n.Open.split(key)
		return name != ""
	}
	if n.knows(key) != nil {
		return true
	}
	head, rest, dotted := strings.Cut(key, ".")
	group := n.knows(head)
	return dotted && group != nil && group.leads(rest)
}

// knows finds a setting by its name or another name of it, nil if there is none.
func (n *node) knows(key string) *node {
	if child, known := n.Properties[key]; known {
		return child
	}
	if name, alias := n.aliases()[key]; alias {
		return n.Properties[name]
	}
	return nil
}

// Names lists the names that a setting of the configuration may have: those at the top, aliases and those of other
// targets included, and dotted ones for what is in an object.
func (s *Spec) Names() []string {
	names := s.topLevel()
	for _, name := range slices.Sorted(maps.Keys(s.root.Properties)) {
		child := s.root.Properties[name]
		for _, inner := range slices.Concat(slices.Sorted(maps.Keys(child.Properties)), slices.Sorted(maps.Keys(child.aliases()))) {
			names = append(names, name+"."+inner)
		}
	}
	return names
}
