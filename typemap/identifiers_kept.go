package typemap

import (
	"maps"
	"slices"
)

// Folds are what is done to names: Now by the settings in force, the others by settings that may have been in force
// when a table was made. nil keeps names as they are.
type Folds struct {
	Now func(string) string
	// Else is Now without the setting naming: columns that have such a name and no comment are taken for the fields of
	// that name.
	Else func(string) string
	// All are all that there are.
	All []func(string) string
}

// IdentifiersIn is [Identifiers] for a table that is there already: a field keeps the column that it got. Other fields,
// and another way to fold names, do not change that. columns maps each of the table's columns to the field that it is
// known to belong to, or to "" if that is not known. A column whose name ends in the hash of a field's name belongs to
// that field.
func IdentifiersIn(columns map[string]string, names, reserved []string, folds Folds) []string {
	if len(columns) == 0 {
		return Identifiers(names, reserved, folds.Now)
	}
	result := make([]string, len(names))
	taken := slices.Clone(reserved)
	var rest []int
	t := there{columns: columns, names: names, folds: folds}
	for i, name := range names {
		if result[i] = t.kept(name); result[i] == "" || slices.Contains(taken, result[i]) {
			rest = append(rest, i)
			continue
		}
		taken = append(taken, result[i])
	}
	for column, field := range columns {
		if field != "" && !slices.Contains(taken, column) {
			taken = append(taken, column)
		}
	}
	others := make([]string, len(rest))
	for n, i := range rest {
		others[n] = names[i]
	}
	for n, id := range Identifiers(others, taken, folds.Now) {
		result[rest[n]] = id
	}
	return result
}

// there is an existing table, in which fields look for their columns.
type there struct {
	columns map[string]string
	names   []string
	folds   Folds
}

// kept returns the column that a field has, "" if it has none.
func (t *there) kept(name string) string {
	for _, column := range slices.Sorted(maps.Keys(t.columns)) {
		if t.columns[column] == name && t.became(name, column) {
			return column
		}
	}
	if t.unclaimed(Identifier(name)) {
		return Identifier(name)
	}
	for _, fold := range []func(string) string{t.folds.Now, t.folds.Else} {
		if column := suffixedIn(t.unclaimed, name, fold); column != "" {
			return column
		}
	}
	if now := folded(t.folds.Now, name); now == folded(t.folds.Else, name) || t.unclaimed(now) {
		return ""
	}
	return t.onlyOneCalled(name)
}

// unclaimed reports whether the table has a column whose field is not known.
func (t *there) unclaimed(column string) bool {
	field, is := t.columns[column]
	return is && field == ""
}

// onlyOneCalled is the column that the field would have without the setting naming, "" if it is not there or another
// field may have it.
func (t *there) onlyOneCalled(name string) string {
	column := folded(t.folds.Else, name)
	if !t.unclaimed(column) {
		return ""
	}
	for _, other := range t.names {
		if other != name && (other == column || folded(t.folds.Else, other) == column || folded(t.folds.Now, other) == column) {
			return ""
		}
	}
	return column
}

// became reports whether some way to name columns makes a field's column of this name.
func (t *there) became(field, column string) bool {
	return slices.ContainsFunc(append(t.folds.All, t.folds.Now), func(fold func(string) string) bool { return IsColumnOf(field, column, fold) })
}

// Make reports whether some way to name columns makes a field's column of this name, without a suffix.
func (f Folds) Make(field, column string) bool {
	return slices.ContainsFunc(append(slices.Clone(f.All), f.Now, f.Else), func(fold func(string) string) bool { return folded(fold, field) == column })
}

// IsColumnOf reports whether a field's column gets a name, with or without a suffix, if names are folded in this way.
func IsColumnOf(field, column string, fold func(string) string) bool {
	return column == folded(fold, field) || suffixedIn(func(id string) bool { return id == column }, field, fold) != ""
}

// folded is the column that a field has unless another field has the same folded name.
func folded(fold func(string) string, name string) string {
	if fold != nil {
		name = fold(name)
	}
	return Identifier(name)
}

// suffixedIn is the column with the suffix of a field's name, "" if there is none.
func suffixedIn(is func(column string) bool, name string, fold func(string) string) string {
	base := name
	if fold != nil {
		base = fold(name)
	}
	for digits := hashDigits; digits <= 4*hashDigits; digits += hashDigits {
		if id := hashed(base, name, digits); is(id) {
			return id
		}
	}
	return ""
}
