package migrate

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"target-postgres/target/pgcatalog"
	"target-postgres/target/shape"
)

// today is the date in the comment of a column that is deprecated now.
func today() string { return time.Now().UTC().Format(time.DateOnly) }

// A field that a stream no longer has keeps its column, with a mark in the column's comment. Taps may alternate between
// two SCHEMAs of a stream, so that the mark is set at the end of the run, for the fields that none of them had.

// Deprecations marks the columns of a table whose fields no SCHEMA of the run had.
func Deprecations(have *pgcatalog.Table, brought map[string]bool) *Plan {
	p := &Plan{}
	for _, c := range have.Columns {
		comment, marked := withoutDeprecation(c.Comment)
		if marked || !mayGo(c) && !onRequest(c.Name) || brought[c.Name] {
			continue
		}
		if comment != "" {
			comment += "\n"
		}
		p.After = append(p.After, commentOn(have.String(), c.Name, comment+"deprecated since "+today()))
		if onRequest(c.Name) {
			p.Notes = append(p.Notes, fmt.Sprintf("deprecated column %q of %s: no setting asks for it now, its data stays", c.Name, have))
			continue
		}
		p.Notes = append(p.Notes, fmt.Sprintf("deprecated column %q of %s: its field is gone, its data stays", c.Name, have))
	}
	return p
}

// onRequest reports whether a column of ours is there because a setting asks for it: undeclared_fields or row_hash. It
// has the name of no field.
func onRequest(name string) bool { return name == shape.ExtraColumn || name == HashColumn }

// mayGo reports whether a column may be that of a field. One with a default, an identity or an expression has its
// values from the server: it is the user's own and was never a field.
func mayGo(c pgcatalog.Column) bool {
	return ownValue(c) && !reserved(c.Name) && !ofVersion(c.Comment)
}

// ownValue reports whether a column has no other values than those that are written.
func ownValue(c pgcatalog.Column) bool { return !c.Generated && c.Identity == "" && !c.Default }

// reserved reports whether a column is one of ours or of another loader, never a field that went missing.
func reserved(name string) bool {
	return strings.HasPrefix(name, "_singular_") || strings.HasPrefix(name, "_sdc_") || strings.HasPrefix(name, "_airbyte_")
}

var deprecation = regexp.MustCompile(`(?:^|\n)deprecated since \d{4}-\d{2}-\d{2}$`)

// noLongerDeprecated ends the note of a column whose field returned.
const noLongerDeprecated = "is back and no longer deprecated"

// Deprecated reports whether a column's comment says that its field was gone.
func Deprecated(comment string) bool { return deprecation.MatchString(comment) }

// withoutDeprecation returns a comment without the mark of a deprecated column, and whether it was there.
func withoutDeprecation(comment string) (string, bool) {
	at := deprecation.FindStringIndex(comment)
	if at == nil {
		return comment, false
	}
	return comment[:at[0]], true
}
