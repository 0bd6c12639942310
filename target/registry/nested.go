package registry

import (
	"slices"
	"strings"

	"target-postgres/protocol"
	"target-postgres/target/failure"
	"target-postgres/target/stream"
	"target-postgres/typemap"
)

// openPaths gives the key and the cursor of a catalog that are inside other fields the names of the columns that
// flattening makes of them. A sync that merges by them is refused if there is no such column and no setting names
// another field.
func (r *Registry) openPaths(s *stream.Stream) error {
	if s.Schema.KeyPaths == nil && s.Schema.CursorPath == nil {
		return nil
	}
	settings := r.shaping(s)
	fields, err := settings.Flattened(s.Fields)
	if err != nil {
		return shapingError(s, err)
	}
	schema, dedupes := *s.Schema, s.Schema.SyncMode == protocol.SyncAppendDedup && !s.Config.DisableTypeDedupe
	for _, path := range schema.KeyPaths {
		name, found := nameAt(fields, path)
		if !found {
			schema.KeyProperties = nil
			if dedupes && s.Config.KeyProperties == nil {
				return isInside(s, "its primary key", path)
			}
			break
		}
		schema.KeyProperties = append(schema.KeyProperties, name)
	}
	schema.HasKeyProperties = len(schema.KeyProperties) > 0
	if path := schema.CursorPath; path != nil {
		name, found := nameAt(fields, path)
		if !found && dedupes && s.Config.OrderBy == "" {
			return isInside(s, "its cursor field", path)
		}
		schema.Cursor = name
	}
	s.Schema = &schema
	return nil
}

// nameAt returns the name that the field at a path has after flattening.
func nameAt(fields []typemap.Field, path []string) (name string, found bool) {
	i := slices.IndexFunc(fields, func(f typemap.Field) bool { return slices.Equal(f.At(), path) })
	if i < 0 {
		return "", false
	}
	return fields[i].Name, true
}

// isInside is the error of a field that is no column.
func isInside(s *stream.Stream, what string, path []string) error {
	return &failure.Error{
		Blame: failure.Configuration, Stream: s.Name, Reason: what + " " + strings.Join(path, ".") + " is inside another field",
		Hint: "set flatten for the stream, so that it becomes a column, or choose a field of the top level",
	}
}
