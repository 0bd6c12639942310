package validate

import (
	"strconv"
	"strings"
)

// The keywords of JSON Schema that hold schemas, by how they hold them. The values of all others are not schemas, even
// where they look like one: enum, const, default.
var (
	schemaKeywords = []string{
		"items", "additionalItems", "additionalProperties", "unevaluatedItems", "unevaluatedProperties", "contains",
		"propertyNames", "not", "if", "then", "else", "contentSchema",
	}
	schemaLists = []string{"allOf", "anyOf", "oneOf", "prefixItems", "items"}
	schemaMaps  = []string{"properties", "patternProperties", "definitions", "$defs", "dependentSchemas", "dependencies"}
)

// eachSubschema calls do for a schema and every schema in it, with the JSON Pointer to each.
func eachSubschema(value any, at string, do func(schema map[string]any, at string)) {
	schema, ok := value.(map[string]any)
	if !ok {
		return
	}
	do(schema, at)
	for _, keyword := range schemaKeywords {
		eachSubschema(schema[keyword], at+"/"+keyword, do)
	}
	for _, keyword := range schemaLists {
		list, _ := schema[keyword].([]any)
		for i, one := range list {
			eachSubschema(one, at+"/"+keyword+"/"+strconv.Itoa(i), do)
		}
	}
	for _, keyword := range schemaMaps {
		named, _ := schema[keyword].(map[string]any)
		for name, one := range named {
			eachSubschema(one, at+"/"+keyword+"/"+pointerEscape.Replace(name), do)
		}
	}
}

var pointerEscape = strings.NewReplacer("~", "~0", "/", "~1")
