package config

import (
	"strings"

	"target-postgres/target/dialect"
	"target-postgres/typemap"
)

// Fold returns what is done to every name of a column, nil for nothing.
func (c *Config) Fold(airbyte bool) func(string) string {
	compatible := c.CompatibleNames(airbyte)
	switch {
	case c.Compatibility == dialect.LikePipelinewise:
		return strings.ToLower
	case c.Compatibility == dialect.LikeDatamill:
		return datamillName
	case compatible && c.LowercaseNames:
		return func(name string) string { return strings.ToLower(typemap.AirbyteName(name)) }
	case compatible:
		return typemap.AirbyteName
	case c.LowercaseNames:
		return strings.ToLower
	default:
		return nil
	}
}

// CompatibleNames says whether names follow the rule of Airbyte's own destination: unless told otherwise, for its streams.
func (c *Config) CompatibleNames(airbyte bool) bool {
	if c.AirbyteCompatibleNames != nil {
		return *c.AirbyteCompatibleNames
	}
	return airbyte
}
