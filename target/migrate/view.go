package migrate

import (
	"fmt"
	"slices"
	"strings"

	"target-postgres/target/failure"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
	"target-postgres/typemap"
)

// ViewComment is the comment by which a view is known again.
func ViewComment(schema, name string) string {
	return "Active versions of " + pgtx.Qualified(schema, name) + ", kept by target-postgres"
}

// SelectsActive is the definition of the view, but for its name.
func (s TableSpec) SelectsActive() string {
	return fmt.Sprintf("AS\nSELECT *\nFROM %s\nWHERE %s", pgtx.Qualified(s.Schema, s.Name), typemap.Quote(s.versions().Active))
}

// ViewName is the name of the view of active versions, as SQL.
func (s TableSpec) ViewName() string { return pgtx.Qualified(s.Schema, s.View) }

// ChangesColumns reports whether the plan gives a column another type or name.
func (p *Plan) ChangesColumns() bool { return len(p.Retyped)+len(p.Renamed) > 0 }

// SameColumns reports whether two tables have the same columns.
func SameColumns(a, b []pgcatalog.Column) bool { return len(a) == len(b) && Begins(a, b) }

// Begins reports whether the columns of a table begin with those of a view.
func Begins(view, table []pgcatalog.Column) bool {
	return len(view) <= len(table) && slices.EqualFunc(view, table[:len(view)], func(a, b pgcatalog.Column) bool {
		return a.Name == b.Name && a.TypeName == b.TypeName
	})
}

// Because says which change of the table makes a view be made anew.
func (p *Plan) Because() string {
	if len(p.Retyped) == 0 {
		return ""
	}
	return fmt.Sprintf(", since column %q becomes %s", p.Retyped[0].Column, p.Retyped[0].to)
}

// Held is the error of a view that something depends on.
func (p *Plan) Held(err error) error {
	said := failure.ServerError(err)
	e := &failure.Error{
		Blame: failure.Configuration, Err: failure.Cause(said),
		Reason: fmt.Sprintf("the view %s has to be made anew%s, and something depends on it: %s", strings.Join(p.ViewsDropped, ", "), p.Because(), failure.OneLine(failure.SafeDetail(said))),
		Hint:   "save its definition (pg_dump --schema-only), drop it, load again, and create it anew",
	}
	if len(p.Retyped) > 0 {
		e.Column = p.Retyped[0].Column
	}
	return e
}
