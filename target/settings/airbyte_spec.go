package settings

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
)

// ConnectionSpecification is spec.json as Airbyte's spec command prints it: a JSON Schema that accepts every
// configuration which Airbyte's own destination-postgres accepts, and our settings beside them. The key x-airbyte of a
// setting says how it differs there; false leaves it out, because Airbyte's form has another setting for the same.
// It fails if the JSON cannot be read or has no properties.
func (s *Spec) ConnectionSpecification() ([]byte, error) {
	var document map[string]any
	if err := Decode(s.JSON, &document); err != nil {
		return nil, fmt.Errorf("spec.json: %w", err)
	}
	properties, ok := document["properties"].(map[string]any)
	if !ok {
		return nil, errors.New("spec.json: there are no properties")
	}
	for name, value := range properties {
		if setting, _ := value.(map[string]any); !forAirbyte(setting) {
			delete(properties, name)
		}
	}
	document["additionalProperties"] = true
	document["required"] = []string{"host", "port", "database", "schema", "username"}
	document["groups"] = []map[string]string{
		{"id": "connection"},
		{"id": "sync_behavior", "title": "Sync behavior"},
		{"id": "naming", "title": "Names"},
		{"id": "loading", "title": "Loading"},
		{"id": "migration", "title": "Changes of the schema"},
		{"id": "types", "title": "Types"},
		{"id": "batching", "title": "Batches"},
		{"id": "advanced", "title": "Advanced"},
	}
	return json.Marshal(document)
}

// forAirbyte applies and removes the keys that only this program reads. It returns whether the setting is shown.
func forAirbyte(setting map[string]any) bool {
	override := setting["x-airbyte"]
	delete(setting, "x-airbyte")
	delete(setting, "x-aliases")
	delete(setting, "x-per-stream")
	if override == false {
		return false
	}
	if changes, ok := override.(map[string]any); ok {
		maps.Copy(setting, changes)
		maps.DeleteFunc(setting, func(_ string, value any) bool { return value == nil })
	}
	if inside, ok := setting["properties"].(map[string]any); ok {
		for name, value := range inside {
			if child, ok := value.(map[string]any); ok && !forAirbyte(child) {
				delete(inside, name)
			}
		}
	}
	return true
}
