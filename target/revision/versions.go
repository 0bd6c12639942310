package revision

import (
	"strings"

	"target-postgres/merge"
	"target-postgres/target/config"
	"target-postgres/target/migrate"
	"target-postgres/typemap"
)

// Versions are the columns of the stream's versions in load mode history.
func (s *Spec) Versions() migrate.Versions {
	named := s.Config.HistoryColumns.OrUsual()
	return migrate.Versions{Start: named.Start, End: named.End, Active: named.Active, FarAway: s.Config.HistoryEnd == config.EndFarAway}
}

// ViewName is the name of the view of active versions, "" for none.
func (s *Spec) ViewName() string {
	if s.Config.HistoryView == "" || s.Mode != merge.History {
		return ""
	}
	return typemap.Identifier(strings.ReplaceAll(s.Config.HistoryView, "{table}", s.TableName))
}
