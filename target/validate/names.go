package validate

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"target-postgres/internal/jsonscan"
)

// fieldOf names the field that a record lacks or has too much, where the broken keyword is about such a field, and says
// so in words. Both are "" where the keyword is about another thing. A name that only a record within the record has
// stays unsaid: it may be data.
func (v *Validator) fieldOf(invalid *jsonschema.ValidationError, record any) (name, said string) {
	_, pointer, _ := strings.Cut(invalid.AbsoluteKeywordLocation, "#")
	way := jsonscan.PointerSteps(pointer)
	instance, _ := resolve(record, invalid.InstanceLocation)
	fields, isObject := instance.(map[string]any)
	if !isObject || len(way) == 0 {
		return "", ""
	}
	switch value, _ := resolve(v.document, pointer); {
	case way[len(way)-1] == "required":
		names, _ := value.([]any)
		name = lacked(fields, names...)
	case len(way) > 2 && slices.Contains(dependingNames, way[len(way)-3]):
		name = lacked(fields, value)
	case way[len(way)-1] == "additionalProperties" && invalid.InstanceLocation == "":
		parent, _ := resolve(v.document, strings.TrimSuffix(pointer, "/additionalProperties"))
		if name = undeclared(fields, parent); name != "" {
			return name, fmt.Sprintf(": %q was unexpected", name)
		}
	}
	if name == "" {
		return "", ""
	}
	return name, fmt.Sprintf(": %q is a required property", name)
}

// dependingNames are the keywords with lists of names that are required where another is.
var dependingNames = []string{"dependentRequired", "dependencies"}

// lacked returns the first of the names that an object does not have, "" if it has all of them.
func lacked(fields map[string]any, names ...any) string {
	for _, each := range names {
		name, isName := each.(string)
		if _, there := fields[name]; isName && !there {
			return name
		}
	}
	return ""
}

// undeclared returns the first name of an object that a schema does not declare, "" if there is none.
func undeclared(fields map[string]any, schema any) string {
	declared, _ := schema.(map[string]any)
	properties, _ := declared["properties"].(map[string]any)
	patterns, _ := declared["patternProperties"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		_, is := properties[name]
		for pattern := range patterns {
			matches, err := regexp.MatchString(pattern, name)
			is = is || err == nil && matches
		}
		if !is {
			return name
		}
	}
	return ""
}
