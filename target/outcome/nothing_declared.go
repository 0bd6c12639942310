package outcome

import (
	"github.com/goccy/go-json"

	"target-postgres/target/failure"
	"target-postgres/target/stream"
)

// NothingDeclared is the error of an input in which no SCHEMA has properties. One stream without properties beside
// others loads nothing, with a warning. If all of them lack properties the tap is broken, and an exit code of 0 would
// hide that.
func (o Streams) NothingDeclared() error {
	var first *stream.Stream
	for _, s := range o.All {
		if !s.Skip || s.Airbyte || hasProperties(s.Schema.JSON) {
			return nil
		}
		if first == nil {
			first = s
		}
	}
	if first == nil {
		return nil
	}
	return &failure.Error{
		Blame: failure.Stream, Stream: first.Name,
		Reason: `no SCHEMA message of the input has "properties", an object in its schema: nothing was loaded (Line is missing required properties key(s): {...})`,
		Hint:   "let the tap discover its streams again: a SCHEMA has to name the fields of its records",
	}
}

// hasProperties reports whether a schema has the keyword, even if it names none.
func hasProperties(schema []byte) bool {
	var found struct {
		Properties json.RawMessage `json:"properties"`
	}
	return json.Unmarshal(schema, &found) != nil || len(found.Properties) > 0 && string(found.Properties) != "null"
}
