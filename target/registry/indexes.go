package registry

import (
	"fmt"
	"slices"

	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/index"
	"target-postgres/target/revision"
	"target-postgres/target/stream"
	"target-postgres/typemap"
)

// describeIndexes finds the columns of the fields that the setting indexes names. It refuses a field that no SCHEMA of
// the stream has. before is the stream's last SCHEMA, nil for none.
func describeIndexes(s *revision.Spec, c *config.Config, before *stream.Stream) error {
	for n, setting := range s.Config.Indexes {
		columns := make([]string, len(setting.Columns))
		for i, field := range setting.Columns {
			columns[i] = columnFor(s, c, field)
			if columns[i] != "" {
				continue
			}
			if before == nil || n >= len(before.Indexes) {
				return noField(s, "indexes", field)
			}
			columns[i] = before.Indexes[n].Columns[i] // taps alternate between SCHEMAs
		}
		s.Indexes = append(s.Indexes, index.New(s.TableName, setting, columns))
	}
	return nil
}

// columnFor is the column of a field, or one that the program adds by its own name; "" if there is none.
func columnFor(s *revision.Spec, c *config.Config, field string) string {
	at := slices.IndexFunc(s.Fields, func(f typemap.Field) bool { return f.Name == field && !f.Undeclared })
	if at >= 0 {
		return s.Names[at]
	}
	whole := stream.Stream{Revision: revision.Revision{Spec: s}}
	for _, column := range whole.TableSpec(c).Columns {
		if column.Field == "" && column.Name == field {
			return field
		}
	}
	return ""
}

// noField is the error of a field that a setting names and that has no column.
func noField(s *revision.Spec, setting, field string) error {
	names := make([]string, len(s.Fields))
	for i, f := range s.Fields {
		names[i] = f.Name
	}
	e := &failure.Error{
		Blame: failure.Configuration, Stream: s.Name, Column: field, Reason: "the setting " + setting + " names a field that the stream does not have",
		Hint: "use the names that fields have after flattening in " + s.Setting(setting, "…"),
	}
	if s.Plan.Declares(field) || s.Plan.LeavesOut(field) {
		e.Reason = "the setting " + setting + " names a field that has no column"
	}
	if near := failure.Suggest(field, names); near != "" {
		e.Hint = fmt.Sprintf("did you mean %q? %s", near, e.Hint)
	}
	return e
}
