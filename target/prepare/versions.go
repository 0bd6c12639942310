package prepare

import (
	"slices"
	"strings"

	"target-postgres/target/migrate"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/stream"
)

// versions decides whether the table's column for the version of a record can keep it: it has to hold numbers, and must
// not be part of the key. A field of the same name gives way to the version, and keeps its column where that cannot
// keep versions.
func (p *Preparer) versions(s *stream.Stream, have *pgcatalog.Table) {
	column := have.Column(migrate.VersionColumn)
	if column == nil || s.Airbyte || !s.Config.ActivateVersion {
		return
	}
	if !s.Versioned && s.KeepsVersions(p.Config) {
		return // no record has brought one
	}
	if !slices.Contains(s.Key, column.Name) && numbers(column.TypeName) {
		p.tellVersion(s)
		return
	}
	if s.Versioned {
		p.Log.Warn("the version of records is not kept", "stream", s.Name, "column", column.Name, "type", column.TypeName, "key", slices.Contains(s.Key, column.Name))
	}
	s.Versioned, s.Versionless, s.Unversioned = false, true, true
}

// numbers reports whether versions are stored in a type and compared as what they are.
func numbers(typeName string) bool {
	return typeName == "integer" || typeName == "bigint" || strings.HasPrefix(typeName, "numeric")
}

// tellVersion says once of a field that has the name of the version's column that it is left out.
func (p *Preparer) tellVersion(s *stream.Stream) {
	i := slices.Index(s.Names, migrate.VersionColumn)
	if i < 0 || !s.Versioned || slices.Contains(s.ToldComputed, s.Fields[i].Name) {
		return
	}
	s.ToldComputed = append(s.ToldComputed, s.Fields[i].Name)
	p.Log.Warn("field is left out: its column keeps the version of the record", "stream", s.Name, "field", s.Fields[i].Name)
}
