package jsonscan

import (
	"net/url"
	"strings"
)

var pointerEscapes = strings.NewReplacer("~1", "/", "~0", "~")

// PointerSteps cuts a JSON Pointer into the names on its way. It may be the fragment of a URL, in which names are
// escaped as in any.
func PointerSteps(pointer string) []string {
	if pointer == "" {
		return nil
	}
	names := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for i := range names {
		if name, err := url.PathUnescape(names[i]); err == nil {
			names[i] = name
		}
		names[i] = pointerEscapes.Replace(names[i])
	}
	return names
}
