package migrate

import (
	"cmp"
	"slices"

	"target-postgres/target/comments"
	"target-postgres/target/pgcatalog"
	"target-postgres/typemap"
)

// Flattening may give fields at different paths of the record one name. A column is marked with the path of its field
// unless its name, read with the separator, says that path. So one without a mark is of the field at the path that its
// name says, or of a table that another program made.

// Sought returns the column of a table that is known to be a field's, "" if none is, and the name by which the field
// looks for one otherwise.
func Sought(have *pgcatalog.Table, f typemap.Field, folds typemap.Folds) (column, name string) {
	if have == nil || f.Flat == "" && !f.Rival {
		return "", f.Name
	}
	t := flattened{have, f, folds}
	if column = t.marked(); column != "" || f.Flat == "" {
		return column, f.Name
	}
	if column = t.called(f.Distinct); column != "" {
		return column, f.Distinct
	}
	anothers := t.anothers()
	switch there := t.called(f.Flat); {
	case f.Name == f.Flat && !anothers && (there == "" || !f.Rival || !comments.Ours(have.Comment)):
		return "", f.Name
	case f.Rival || !anothers && t.whole():
		return "", f.Distinct // the column is of the path that its name says, or of a field of the record
	default:
		return there, f.Distinct
	}
}

// flattened is a table in which a field looks for its column.
type flattened struct {
	have  *pgcatalog.Table
	field typemap.Field
	folds typemap.Folds
}

// find returns the first column of a kind, "" if there is none. field is the one that the column's comment names, ""
// for none.
func (t *flattened) find(is func(c pgcatalog.Column, field string) bool) string {
	i := slices.IndexFunc(t.have.Columns, func(c pgcatalog.Column) bool { return is(c, comments.FieldOf(c.Comment)) })
	if i < 0 {
		return ""
	}
	return t.have.Columns[i].Name
}

// marked is the column that is marked with the field's path.
func (t *flattened) marked() string {
	f := t.field
	mark := comments.Mark(f)
	if mark == "" {
		return ""
	}
	return t.find(func(c pgcatalog.Column, field string) bool {
		name := cmp.Or(field, c.Name)
		return comments.Same(comments.MarkOf(c.Comment), mark) && (comments.Same(name, cmp.Or(f.Flat, f.Name)) || comments.Same(name, f.Distinct))
	})
}

// anothers reports whether the column that the field would have is marked with another path.
func (t *flattened) anothers() bool {
	return t.find(func(c pgcatalog.Column, field string) bool {
		return comments.MarkOf(c.Comment) != "" && comments.Same(cmp.Or(field, c.Name), t.field.Flat)
	}) != ""
}

// called is the column without a mark that a name becomes.
func (t *flattened) called(name string) string {
	return t.find(func(c pgcatalog.Column, field string) bool {
		return (field == "" || comments.Same(field, name)) && t.folds.Make(name, c.Name) && comments.MarkOf(c.Comment) == ""
	})
}

// whole reports whether an object around the field has a column, as it has where no object is flattened.
func (t *flattened) whole() bool {
	return t.find(func(c pgcatalog.Column, field string) bool {
		return !Deprecated(c.Comment) && slices.ContainsFunc(t.field.Within, func(object string) bool {
			return (field == "" || comments.Same(field, object)) && t.folds.Make(object, c.Name)
		})
	}) != ""
}
