package target

import (
	"crypto/sha1" //nolint:gosec // Airbyte's rule for names, nothing secret
	"encoding/hex"
	"strings"

	"target-postgres/merge"
	"target-postgres/protocol"
	"target-postgres/typemap"
)

// fold returns what is done to every name of a column, nil for nothing.
func (c *Config) fold(airbyte bool) func(string) string {
	compatible := c.compatibleNames(airbyte)
	switch {
	case c.Compatibility == likePipelinewise:
		return strings.ToLower
	case c.Compatibility == likeDatamill:
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

// compatibleNames says whether names follow the rule of Airbyte's own destination: unless told otherwise, for its streams.
func (c *Config) compatibleNames(airbyte bool) bool {
	if c.AirbyteCompatibleNames != nil {
		return *c.AirbyteCompatibleNames
	}
	return airbyte
}

// destination is where a stream goes .
func (t *Target) destination(s *stream) (schema, name string) {
	c, id := t.config, s.id
	schema, name = c.Schema, id.Name
	within, name := c.splitName(name)
	if within != "" {
		schema = within
	}
	if id.Namespace != "" {
		schema = id.Namespace
	}
	name = c.TablePrefix + name
	if c.compatibleNames(s.airbyte) {
		// The default schema is the user's own word, and stays.
		if schema != c.Schema {
			schema = typemap.AirbyteName(schema)
		}
		name = typemap.AirbyteName(name)
	}
	if c.LowercaseNames {
		schema, name = strings.ToLower(schema), strings.ToLower(name)
	}
	if s.config.Schema != "" {
		schema = s.config.Schema
	}
	schema, name = typemap.Identifier(schema), typemap.Identifier(name)
	if s.config.Table != "" {
		return schema, typemap.Identifier(s.config.Table)
	}
	if s.airbyte {
		name = t.unlikeOthers(id, schema, name)
	}
	return schema, name
}

// unlikeOthers gives a stream of the catalog a name that no stream before it has. Two of them can fall together only
// because characters were replaced or cut off; the suffix is that of Airbyte's own destination.
func (t *Target) unlikeOthers(id protocol.Stream, schema, name string) string {
	taken := func(name string) bool {
		owner, is := t.named[merge.Name{Schema: schema, Table: name}]
		return is && owner != id
	}
	if taken(name) {
		sum := sha1.Sum([]byte(id.Namespace + "&airbyte&" + id.Name)) //nolint:gosec // as above
		digits := hex.EncodeToString(sum[:])
		base := name
		for n := 3; n <= len(digits) && taken(name); n++ {
			name = typemap.AirbyteName(base + "_" + digits[:n])
		}
	}
	t.named[merge.Name{Schema: schema, Table: name}] = id
	return name
}
