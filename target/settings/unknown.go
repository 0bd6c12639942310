package settings

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"target-postgres/target/failure"
)

// Nearest returns the setting that an unknown name was most likely meant to be, "" if none is close.
func (s *Spec) Nearest(key string) string { return s.root.nearest(key) }

// unknown is the error for a setting that does not exist, with the nearest one that does.
func (s *Spec) unknown(n *node, path, key string) error {
	hint := "see `target-postgres --about` for the settings"
	switch best := n.nearest(key); {
	case best != "":
		hint = fmt.Sprintf("did you mean %s?", join(path, best))
	case n != s.root && s.root.knows(key) != nil:
		hint = fmt.Sprintf("%s is a setting of the whole run: take it out of %s", key, path)
	case len(n.Properties) <= fewSettings:
		hint = fmt.Sprintf("the settings of %s are %s", path, strings.Join(slices.Sorted(maps.Keys(n.Properties)), ", "))
	}
	return &failure.ConfigError{Setting: join(path, key), Reason: "is not a setting of target-postgres", Hint: hint}
}

// fewSettings is how many settings a hint lists.
const fewSettings = 8

// nearest returns the setting that a name was most likely meant to be, "" if none is close. It may be one of a stream.
func (n *node) nearest(key string) string {
	if n.Open != nil && n.Properties == nil {
		return n.misses(key)
	}
	if inside := n.inside(key); inside != "" {
		return inside
	}
	if head, rest, dotted := strings.Cut(key, "."); dotted {
		return n.nearestWithin(head, rest)
	}
	return failure.Suggest(key, n.candidates())
}

// nearestWithin corrects each part of a dotted name.
func (n *node) nearestWithin(head, rest string) string {
	if n.knows(head) == nil {
		head = failure.Suggest(head, n.candidates())
	}
	child := n.knows(head)
	switch {
	case child == nil:
		return ""
	case child.Properties == nil && child.Open == nil:
		return head
	case child.leads(rest):
		return join(head, rest)
	default:
		return join(head, child.nearest(rest))
	}
}

// inside finds a setting that each entry of another one has, such as one of each stream.
func (n *node) inside(key string) string {
	for _, name := range slices.Sorted(maps.Keys(n.Properties)) {
		if child := n.Properties[name]; child.Open != nil && child.Open.knows(key) != nil {
			return join(name, child.misses(key))
		}
	}
	return ""
}

// misses returns what a key of an open object was meant to be, whose value is no object: one that lacks the user's own
// name, or a dotted one whose setting is misspelled. It is "" if nothing is known of it.
func (n *node) misses(key string) string {
	if n.Open.knows(key) != nil {
		return join(n.key(), key)
	}
	var meant []string
	for at := strings.LastIndexByte(key, '.'); at > 0; at = strings.LastIndexByte(key[:at], '.') {
		if near := n.Open.nearest(key[at+1:]); near != "" {
			meant = append(meant, join(key[:at], near))
		}
	}
	return failure.Suggest(key, meant)
}

// candidates are all names that the settings of an object may have.
func (n *node) candidates() []string {
	return slices.Concat(slices.Sorted(maps.Keys(n.Properties)), slices.Sorted(maps.Keys(n.aliases())))
}
