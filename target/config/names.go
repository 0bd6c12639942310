package config

import (
	"strings"

	"target-postgres/target/dialect"
	"target-postgres/typemap"
)

// Naming says how schemas, tables and columns are called.
type Naming string

// SnakeCase names all of them in small letters, without characters that would have to be quoted.
const SnakeCase Naming = "snake_case"

// Folds are the ways to name columns.
func (c *Config) Folds(airbyte bool) typemap.Folds {
	return typemap.Folds{Now: c.Fold(airbyte), Else: c.foldElse(airbyte), All: []func(string) string{
		nil, typemap.SnakeCase, strings.ToLower, typemap.AirbyteName, lowerAirbyteName, datamillName,
	}}
}

// Fold returns what is done to every name of a column, nil for nothing.
func (c *Config) Fold(airbyte bool) func(string) string {
	if c.Naming == SnakeCase {
		return typemap.SnakeCase
	}
	return c.foldElse(airbyte)
}

// foldElse is what is done without the setting naming.
func (c *Config) foldElse(airbyte bool) func(string) string {
	compatible := c.CompatibleNames(airbyte)
	switch {
	case c.Compatibility == dialect.LikePipelinewise:
		return strings.ToLower
	case c.Compatibility == dialect.LikeDatamill:
		return datamillName
	case compatible && c.LowercaseNames:
		return lowerAirbyteName
	case compatible:
		return typemap.AirbyteName
	case c.LowercaseNames:
		return strings.ToLower
	default:
		return nil
	}
}

func lowerAirbyteName(name string) string { return strings.ToLower(typemap.AirbyteName(name)) }

// CompatibleNames reports whether names follow the rule of Airbyte's own destination: unless told otherwise, for its
// streams.
func (c *Config) CompatibleNames(airbyte bool) bool {
	if c.AirbyteCompatibleNames != nil {
		return *c.AirbyteCompatibleNames
	}
	return airbyte
}

// OwnSchema is the schema of the program's own tables, and of streams that name none.
func (c *Config) OwnSchema() string {
	schema := c.Schema
	if c.LowercaseNames {
		schema = strings.ToLower(schema)
	}
	return typemap.Identifier(schema)
}

// ContinuesOthers reports whether the settings ask to go on with tables that another program made.
func (c *Config) ContinuesOthers(airbyte bool) bool {
	return c.Naming != SnakeCase && (c.Compatibility != "" && c.Compatibility != "none" || c.CompatibleNames(airbyte))
}
