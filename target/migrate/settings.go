package migrate

import (
	"fmt"

	"target-postgres/target/comments"
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

// hashing says what else is in a column whose values are hashed from now on, or no longer, and returns the column's
// comment.
func (p *Plan) hashing(have *pgcatalog.Table, comment string, c Column) string {
	hashed := comments.Has(comment, comments.Hashed)
	switch {
	case c.Hashed && !hashed:
		// Another target that made the table may have had the same stream map.
		if !have.Blank() && (!c.Mapped || comments.Ours(have.Comment)) {
			p.Warnings = append(p.Warnings, fmt.Sprintf("column %q of %s is hashed from now on, and rows that were there keep their plain values: "+
				"load them anew, or hash them yourself", c.Name, have))
		}
		return comments.With(comment, comments.Hashed)
	case hashed && !c.Hashed:
		p.Warnings = append(p.Warnings, fmt.Sprintf("column %q of %s was hashed and gets plain values from now on: rows that were there keep their hashes", c.Name, have))
		return comments.Without(comment, comments.Hashed)
	}
	return comment
}

// typed says once that a column keeps its type though no setting names that any more, and returns the column's comment.
func (p *Plan) typed(have *pgcatalog.Table, existing *pgcatalog.Column, comment string, c Column) string {
	rest := comments.Without(comment, comments.Typed)
	typed, same := rest != comment, existing.Type().Equal(c.Type)
	switch {
	case c.Typed && !typed && same && have.Owned && comments.Ours(have.Comment):
		return comments.With(comment, comments.Typed)
	case typed && !c.Typed:
		if !same {
			p.Notes = append(p.Notes, fmt.Sprintf("column %q of %s stays %s, which no setting names now", c.Name, have, existing.TypeName))
		}
		return rest
	}
	return comment
}
