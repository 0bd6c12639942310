package migrate

import (
	"fmt"
	"slices"
	"strings"

	"target-postgres/target/config"
	"target-postgres/target/pgcatalog"
	"target-postgres/typemap"
)

// retype gives a column the type that a setting asks for, if that holds all the values that the column may have.
// Otherwise the column keeps its type, and takes what fits that.
func (p *Plan) retype(have *pgcatalog.Table, existing pgcatalog.Column, c Column, policy config.MigrationPolicy) error {
	if existing.Type().Equal(c.Type) {
		return nil
	}
	widening, ok := typemap.Widen(existing.Type(), c.Type)
	if !ok || !widening.To.Equal(c.Type) || !existing.MayBecome(widening.To) {
		p.Notes = append(p.Notes, fmt.Sprintf("column %q of %s stays %s: not every value of that is a %s, which the settings ask for",
			existing.Name, have, existing.TypeName, c.Type.Name))
		return nil
	}
	return p.widen(have, existing, Column{Name: c.Name, Type: c.Type, Exact: true}, policy)
}

// hashedMark is the line in the comment of a column that holds hashes.
const hashedMark = "holds hashes instead of the values"

// hashing says what else is in a column whose values are hashed from now on, or no longer, and returns the column's
// comment.
func (p *Plan) hashing(have *pgcatalog.Table, comment string, c Column) string {
	hashed := hasMark(comment, hashedMark)
	switch {
	case c.Hashed && !hashed:
		// Another target that made the table may have had the same stream map.
		if !have.Blank() && (!c.Mapped || madeByUs(have.Comment)) {
			p.Warnings = append(p.Warnings, fmt.Sprintf("column %q of %s is hashed from now on, and rows that were there keep their plain values: "+
				"load them anew, or hash them yourself", c.Name, have))
		}
		return marked(comment, hashedMark)
	case hashed && !c.Hashed:
		p.Warnings = append(p.Warnings, fmt.Sprintf("column %q of %s was hashed and gets plain values from now on: rows that were there keep their hashes", c.Name, have))
		return unmarked(comment, hashedMark)
	}
	return comment
}

// typedMark is the line in the comment of a column that has the type that a setting names.
const typedMark = "type named by a setting"

// typed says once that a column keeps its type though no setting names that any more, and returns the column's comment.
func (p *Plan) typed(have *pgcatalog.Table, existing *pgcatalog.Column, comment string, c Column) string {
	rest := unmarked(comment, typedMark)
	typed, same := rest != comment, existing.Type().Equal(c.Type)
	switch {
	case c.Typed && !typed && same && have.Owned && madeByUs(have.Comment):
		return marked(comment, typedMark)
	case typed && !c.Typed:
		if !same {
			p.Notes = append(p.Notes, fmt.Sprintf("column %q of %s stays %s, which no setting names now", c.Name, have, existing.TypeName))
		}
		return rest
	}
	return comment
}

// marked returns a comment with one more line.
func marked(comment, mark string) string { return strings.TrimPrefix(comment+"\n"+mark, "\n") }

// unmarked returns a comment without one of its lines.
func unmarked(comment, mark string) string {
	lines := slices.DeleteFunc(strings.Split(comment, "\n"), func(line string) bool { return line == mark })
	return strings.Join(lines, "\n")
}
