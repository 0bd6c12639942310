package migrate

import (
	"fmt"
	"slices"
	"strings"

	"target-postgres/merge"
	"target-postgres/target/comments"
	"target-postgres/target/index"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
	"target-postgres/typemap"
)

// MadeKey is the comment of a constraint that the program adds to a table, so that a later run may drop it. A
// constraint that came into being together with a table of ours needs none.
const MadeKey = "made by target-postgres"

// Unkeying drops a constraint or index that the program made and the stream no longer needs.
type Unkeying struct {
	// Index is the name of its index, Statement drops it, and note says so.
	Index, Statement, note string
	// lost is true where nothing takes its place, primary for a primary key.
	lost, primary bool
	// References are the foreign keys that need it.
	References []string
}

// dropUnneeded drops what the program made for another key or another load mode. A user's own keys and indexes stay.
// Only when all that goes is known, it is known whether a primary key stays that needs a column's NOT NULL.
func (p *Plan) dropUnneeded(have *pgcatalog.Table, want TableSpec) {
	var nullable []string
	for _, i := range have.Indexes {
		theirs := !weMade(have, i, want)
		if (theirs && !replacesKey(have, i, want)) || (!theirs && needsIndex(have, i, want)) {
			continue
		}
		u := Unkeying{
			Index: i.Name, primary: i.Primary, References: i.References,
			lost: theirs || (!want.oneRowAKey() && want.Mode != merge.History),
		}
		if i.Constraint == "" {
			u.Statement = "DROP INDEX " + pgtx.Qualified(have.Schema, i.Name)
		} else {
			u.Statement = "ALTER TABLE " + have.String() + "\n    DROP CONSTRAINT " + typemap.Quote(i.Constraint)
			for _, name := range nullableColumns(have, i) {
				u.Statement += ",\n    " + dropNotNull(name)
			}
		}
		u.note = fmt.Sprintf("dropped the %s (%s) of %s: %s", indexKind(i), strings.Join(i.Columns, ", "), have, want.reason())
		if i.Plain() {
			u.note = "" // it only made lookups fast
		}
		p.Unkey = append(p.Unkey, u)
		if overActive(have, i, want) {
			nullable = append(nullable, nullableColumns(have, i)...)
		}
	}
	for _, name := range nullable {
		if !p.needsPrimary(have, name) {
			p.takeNull(name)
		}
	}
}

// weMade reports whether the program made an index: it marked the constraint, or no other program makes such an index,
// or the constraint came with a table of ours. SQL of after_create runs in that transaction as well, and may add
// constraints.
func weMade(t *pgcatalog.Table, i pgcatalog.Index, want TableSpec) bool {
	versions := i.Predicate == "" && i.Constraint == "" && i.Name == versionsIndex(t.Name)
	return i.Mark == MadeKey || (overActive(t, i, want) && !index.Declared(i.Name)) || versions ||
		(i.Initial && createdByUs(t) && want.AfterCreate == "")
}

// replacesKey reports whether the stream's key and mode replace a primary key that another program created together
// with the table, as other loaders do. One with columns that the server fills, or with an identity that numbers the
// rows, forbids nothing.
func replacesKey(t *pgcatalog.Table, i pgcatalog.Index, want TableSpec) bool {
	notWritten := func(name string) bool {
		c := t.Column(name)
		return !want.Has(name) || !c.Writable() || c.Identity != "" && !slices.Contains(want.Key, name)
	}
	if !i.Primary || !i.Initial || want.AfterCreate != "" {
		return false
	}
	if slices.ContainsFunc(i.Columns, func(name string) bool {
		return !want.Has(name) && ownValue(*t.Column(name)) && !slices.Contains(t.Spread, name)
	}) {
		return true // it refuses every row: nothing fills the column any more
	}
	if slices.ContainsFunc(i.Columns, notWritten) {
		return false
	}
	if !want.oneRowAKey() {
		return true
	}
	// Rows that differ in the stream's key must differ in the primary key, too.
	return slices.ContainsFunc(want.Key, func(name string) bool { return !slices.Contains(i.Columns, name) })
}

// createdByUs reports whether the program created the table: its comment says so.
func createdByUs(t *pgcatalog.Table) bool {
	return comments.Ours(t.Comment) || strings.HasPrefix(t.Comment, comments.Staging)
}

// needsIndex reports whether a stream has a use for an index that the program made.
func needsIndex(have *pgcatalog.Table, i pgcatalog.Index, want TableSpec) bool {
	switch {
	case overActive(have, i, want):
		return want.Mode == merge.History && pgcatalog.SameNames(i.Columns, want.Key)
	case i.Plain():
		return want.Mode == merge.History && len(want.Key) > 0 && pgcatalog.SameNames(i.Columns, want.Key)
	default:
		return want.oneRowAKey() && i.Covers(want.uniqueOver(have))
	}
}

// nullableColumns lists the columns of a key that was dropped which are NOT NULL because of it. A new primary key makes
// its own NOT NULL. If the rows forbid one, no later key would say whose the NOT NULL is.
func nullableColumns(t *pgcatalog.Table, i pgcatalog.Index) []string {
	var names []string
	for _, name := range i.Columns {
		if c := t.Column(name); c != nil && c.NotNull && c.Identity == "" && (i.Primary || i.Predicate != "") {
			names = append(names, name)
		}
	}
	return names
}

func indexKind(i pgcatalog.Index) string {
	switch {
	case i.Primary:
		return "primary key"
	case i.Constraint != "":
		return "unique constraint"
	default:
		return "unique index"
	}
}

// reason says why the stream has no use for another key.
func (s TableSpec) reason() string {
	switch {
	case len(s.Key) == 0:
		return fmt.Sprintf("load mode %s without a key may repeat it", s.Mode)
	case s.oneRowAKey():
		return fmt.Sprintf("the stream's key is (%s) now", strings.Join(s.Key, ", "))
	default:
		return fmt.Sprintf("load mode %s may repeat it", s.Mode)
	}
}

// NoteDrop notes that an index is dropped, and why.
func (p *Plan) NoteDrop(u Unkeying) {
	switch {
	case u.note == "":
	case u.lost:
		p.Warnings = append(p.Warnings, u.note)
	default:
		p.Notes = append(p.Notes, u.note)
	}
}
