package target

import (
	"fmt"
	"slices"
	"strings"

	"target-postgres/merge"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
	"target-postgres/typemap"
)

// ofActive reports whether the index is over the active versions of a history. A role may have its identifiers quoted.
func ofActive(i pgcatalog.Index) bool { return strings.Trim(i.Predicate, `"`) == activeColumn }

// keys gives an existing table the index that the load mode merges by. Constraints and indexes that the program made for
// another key or mode are dropped. (docs/adr/0019-keys-and-modes-that-change.md)
func (m *migration) keys(have *pgcatalog.Table, want wish) {
	m.dropUnneeded(have, want)
	if have.Children && have.Place() == merge.Here && !have.Covered() && (want.mode.NeedsUniqueKey() || want.mode == merge.History) {
		m.keyless = "tables inherit from it, and none of its indexes is over their rows"
	}
	switch {
	case want.mode == merge.History:
		m.historyIndexes(want, have)
	case want.afterCreate != "" && have.Primary() == nil:
		// The user's own SQL decides which indexes the table has. It may have dropped the key on purpose.
	case want.oneRowAKey() && have.Unique(want.key) == nil && have.Deferred(want.key) == nil && have.Covered():
		add := "ALTER TABLE " + have.String() + " ADD "
		key := " (" + pgtx.QuoteAll(want.key) + ")"
		m.rekey = []string{add + want.keyword() + key, add + "UNIQUE" + key}
		if want.nullKeys || m.keepsPrimary(have) {
			m.rekey = m.rekey[1:]
		}
		m.rekeyNote = fmt.Sprintf("gave %s the key (%s)", have, strings.Join(want.key, ", "))
	}
}

// keepsPrimary reports whether the table has a primary key that the migration does not drop.
func (m *migration) keepsPrimary(have *pgcatalog.Table) bool {
	primary := have.Primary()
	return primary != nil && !slices.ContainsFunc(m.unkey, func(u unkeying) bool { return u.index == primary.Name })
}

// historyIndexes lets the database itself keep a key to one active version, and finds all versions of a key quickly.
func (m *migration) historyIndexes(want wish, have *pgcatalog.Table) {
	if want.mode != merge.History {
		return
	}
	t := pgtx.Qualified(want.schema, want.name)
	foreign := have != nil && have.Place() == merge.Foreign
	// Where the rows are spread by more than the key no index can be unique: the merge itself sees to it, under a lock.
	if !hasHistoryIndex(have, want.key, true) && (have == nil || have.Covered() && !have.SpreadBeyond(want.key)) {
		create := fmt.Sprintf("CREATE UNIQUE INDEX %s ON %s (%s) WHERE %s",
			typemap.Quote(activeIndex(want.name)), t, pgtx.QuoteAll(want.key), typemap.Quote(activeColumn))
		if have == nil {
			m.after = append(m.after, create)
		} else {
			m.rekey = []string{create}
			m.rekeyNote = fmt.Sprintf("gave %s the key (%s) of its active versions", have, strings.Join(want.key, ", "))
		}
	}
	if !hasHistoryIndex(have, want.key, false) && !foreign {
		m.after = append(m.after, fmt.Sprintf("CREATE INDEX %s ON %s (%s)", typemap.Quote(versionsIndex(want.name)), t, pgtx.QuoteAll(want.key)))
	}
}

// activeIndex names the partial unique index over the active versions, versionsIndex the index that finds all versions of a key.
func activeIndex(table string) string { return typemap.Identifier(table + "_singular_active") }

func versionsIndex(table string) string { return typemap.Identifier(table + "_singular_key") }

// hasHistoryIndex finds the partial unique index over the active versions, or an index that leads with the key.
func hasHistoryIndex(t *pgcatalog.Table, key []string, active bool) bool {
	if t == nil {
		return false
	}
	return slices.ContainsFunc(t.Indexes, func(i pgcatalog.Index) bool {
		if active {
			return i.Unique && ofActive(i) && pgcatalog.SameNames(i.Columns, key)
		}
		return i.Predicate == "" && len(i.Columns) >= len(key) && pgcatalog.SameNames(i.Columns[:len(key)], key)
	})
}
