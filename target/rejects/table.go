package rejects

import (
	"target-postgres/merge"
	"target-postgres/target/config"
)

// Schema is the JSON Schema of the table of rejected records.
const Schema = `{"type": "object", "properties": {
	"stream": {"type": "string"},
	"line": {"type": "integer", "description": "Line of the input, counted from 1."},
	"reason": {"type": "string"},
	"record": {"description": "The record as it came, or the columns it was encoded to where only the server refused it."},
	"rejected_at": {"type": "string", "format": "date-time"}
}}`

// Settings are those of the table of rejected records: of those for all streams what concerns how values are stored.
func Settings(c *config.Config) config.StreamConfig {
	return config.StreamConfig{TableSettings: config.TableSettings{
		LoadMode: config.LoadModeOf(merge.Append), ActivateVersion: c.ActivateVersion, AddRecordMetadata: c.AddRecordMetadata,
		NumberType: c.NumberType, DecodeBinary: c.DecodeBinary, InvalidText: c.InvalidText,
		MigrationPolicy: config.MigrationPolicy{MissingFields: config.KeepMissingFields}, // the policy is about the streams of the input
	}}
}
