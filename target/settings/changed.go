package settings

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// Changed says in words which settings differ from their defaults, of settings that have these filled in. A switch, a
// number and a choice are shown with their value. Of all else only the name is: a text may be a secret that stands in
// the wrong place.
func (s *Spec) Changed(given map[string]any) string {
	var shown, named []string
	s.root.differences("", given, func(path string, value any) {
		if value == nil {
			named = append(named, path)
		} else {
			shown = append(shown, fmt.Sprintf("%s=%v", path, value))
		}
	})
	if len(named) > 0 {
		shown = append(shown, strings.Join(named, ", ")+" (not shown)")
	}
	return strings.Join(shown, ", ")
}

// differences calls tell for every setting that differs from its default, in the order of the document, with nil for a
// value that is not shown.
func (n *node) differences(path string, given map[string]any, tell func(path string, value any)) {
	for _, name := range n.keys {
		child, value := n.Properties[name], given[name]
		at := join(path, name)
		object, isObject := value.(map[string]any)
		switch {
		case value == nil || value == "" || isObject && len(object) == 0 || sameJSON(value, child.Default):
		case isObject && child.Properties != nil:
			child.differences(at, object, tell)
		case child.Secret || !child.closed():
			tell(at, nil)
		default:
			tell(at, value)
		}
	}
}

// closed reports whether a value of the setting is one of few, or a number: it cannot be a secret.
func (n *node) closed() bool {
	return len(n.Enum) > 0 || n.Type == "boolean" || n.Type == "integer" || n.Type == "number"
}

// sameJSON reports whether two settings are the same, also if they came as different Go types.
func sameJSON(a, b any) bool {
	left, errLeft := json.Marshal(a)
	right, errRight := json.Marshal(b)
	return errLeft == nil && errRight == nil && bytes.Equal(left, right)
}
