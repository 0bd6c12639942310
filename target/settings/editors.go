package settings

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// SchemaKey is the member of a configuration that names its JSON Schema. It is for editors.
const SchemaKey = "$schema"

// JSONSchema is the specification as a JSON Schema by which editors complete and check a configuration. Other names of
// settings are in it, too, and the settings of other targets: whatever is not in it is misspelt.
func (s *Spec) JSONSchema() ([]byte, error) {
	var document map[string]any
	if err := json.Unmarshal(s.JSON, &document); err != nil {
		return nil, err
	}
	plainSchema(document)
	document["title"] = "Configuration of target-postgres"
	properties, _ := document["properties"].(map[string]any)
	properties[SchemaKey] = map[string]any{"type": "string", "description": "JSON Schema of this file, for editors."}
	for _, name := range s.topLevel() {
		if _, ours := properties[name]; !ours {
			properties[name] = map[string]any{"description": "A setting of another target, as docs/migrating.md says.", "deprecated": true}
		}
	}
	document["additionalProperties"] = false
	return json.MarshalIndent(document, "", "  ")
}

// plainSchema takes out of a schema what only this program and Airbyte read, and adds the other names of settings.
func plainSchema(schema map[string]any) {
	if schema["airbyte_secret"] == true {
		schema["writeOnly"] = true
	}
	for key := range schema {
		if strings.HasPrefix(key, "x-") || strings.HasPrefix(key, "airbyte_") || slices.Contains([]string{"order", "group", "multiline", "always_show"}, key) {
			delete(schema, key)
		}
	}
	properties, _ := schema["properties"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		setting, _ := properties[name].(map[string]any)
		aliases, _ := setting["x-aliases"].([]any)
		plainSchema(setting)
		for _, alias := range aliases {
			other := maps.Clone(setting)
			other["description"], other["deprecated"] = "Another name for "+name+".", true
			delete(other, "default")
			properties[alias.(string)] = other //nolint:errcheck // spec.json has texts there
		}
	}
	for _, key := range []string{"items", "additionalProperties"} {
		if inside, is := schema[key].(map[string]any); is {
			plainSchema(inside)
		}
	}
	for _, key := range []string{"anyOf", "oneOf"} {
		forms, _ := schema[key].([]any)
		for _, form := range forms {
			if inside, is := form.(map[string]any); is {
				plainSchema(inside)
			}
		}
	}
}
