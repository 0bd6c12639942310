package target

import (
	"fmt"
	"slices"
	"strings"

	"target-postgres/merge"
	"target-postgres/typemap"
)

// keys gives an existing table the index that the load mode merges by, and takes away a primary key that would forbid
// what the mode has to write.
func (m *migration) keys(have *table, want wish) {
	m.dropKey(have, want)
	switch {
	case want.mode == merge.History:
		m.historyIndexes(want, have)
	case want.afterCreate != "" && have.primary() == nil:
		// What indexes the table has is the business of the user's own SQL, which may have dropped the key on purpose.
	case want.oneRowAKey() && have.unique(want.key) == nil && have.place() != merge.Foreign:
		m.rekey = "ALTER TABLE " + have.String() + " ADD " + uniqueClause(have, want)
		ours := strings.HasSuffix(have.Comment, madeByUs) && !have.spreadBeyond(want.key)
		m.rekeyed = m.rekeyed || have.primary() != nil || ours
		m.rekeyNote = fmt.Sprintf("gave %s the key (%s)", have, strings.Join(want.key, ", "))
	}
}

// uniqueClause makes the key the primary key, or a unique constraint where a primary key that does no harm is there.
func uniqueClause(have *table, want wish) string {
	primary := have.primary()
	if primary != nil && !have.inTheWay(primary, want) {
		return "UNIQUE (" + quoteAll(want.key) + ")"
	}
	return want.keyword() + " (" + quoteAll(want.key) + ")"
}

// dropKey takes away a primary key that is narrower than, or unlike, what the stream is keyed by now.
func (m *migration) dropKey(have *table, want wish) {
	primary := have.primary()
	if primary == nil || !have.inTheWay(primary, want) {
		return
	}
	m.rekeyed = true
	m.alter = append(m.alter, "DROP CONSTRAINT "+typemap.Quote(primary.Constraint))
	for _, name := range primary.Columns {
		if !slices.Contains(want.key, name) {
			m.alter = append(m.alter, "ALTER COLUMN "+typemap.Quote(name)+" DROP NOT NULL")
		}
	}
	m.notes = append(m.notes, fmt.Sprintf("dropped the primary key (%s) of %s: load mode %s with key (%s) may repeat it",
		strings.Join(primary.Columns, ", "), have, want.mode, strings.Join(want.key, ", ")))
}

// inTheWay says whether a primary key forbids rows that the stream may bring. One with columns that
// the loader does not write, or with an identity that numbers the rows, forbids nothing.
func (t *table) inTheWay(primary *index, want wish) bool {
	notWritten := func(name string) bool {
		c := t.column(name)
		return !want.has(name) || !c.ours() || c.Identity != "" && !slices.Contains(want.key, name)
	}
	if slices.ContainsFunc(primary.Columns, notWritten) {
		return false
	}
	if !want.oneRowAKey() {
		return true
	}
	// Rows that differ in the stream's key must differ in the primary key, too.
	return slices.ContainsFunc(want.key, func(name string) bool { return !slices.Contains(primary.Columns, name) })
}

func (t *table) primary() *index {
	for i := range t.Indexes {
		if t.Indexes[i].Primary {
			return &t.Indexes[i]
		}
	}
	return nil
}

// historyIndexes lets the database itself say that a key has at most one active version, and finds all its versions
// quickly.
func (m *migration) historyIndexes(want wish, have *table) {
	if want.mode != merge.History {
		return
	}
	t := qualified(want.schema, want.name)
	foreign := have != nil && have.place() == merge.Foreign
	// Where the rows are spread by more than the key no index can say so: the merge itself sees to it, under a lock.
	if !have.hasIndex(want.key, true) && !foreign && (have == nil || !have.spreadBeyond(want.key)) {
		m.after = append(m.after, fmt.Sprintf("CREATE UNIQUE INDEX %s ON %s (%s) WHERE %s",
			typemap.Quote(typemap.Identifier(want.name+"_singular_active")), t, quoteAll(want.key), typemap.Quote(activeColumn)))
	}
	if !have.hasIndex(want.key, false) && !foreign {
		m.after = append(m.after, fmt.Sprintf("CREATE INDEX %s ON %s (%s)",
			typemap.Quote(typemap.Identifier(want.name+"_singular_key")), t, quoteAll(want.key)))
	}
}

// hasIndex finds the partial unique index over the active versions, or an index that leads with the key.
func (t *table) hasIndex(key []string, active bool) bool {
	if t == nil {
		return false
	}
	return slices.ContainsFunc(t.Indexes, func(i index) bool {
		if active {
			return i.Unique && i.Predicate != "" && sameNames(i.Columns, key)
		}
		return i.Predicate == "" && len(i.Columns) >= len(key) && sameNames(i.Columns[:len(key)], key)
	})
}
