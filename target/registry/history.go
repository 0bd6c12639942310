package registry

import (
	"encoding/json"
	"slices"

	"target-postgres/merge"
	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/migrate"
	"target-postgres/target/revision"
	"target-postgres/target/systemcolumn"
	"target-postgres/typemap"
)

// describeInstant refuses a history_time_column that cannot hold an instant, before any row counts from it: wrong
// instants in a history cannot be mended afterwards. One that the schema does not have is told by package answers.
func describeInstant(s *revision.Spec) error {
	name := s.Config.HistoryTimeColumn
	at := slices.IndexFunc(s.Fields, func(f typemap.Field) bool { return f.Name == name })
	if s.Mode != merge.History || name == "" || at < 0 {
		return nil
	}
	field := s.Fields[at]
	switch field.Type.Kind {
	case typemap.KindTimestampTZ, typemap.KindTimestamp, typemap.KindDate, typemap.KindText,
		typemap.KindInt2, typemap.KindInt4, typemap.KindInt8, typemap.KindNumeric, typemap.KindFloat4, typemap.KindFloat8:
		return nil
	case typemap.KindJSON, typemap.KindJSONB:
		if field.Container == "" && !onlyContainers(s.Schema.JSON, name) {
			return nil // every record says for itself what it is
		}
	}
	return &failure.Error{
		Blame: failure.Configuration, Stream: s.Name, Column: name,
		Reason: "history_time_column names a field that holds no times: its type is " + field.Type.Name,
		Hint:   "name a field of date-times, dates or epoch numbers, or leave history_time_column out",
	}
}

// describeLate refuses a history that inserts late records while a cursor orders them that holds no instants: nothing
// would say where they belong.
func describeLate(s *revision.Spec) error {
	name := s.Schema.Cursor
	at := slices.IndexFunc(s.Fields, func(f typemap.Field) bool { return f.Name == name })
	if !s.Config.InsertsLate(s.Mode) || s.Config.HistoryTimeColumn != "" || name == "" || at < 0 || revision.IsInstant(s.Fields[at].Type) {
		return nil
	}
	return &failure.Error{
		Blame: failure.Configuration, Stream: s.Name, Column: name,
		Reason: "late is insert, but the cursor that orders the records holds no date-times",
		Hint:   "name the field with the time of a record in history_time_column, or remove late",
	}
}

// onlyContainers reports whether a schema lets a property be nothing but an object or a list.
func onlyContainers(schema []byte, property string) bool {
	var document struct {
		Properties map[string]struct {
			Type any `json:"type"`
		} `json:"properties"`
	}
	if json.Unmarshal(schema, &document) != nil {
		return false
	}
	types, isList := document.Properties[property].Type.([]any)
	if !isList {
		types = []any{document.Properties[property].Type}
	}
	return !slices.ContainsFunc(types, func(name any) bool { return name != "object" && name != "array" && name != "null" })
}

// describeVersions refuses a name for a column of the versions that another column of the stream has.
func describeVersions(s *revision.Spec, c *config.Config) error {
	if s.Mode != merge.History {
		return nil
	}
	if s.ViewName() == s.TableName {
		return &failure.Error{
			Blame: failure.Configuration, Stream: s.Name, Reason: "history_view has the name of the stream's table", Hint: "give the view another name, such as {table}_current",
		}
	}
	taken := slices.Clone(s.Names)
	for _, e := range s.Metadata(c) {
		taken = append(taken, e.Name)
	}
	if s.Airbyte {
		taken = append(taken, systemcolumn.RawIDColumn, systemcolumn.EmittedColumn, systemcolumn.MetaColumn, systemcolumn.GenerationColumn)
	}
	taken = append(taken, migrate.VersionColumn)
	versions := s.Versions()
	for _, column := range []struct{ part, name string }{{"start", versions.Start}, {"end", versions.End}, {"active", versions.Active}} {
		if slices.Contains(taken, column.name) {
			return &failure.Error{
				Blame: failure.Configuration, Stream: s.Name, Column: column.name,
				Reason: "history_columns." + column.part + " is the name of another column of the stream",
				Hint:   "choose another name, or leave the field out or rename it with " + config.StreamEntry(s.Name, "columns"),
			}
		}
	}
	return nil
}
