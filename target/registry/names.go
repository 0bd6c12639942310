package registry

import (
	"crypto/sha1" //nolint:gosec // Airbyte's rule for names, nothing secret
	"encoding/hex"
	"regexp"
	"strings"

	"target-postgres/merge"
	"target-postgres/target/migrate"
	"target-postgres/target/stream"
	"target-postgres/typemap"
)

// destination is where a stream goes.
func (r *Registry) destination(s *stream.Stream) (schema, name string) {
	c, id := r.config, s.ID
	schema, name = c.Schema, id.Name
	if s.Mapped != nil && s.Mapped.Alias != "" {
		name = s.Mapped.Alias
	}
	within, name := c.SplitName(name)
	if within != "" {
		schema = within
	}
	if id.Namespace != "" {
		schema = id.Namespace
	}
	name = c.TablePrefix + name
	if c.CompatibleNames(s.Airbyte) {
		// The default schema is the user's own word, and stays.
		if schema != c.Schema {
			schema = typemap.AirbyteName(schema)
		}
		name = typemap.AirbyteName(name)
	}
	if c.LowercaseNames {
		schema, name = strings.ToLower(schema), strings.ToLower(name)
	}
	if s.Config.Schema != "" {
		schema = s.Config.Schema
	}
	schema, name = typemap.Identifier(schema), typemap.Identifier(name)
	if s.Config.Table != "" {
		name = typemap.Identifier(s.Config.Table)
	}
	return schema, name
}

// ownName returns the name of an Airbyte stream's table. Of streams whose names become one the first gets it, and the others a
// suffix, that of Airbyte's own destination. A stream keeps the table whose comment names it, whatever other streams there are.
func (r *Registry) ownName(s *stream.Stream) (string, error) {
	sum := sha1.Sum([]byte(s.ID.Namespace + "&airbyte&" + s.ID.Name)) //nolint:gosec // as above
	digits := hex.EncodeToString(sum[:])
	free := ""
	for n := 2; n <= len(digits); n++ {
		name := s.TableName
		if n > 2 {
			name = typemap.AirbyteName(name + "_" + digits[:n])
		}
		if other, is := r.claims[merge.Name{Schema: s.SchemaName, Table: name}]; is && other.ID != s.ID {
			if n == 2 && other.Given {
				return name, nil // refused later: somebody asked for that table by its name
			}
			continue
		}
		have, err := r.Existing(s.Name, s.SchemaName, name)
		if err != nil {
			return "", err
		}
		owner := ""
		if have != nil {
			owner = ownerOf(have.Comment)
		}
		switch {
		case owner != "" && s.IsCalled(owner):
			return name, nil
		case owner == "" && free == "":
			free = name
		}
	}
	return free, nil
}

var streamOfComment = regexp.MustCompile(`^Stream (.*), ` + migrate.MadeByUs + `(?:\n|$)`)

// ownerOf is the stream that a table's comment names, "" if it names none.
func ownerOf(comment string) string {
	if found := streamOfComment.FindStringSubmatch(comment); found != nil {
		return found[1]
	}
	return ""
}
