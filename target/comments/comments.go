package comments

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"target-postgres/typemap"
)

// MadeByUs ends the first line of the comment of a table that the program created. Staging begins the comment of a
// staging table.
const (
	MadeByUs = "loaded by target-postgres"
	Staging  = "target-postgres "
)

// The lines that mark a column.
const (
	// Hashed is that of a column that holds hashes.
	Hashed = "holds hashes instead of the values"
	// Typed is that of a column that has the type that a setting names.
	Typed = "type named by a setting"
	// ofRecord is that of a column whose field is one of the record, where flattening gives a field inside an object
	// the same name.
	ofRecord = "field of the record, not of an object in it"
)

// Ours reports whether a table's comment says that the program created it.
func Ours(comment string) bool {
	first, _, _ := strings.Cut(comment, "\n")
	return strings.HasSuffix(first, MadeByUs)
}

var field = regexp.MustCompile(`(?m)^field (".*")$`)

// FieldOf is the field that a column's comment names, "" if it names none.
func FieldOf(comment string) string {
	if comment == "" {
		return ""
	}
	found := field.FindStringSubmatch(comment)
	if found == nil {
		return ""
	}
	name, err := strconv.Unquote(found[1])
	if err != nil {
		return ""
	}
	return name
}

// Field is the line of a column's comment that names its field.
func Field(name string) string { return fmt.Sprintf("field %q", name) }

// Mark is the line that tells the column of a field from that of a field at another path, "" if the column's name does.
func Mark(f typemap.Field) string {
	switch {
	case !f.Rival:
		return ""
	case f.Flat == "":
		return ofRecord
	}
	return fmt.Sprintf("path %q", f.Path)
}

var mark = regexp.MustCompile(`(?m)^(?:` + ofRecord + `|path \[".*"\])$`)

// MarkOf is that line of a column's comment, "" if it has none.
func MarkOf(comment string) string {
	if comment == "" {
		return ""
	}
	return mark.FindString(comment)
}

// OfPath reports whether a column's comment says that its field is not one of the record.
func OfPath(comment string) bool { m := MarkOf(comment); return m != "" && m != ofRecord }

// Of is the comment of a field's column. It names the field if the column has another name.
func Of(f typemap.Field, column string) string {
	var lines []string
	if f.Description != "" {
		lines = append(lines, ours.ReplaceAllString(f.Description, " $0"))
	}
	if f.Name != column {
		lines = append(lines, Field(f.Name))
	}
	if m := Mark(f); m != "" {
		lines = append(lines, m)
	}
	if f.Digest != nil {
		lines = append(lines, Hashed)
	}
	if f.Typed {
		lines = append(lines, Typed)
	}
	return strings.Join(lines, "\n")
}

// ours matches the lines of a description that a later run would take for those of the program. They are indented.
var ours = regexp.MustCompile(`(?m)^(?:field ".*"|path \[".*"\]|` + ofRecord + `|` + Hashed + `|` + Typed + `|deprecated since \d{4}-\d{2}-\d{2})$`)

// Has reports whether a comment has a line.
func Has(comment, line string) bool { return slices.Contains(strings.Split(comment, "\n"), line) }

// With returns a comment with one more line.
func With(comment, line string) string { return strings.TrimPrefix(comment+"\n"+line, "\n") }

// Without returns a comment without one of its lines.
func Without(comment, line string) string {
	lines := slices.DeleteFunc(strings.Split(comment, "\n"), func(other string) bool { return other == line })
	return strings.Join(lines, "\n")
}

// Same reports whether a comment is there, be it in a database that lacks some of its characters.
func Same(have, want string) bool { return have == want || have == Plain(want) }

// Plain is a text that every database can store.
func Plain(text string) string {
	return strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf {
			return r
		}
		return '?'
	}, text)
}
