package typemap

import (
	"maps"
	"slices"
)

// IdentifiersIn is [Identifiers] for a table that is there already: a field keeps the column that it got, whatever other fields
// there are. columns maps each of the table's columns to the field that it is known to belong to, "" where that is not known. A
// column whose name ends in the hash of a field's name is that field's.
func IdentifiersIn(columns map[string]string, names, reserved []string, fold func(string) string) []string {
	if fold == nil || len(columns) == 0 {
		return Identifiers(names, reserved, fold)
	}
	result := make([]string, len(names))
	taken := slices.Clone(reserved)
	var rest []int
	for i, name := range names {
		if result[i] = kept(columns, fold, name); result[i] == "" || slices.Contains(taken, result[i]) {
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
	for n, id := range Identifiers(others, taken, fold) {
		result[rest[n]] = id
	}
	return result
}

// kept returns the column that a field has, "" if it has none.
func kept(columns map[string]string, fold func(string) string, name string) string {
	for _, column := range slices.Sorted(maps.Keys(columns)) {
		if columns[column] == name {
			return column
		}
	}
	for digits := hashDigits; digits <= 4*hashDigits; digits += hashDigits {
		id := hashed(fold(name), name, digits)
		if field, is := columns[id]; is && field == "" {
			return id
		}
	}
	return ""
}
