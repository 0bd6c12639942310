package registry

import (
	"maps"
	"slices"
	"strings"

	"target-postgres/target/comments"
	"target-postgres/target/config"
	"target-postgres/target/migrate"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/revision"
	"target-postgres/target/systemcolumn"
	"target-postgres/typemap"
)

// chooseNames chooses the columns of a stream's fields. have is the table as it is, nil for none: its columns stay
// those of their fields.
func chooseNames(s *revision.Spec, c *config.Config, have *pgcatalog.Table) {
	folds := c.Folds(s.Airbyte)
	var places, others []int
	var given, names []string
	renamed := map[string]string{}
	reserved := append(reservedNames(s), metadataNames(s, c)...)
	s.Names = make([]string, len(s.Fields))
	for i, f := range s.Fields {
		own, name := migrate.Sought(have, f, folds)
		switch {
		case f.Column != "":
			places, given = append(places, i), append(given, f.Column)
			renamed[f.Name] = f.Column
		case own != "":
			s.Names[i], reserved = own, append(reserved, own)
		default:
			others, names = append(others, i), append(names, name)
		}
	}
	columns := fieldsOf(have, append(slices.Collect(maps.Keys(renamed)), names...))
	if s.Owns(have) {
		claimOwn(columns, have, folds)
	}
	// A name that the settings give is the field's, unless a column of that name is another field's, or the field has
	// its column under another naming.
	asGiven := map[string]string{}
	for column, field := range columns {
		if name, is := renamed[field]; is {
			asGiven[column] = name
		} else if field != "" {
			asGiven[column] = anothers
		}
	}
	if len(given) > 0 {
		for _, name := range typemap.IdentifiersIn(columns, names, reserved, folds) {
			if _, is := columns[name]; is {
				asGiven[name] = anothers
			}
		}
	}
	given = typemap.IdentifiersIn(asGiven, given, reserved, folds)
	names = typemap.IdentifiersIn(columns, names, append(slices.Clone(reserved), given...), folds)
	for n, i := range places {
		s.Names[i] = given[n]
	}
	for n, i := range others {
		s.Names[i] = names[n]
	}
}

// anothers stands for a field that is not among those that look for a column. It is the name of none.
const anothers = "\x00"

// fieldsOf maps the columns of a table to the fields that their comments say they are of, "" where they do not say so.
// names are those of the stream's fields.
func fieldsOf(have *pgcatalog.Table, names []string) map[string]string {
	if have == nil {
		return nil
	}
	columns := make(map[string]string, len(have.Columns))
	for _, c := range have.Columns {
		field := comments.FieldOf(c.Comment)
		if strings.Contains(field, "?") { // perhaps for a character that the database cannot store
			if i := slices.IndexFunc(names, func(name string) bool { return comments.Same(field, name) }); i >= 0 {
				field = names[i]
			}
		}
		if field == "" && comments.OfPath(c.Comment) {
			field = anothers
		}
		columns[c.Name] = field
	}
	return columns
}

// claimOwn finds the columns that the program made for fields of just their names: a comment names the field of every
// other one. A user may have renamed such a column since. That is not so where its field was gone, or where another
// field that comes to the name has had to take another one.
func claimOwn(columns map[string]string, have *pgcatalog.Table, folds typemap.Folds) {
	named := slices.Collect(maps.Values(columns))
	for _, column := range have.Columns {
		if columns[column.Name] != "" || slices.Contains(named, column.Name) {
			continue
		}
		contested := slices.ContainsFunc(have.Columns, func(other pgcatalog.Column) bool {
			field := columns[other.Name]
			return field != "" && other.Name != column.Name && field != column.Name && folds.Make(field, column.Name)
		})
		if contested || migrate.Deprecated(column.Comment) {
			columns[column.Name] = column.Name
		}
	}
}

// metadataNames are the columns that the program may add to the stream's, where a field of another name must not come
// to them. A field that is called so itself is theirs.
func metadataNames(s *revision.Spec, c *config.Config) []string {
	names := []string{migrate.VersionColumn}
	for _, e := range s.Metadata(c) {
		names = append(names, e.Name)
	}
	return slices.DeleteFunc(names, func(name string) bool {
		return slices.ContainsFunc(s.Fields, func(f typemap.Field) bool { return f.Name == name })
	})
}

// reservedNames are the columns of the load modes and of PostgreSQL itself, which no field may take.
func reservedNames(s *revision.Spec) []string {
	names := append(typemap.SystemColumns(), migrate.StartColumn, migrate.EndColumn, migrate.ActiveColumn, migrate.DeletedColumn)
	if s.Config.RowHash {
		names = append(names, migrate.HashColumn)
	}
	if s.Config.SurrogateKey {
		names = append(names, systemcolumn.SurrogateColumn)
	}
	if s.Airbyte {
		names = append(names, systemcolumn.RawIDColumn, systemcolumn.EmittedColumn, systemcolumn.MetaColumn, systemcolumn.GenerationColumn)
	}
	return names
}
