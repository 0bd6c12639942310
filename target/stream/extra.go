package stream

import (
	"target-postgres/merge"
	"target-postgres/target/config"
	"target-postgres/target/migrate"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/systemcolumn"
	"target-postgres/typemap"
)

// extras lists the fields that the program adds, and sets what they watch.
func (s *Stream) extras(c *config.Config, have *pgcatalog.Table) []systemcolumn.Column {
	var extras []systemcolumn.Column
	if s.Airbyte {
		extras = systemcolumn.Airbyte()
	}
	if s.Surrogate {
		extras = append(extras, systemcolumn.Column{Name: systemcolumn.SurrogateColumn, Type: typemap.Text, Kind: systemcolumn.Surrogate})
	}
	for _, e := range s.Metadata(c) {
		if !s.hasMetadata(e) {
			continue
		}
		if e.Kind == systemcolumn.Deleted {
			e.Watched = s.watch(e.Name)
		}
		// A table of another target may have it as text, or without time zone.
		e.Type = have.Column(e.Name).Type()
		extras = append(extras, e)
	}
	if s.Versioned {
		extras = append(extras, systemcolumn.Column{Name: migrate.VersionColumn, Type: typemap.BigInt, Kind: systemcolumn.Version})
	}
	if s.unmarks(have) {
		extras = append(extras, systemcolumn.Column{Name: migrate.DeletedColumn, Type: typemap.Bool, Kind: systemcolumn.Live})
	}
	if s.Mode == merge.History {
		at := systemcolumn.Column{Name: s.Unused("_singular_at"), Type: typemap.TimestampTZ, Kind: systemcolumn.At, Staged: true, Watched: -1}
		if field := s.Instants(); field != "" {
			at.Watched = s.watch(field)
		}
		extras = append(extras, at)
	}
	if s.Lines != "" {
		extras = append(extras, systemcolumn.Column{Name: s.Lines, Type: typemap.BigInt, Kind: systemcolumn.Line})
	}
	if s.Ops {
		extras = append(extras,
			systemcolumn.Column{Name: s.Unused("_singular_present"), Type: typemap.ParseType("bit varying"), Kind: systemcolumn.Present, Staged: true},
			systemcolumn.Column{Name: s.Unused("_singular_gone"), Type: typemap.Bool, Kind: systemcolumn.Gone, Staged: true})
	}
	return extras
}

// unmarks reports whether an upsert finds rows that soft_delete has marked: one whose record comes back is no longer
// deleted.
func (s *Stream) unmarks(have *pgcatalog.Table) bool {
	marked := have.Column(migrate.DeletedColumn)
	return s.Mode == merge.Upsert && s.Into.Table == s.TableName && marked != nil && marked.Writable() && marked.TypeName == "boolean"
}

func (s *Stream) watch(property string) int {
	s.watched = append(s.watched, property)
	return len(s.watched) - 1
}
