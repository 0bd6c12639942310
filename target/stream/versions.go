package stream

import (
	"slices"
	"strings"

	"target-postgres/merge"
	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/migrate"
	"target-postgres/typemap"
)

// Versions are the columns of the stream's versions in load mode history.
func (s *Spec) Versions() migrate.Versions {
	named := s.Config.HistoryColumns.OrUsual()
	return migrate.Versions{Start: named.Start, End: named.End, Active: named.Active, FarAway: s.Config.HistoryEnd == config.EndFarAway}
}

// view is the name of the view of active versions, "" for none.
func (s *Spec) view() string {
	if s.Config.HistoryView == "" || s.Mode != merge.History {
		return ""
	}
	return typemap.Identifier(strings.ReplaceAll(s.Config.HistoryView, "{table}", s.TableName))
}

// DescribeVersions refuses a name for a column of the versions that another column of the stream has.
func (s *Spec) DescribeVersions(c *config.Config) error {
	if s.Mode != merge.History {
		return nil
	}
	if s.view() == s.TableName {
		return &failure.Error{
			Kind: failure.KindConfig, Stream: s.Name, Reason: "history_view has the name of the stream's table", Hint: "give the view another name, such as {table}_current",
		}
	}
	taken := slices.Clone(s.Names)
	for _, e := range s.Metadata(c) {
		taken = append(taken, e.Name)
	}
	if s.Airbyte {
		taken = append(taken, rawIDColumn, EmittedColumn, MetaColumn, GenerationColumn)
	}
	taken = append(taken, migrate.VersionColumn)
	versions := s.Versions()
	for _, column := range []struct{ part, name string }{{"start", versions.Start}, {"end", versions.End}, {"active", versions.Active}} {
		if slices.Contains(taken, column.name) {
			return &failure.Error{
				Kind: failure.KindConfig, Stream: s.Name, Column: column.name,
				Reason: "history_columns." + column.part + " is the name of another column of the stream",
				Hint:   "choose another name, or leave the field out or rename it with " + config.StreamEntry(s.Name, "columns"),
			}
		}
	}
	return nil
}
