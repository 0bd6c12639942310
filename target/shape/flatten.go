package shape

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"target-postgres/typemap"
)

// Flatten says how objects become columns of their properties. The zero Flatten leaves them whole.
type Flatten struct {
	// MaxLevel is how many levels of objects are opened.
	MaxLevel int `json:"max_level"`
	// Separator stands between the names of a path, "" for "__".
	Separator string `json:"separator"`
	// MaxKeyLength is the length in characters from which a name is made shorter, 0 for PostgreSQL's.
	MaxKeyLength int `json:"max_key_length"`
}

// separator is what stands between the names of a path.
func (f Flatten) separator() string { return cmp.Or(f.Separator, "__") }

// defaultKeyLength is that of PostgreSQL's identifiers.
const defaultKeyLength = 63

// fields are the columns of a schema's fields: those of an object are its properties. Each has a name of its own.
func (f Flatten) fields(fields []typemap.Field) []typemap.Field {
	if f.MaxLevel == 0 {
		return fields
	}
	flat := f.opened(nil, fields, nil, nil, nil)
	byName := map[string][]int{}
	for i := range flat {
		byName[flat[i].Name] = append(byName[flat[i].Name], i)
	}
	taken := func(name string) bool { return byName[name] != nil }
	for _, same := range byName {
		slices.SortFunc(same, func(a, b int) int {
			return cmp.Or(cmp.Compare(len(flat[a].Path), len(flat[b].Path)), slices.Compare(flat[a].Path, flat[b].Path), cmp.Compare(a, b))
		})
		for _, i := range same[1:] {
			flat[i].Name = distinct(&flat[i], taken)
			flat[i].Distinct = flat[i].Name
		}
	}
	for i := range flat {
		if flat[i].Flat != "" && flat[i].Distinct == "" {
			flat[i].Distinct = distinct(&flat[i], func(string) bool { return false })
		}
	}
	return flat
}

// distinct is the name of a field's column where another field has its own.
func distinct(f *typemap.Field, taken func(string) bool) string {
	return typemap.Suffixed(f.Name, strings.Join(f.Path, "\x00"), taken)
}

// opened appends the columns of fields, which are at a path and are called by names that a stream map may have changed.
// within are the objects around them that have no columns.
func (f Flatten) opened(flat, fields []typemap.Field, outer, at, within []string) []typemap.Field {
	for _, field := range fields {
		names, path := append(slices.Clone(outer), field.Name), append(slices.Clone(at), field.At()...)
		inner := field.Properties
		field.Name, field.Properties = f.name(names), nil
		if len(path) > 1 || field.Name != path[0] {
			field.Path = path
		}
		if len(names) > 1 || field.Name != names[0] {
			field.Flat, field.Within = field.Name, within
		}
		field.Rival = !slices.Equal(strings.Split(field.Name, f.separator()), names)
		if len(inner) == 0 || field.Digest != nil {
			flat = append(flat, field)
			continue
		}
		around := append(slices.Clone(within), field.Name)
		if field.Others {
			flat, around = append(flat, field), within
		}
		flat = f.opened(flat, inner, names, path, around)
	}
	return flat
}

// name is the name of the column at a path. One that is too long is made shorter as the other Singer targets do it, so
// that their tables have it: name by name, from the outermost on, until the whole is short enough.
func (f Flatten) name(path []string) string {
	limit := cmp.Or(f.MaxKeyLength, defaultKeyLength)
	short := slices.Clone(path)
	for i := range short {
		if utf8.RuneCountInString(strings.Join(short, f.separator())) < limit {
			break
		}
		short[i] = initials(short[i])
	}
	return strings.Join(short, f.separator())
}

// initials are the capitals of a name and its other characters that are no small letters. Its first letter and those
// after an underscore count as capitals. A name with one initial has its first three characters. All are in lower case.
func initials(name string) string {
	var b strings.Builder
	kept, raise := 0, true
	for i, r := range name {
		letter := string(r)
		switch {
		case raise:
			letter, raise = strings.ToUpper(letter), false
		case r == '_' && i+1 < len(name):
			raise = true
			continue
		}
		if r := letter[0]; len(letter) == 1 && r >= 'a' && r <= 'z' {
			continue
		}
		b.WriteString(letter)
		kept += utf8.RuneCountInString(letter)
	}
	if kept > 1 {
		return strings.ToLower(b.String())
	}
	runes := []rune(name)
	return strings.ToLower(string(runes[:min(3, len(runes))]))
}
