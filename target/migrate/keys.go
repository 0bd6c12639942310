package migrate

import (
	"fmt"
	"slices"
	"strings"

	"target-postgres/merge"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
	"target-postgres/typemap"
)

// keys gives an existing table the index that the load mode merges by. Constraints and indexes that the program made
// for another key or mode are dropped. (docs/adr/0019-keys-and-modes-that-change.md)
func (p *Plan) keys(have *pgcatalog.Table, want TableSpec) {
	p.dropUnneeded(have, want)
	if have.Children && have.Place() == merge.Here && !have.Covered() && (want.Mode.NeedsUniqueKey() || want.Mode == merge.History) {
		p.Keyless = "tables inherit from it, and none of its indexes is over their rows"
	}
	over := want.uniqueOver(have)
	switch {
	case want.KeyLater:
	case want.Mode == merge.History:
		p.historyIndexes(want, have)
	case want.AfterCreate != "" && have.Primary() == nil:
		// The user's own SQL decides which indexes the table has. It may have dropped the key on purpose.
	case !want.oneRowAKey() || have.Unique(over) != nil || have.Deferred(over) != nil || !have.Covered():
	case have.SpreadBeyond(over):
		// To ask for one all the same would wait for every reader of the table, and then read all of it to say what
		// is in the way.
		if !want.Replaced {
			p.Keyless = "the table is partitioned or distributed by more than the key"
		}
	default:
		add := "ALTER TABLE " + have.String() + " ADD "
		key := " (" + pgtx.QuoteAll(over) + ")"
		p.Rekey = []string{add + want.keyword() + key, add + "UNIQUE" + key}
		if want.NullKeys || p.keepsPrimary(have) {
			p.Rekey = p.Rekey[1:]
		}
		p.RekeyNote = fmt.Sprintf("gave %s the key (%s)", have, strings.Join(over, ", "))
	}
}

// keepsPrimary reports whether the table has a primary key that the migration does not drop.
func (p *Plan) keepsPrimary(have *pgcatalog.Table) bool {
	primary := have.Primary()
	return primary != nil && !slices.ContainsFunc(p.Unkey, func(u Unkeying) bool { return u.Index == primary.Name })
}

// needsPrimary reports whether a column is in a primary key that stays: the migration has no reason to drop it, or
// something needs it.
func (p *Plan) needsPrimary(have *pgcatalog.Table, column string) bool {
	primary := have.Primary()
	return primary != nil && slices.Contains(primary.Columns, column) && (p.keepsPrimary(have) || len(primary.References) > 0)
}

// historyIndexes lets the database itself keep a key to one active version, and finds all versions of a key quickly.
func (p *Plan) historyIndexes(want TableSpec, have *pgcatalog.Table) {
	if want.Mode != merge.History {
		return
	}
	t := pgtx.Qualified(want.Schema, want.Name)
	foreign := have != nil && have.Place() == merge.Foreign
	// Where the rows are spread by more than the key no index can be unique: the merge itself sees to it, under a lock.
	active, have := want.versions().Active, p.keeps(have)
	if !HasHistoryIndex(have, want.Key, active) && (have == nil && !want.widened() || have != nil && have.Covered() && !have.SpreadBeyond(want.Key)) {
		create := fmt.Sprintf("CREATE UNIQUE INDEX %s ON %s (%s) WHERE %s",
			typemap.Quote(activeIndex(want.Name)), t, pgtx.QuoteAll(want.Key), typemap.Quote(active))
		if have == nil {
			p.After = append(p.After, create)
		} else {
			p.Rekey = []string{create}
			p.RekeyNote = fmt.Sprintf("gave %s the key (%s) of its active versions", have, strings.Join(want.Key, ", "))
		}
	}
	if !HasHistoryIndex(have, want.Key, "") && !foreign {
		p.After = append(p.After, fmt.Sprintf("CREATE INDEX %s ON %s (%s)", typemap.Quote(versionsIndex(want.Name)), t, pgtx.QuoteAll(want.Key)))
	}
}

// keeps is the table with those of its indexes that the migration does not drop.
func (p *Plan) keeps(have *pgcatalog.Table) *pgcatalog.Table {
	if have == nil || len(p.Unkey) == 0 {
		return have
	}
	kept := *have
	kept.Indexes = slices.DeleteFunc(slices.Clone(have.Indexes), func(i pgcatalog.Index) bool {
		return slices.ContainsFunc(p.Unkey, func(u Unkeying) bool { return u.Index == i.Name })
	})
	return &kept
}

// activeIndex names the partial unique index over the active versions, versionsIndex the index that finds all versions
// of a key.
func activeIndex(table string) string { return typemap.Identifier(table + "_singular_active") }

func versionsIndex(table string) string { return typemap.Identifier(table + "_singular_key") }

// HasHistoryIndex reports whether there is the partial unique index over the versions for which the column active is
// true, or with active "" an index that leads with the key.
func HasHistoryIndex(t *pgcatalog.Table, key []string, active string) bool {
	if t == nil {
		return false
	}
	return slices.ContainsFunc(t.Indexes, func(i pgcatalog.Index) bool {
		if active != "" {
			return i.Unique && ofActive(i, active) && pgcatalog.SameNames(i.Columns, key)
		}
		return i.Predicate == "" && len(i.Columns) >= len(key) && pgcatalog.SameNames(i.Columns[:len(key)], key)
	})
}
