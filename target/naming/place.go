package naming

import (
	"strings"

	"target-postgres/merge"
	"target-postgres/protocol"
	"target-postgres/target/config"
	"target-postgres/typemap"
)

// Stream is what the names of a stream depend on.
type Stream struct {
	ID protocol.Stream
	// Alias is what stream_maps calls it, "" for its own name.
	Alias string
	// Airbyte is true for a stream of Airbyte's catalog.
	Airbyte bool
	// Schema and Table are what the settings say of this stream alone, "" for nothing.
	Schema, Table string
}

// Of is where a stream goes.
func Of(c *config.Config, s Stream) merge.Name {
	schema, name := c.Schema, s.ID.Name
	if s.Alias != "" {
		name = s.Alias
	}
	within, name := c.SplitName(name)
	if within != "" {
		schema = within
	}
	if s.ID.Namespace != "" {
		schema = s.ID.Namespace
	}
	fold := foldOf(c, s.Airbyte)
	name = fold(c.TablePrefix + name)
	if schema != c.Schema { // which is the user's own word
		schema = fold(schema)
	}
	if c.LowercaseNames {
		schema, name = strings.ToLower(schema), strings.ToLower(name)
	}
	if s.Schema != "" {
		schema = s.Schema
	}
	place := merge.Name{Schema: typemap.Identifier(schema), Table: typemap.Identifier(name)}
	if s.Table != "" {
		place.Table = typemap.Identifier(s.Table)
	}
	return place
}

// foldOf is what is done to the names of tables and of the schemas that streams name.
func foldOf(c *config.Config, airbyte bool) func(string) string {
	switch {
	case c.Naming == config.SnakeCase:
		return typemap.SnakeCase
	case c.CompatibleNames(airbyte):
		return typemap.AirbyteName
	}
	return func(name string) string { return name }
}
