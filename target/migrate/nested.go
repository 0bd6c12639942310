package migrate

import (
	"cmp"
	"slices"

	"target-postgres/target/comments"
	"target-postgres/target/pgcatalog"
	"target-postgres/typemap"
)

// Flattening may give a field inside an object the name that a field of the record has. The column of the latter is
// marked. One without the mark is of the field inside the object.

// Sought returns the column of a table that is known to be a field's, "" if none is, and the name by which the field
// looks for one otherwise.
func Sought(have *pgcatalog.Table, f typemap.Field, folds typemap.Folds) (column, name string) {
	if have == nil || f.Flat == "" && !f.Rival {
		return "", f.Name
	}
	find := func(is func(c pgcatalog.Column, field string) bool) string {
		i := slices.IndexFunc(have.Columns, func(c pgcatalog.Column) bool { return is(c, comments.FieldOf(c.Comment)) })
		if i < 0 {
			return ""
		}
		return have.Columns[i].Name
	}
	rival := find(func(c pgcatalog.Column, field string) bool {
		return comments.Has(c.Comment, comments.OfRecord) && cmp.Or(field, c.Name) == cmp.Or(f.Flat, f.Name)
	})
	if f.Rival {
		return rival, f.Name
	}
	called := func(name string) string {
		return find(func(c pgcatalog.Column, field string) bool {
			return (field == "" || field == name) && folds.Make(name, c.Name) && !comments.Has(c.Comment, comments.OfRecord)
		})
	}
	column = called(f.Distinct)
	switch {
	case column != "":
		return column, f.Distinct
	case rival == "" && f.Name == f.Flat:
		return "", f.Name
	case rival == "" && find(func(c pgcatalog.Column, field string) bool {
		return !Deprecated(c.Comment) && isWhole(f, field, c.Name, folds)
	}) != "":
		return "", f.Distinct // nothing was flattened before: the column is of the field of the record
	}
	return called(f.Flat), f.Distinct
}

// isWhole reports whether a column is that of an object around a field, as it is where no object is flattened.
func isWhole(f typemap.Field, field, column string, folds typemap.Folds) bool {
	return slices.ContainsFunc(f.Within, func(object string) bool { return (field == "" || field == object) && folds.Make(object, column) })
}
