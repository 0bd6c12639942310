package merge

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Own returns a name for a column of ours that no column of the batch has.
func (v *view) Own(name string) string { return quote(v.prefix + name) }

// From names the column that says which row of the key brought column c last.
func (v *view) From(c name) string { return v.Own("from" + strconv.Itoa(c.index+1)) }

// List returns columns of a table or subquery, separated by commas.
func (v *view) List(alias string, columns []name) string {
	return join(columns, ", ", func(c name) string { return c.of(alias) })
}

// Match is the condition for two rows to have the same key. Arrays are equal when they have NULLs in the same places,
// and unlike IS NOT DISTINCT FROM their equality can be hashed and sorted by.
func (v *view) Match(a, b string) string {
	same := v.SameKey(a, b)
	if v.job.Place == Here && !v.job.NullKeys {
		same += v.inStretch(a, " AND ")
	}
	return same
}

// SameKey is Match for a FULL JOIN, which takes no other condition.
func (v *view) SameKey(a, b string) string {
	return join(v.Key, " AND ", func(k name) string {
		if v.job.NullKeys {
			return fmt.Sprintf("ARRAY[%s] = ARRAY[%s]", k.of(a), k.of(b))
		}
		return k.of(a) + " " + k.equals() + " " + k.of(b)
	})
}

// inStretch narrows rows a to the stretch of the batch's keys, if that is known. and stands before each condition.
func (v *view) inStretch(a, and string) string {
	n := v.job.Stretch
	if n == nil {
		return ""
	}
	return fmt.Sprintf("%[1]s%[2]s >= %[3]d%[1]s%[2]s <= %[4]d", and, v.Key[0].of(a), n.From, n.To)
}

// distinct is the condition for two expressions to differ, where NULL is a value like any other. IS DISTINCT FROM finds
// its operator through the search_path, so that it is spelled out where the operator has to be named: equal, or in a
// statement that is qualified.
func (v *view) distinct(a, b, equal string) string {
	switch {
	case equal == "" && !v.UserCode:
		return a + " IS DISTINCT FROM " + b
	case equal == "":
		equal = "="
	}
	return fmt.Sprintf("NOT coalesce(%[1]s %[3]s %[2]s, %[1]s IS NULL AND %[2]s IS NULL)", a, b, equal)
}

// TellsMore is the condition for a record to change what its version has beside the columns that make versions.
func (v *view) TellsMore(base, record string) string {
	return "(" + join(v.Told, " OR ", func(c name) string { return v.differs(base, record, c) }) + ")"
}

// IsVersion reports whether column c is the stream's version.
func (v *view) IsVersion(c name) bool { return c.quoted == v.Version }

// Former names the column that has the value of column c in the record before.
func (v *view) Former(c name) string { return v.Own("before" + strconv.Itoa(c.index+1)) }

// Final names the column that has the value of column c in the last record of the key.
func (v *view) Final(c name) string { return v.Own("last" + strconv.Itoa(c.index+1)) }

// Within narrows the target's rows a to the keys of a table. A foreign server gets the keys as a parameter and sends no
// row of another key. Every shard of Citus gets the keys of all shards, and joins only its rows of the batch's stretch
// with them.
func (v *view) Within(a, table string) string {
	switch {
	case v.job.NullKeys:
		return ""
	case v.job.Place == Distributed:
		return v.inStretch(a, "\n  AND ")
	case v.job.Place != Foreign:
		return ""
	}
	return join(v.Key, "", func(k name) string {
		return fmt.Sprintf("\n  AND %s %s ANY (ARRAY(SELECT s.%s FROM %s AS s))", k.of(a), k.equals(), k.quoted, table)
	})
}

// Given is a table of this session by which rows of the target are changed. Citus refuses to join a local table with a
// reference table that it changes, but takes the rows of a set operation over whole tables, which it carries out by
// itself. That costs twice as much, so that only reference tables get it.
func (v *view) Given(table string) string {
	if v.job.Place != Replicated {
		return table
	}
	return fmt.Sprintf("(SELECT * FROM %[1]s AS r UNION ALL SELECT * FROM %[1]s AS r WHERE false)", table)
}

// NotOlder is the condition for the record a not to be older than the row b.
func (v *view) NotOlder(a, b string) string { return v.notOlder(v.order, a, b) }

// NotOlderThanKnown is NotOlder for what order.sql leaves out.
func (v *view) NotOlderThanKnown(a, b string) string { return v.notOlder(v.known, a, b) }

// NotOlderThanRow is NotOlder for a record that may be partial.
func (v *view) NotOlderThanRow(a, b string) string { return v.notOlder(v.counted, a, b) }

func (v *view) notOlder(order []name, a, b string) string {
	loose := ""
	if v.Loose {
		loose = fmt.Sprintf("\n        WHEN NOT (%s AND %s) THEN true", v.HasOrder(a), v.HasOrder(b))
	}
	return "CASE" + loose + join(order, "", func(o name) string {
		mine, other := o.of(a), o.of(b)
		return fmt.Sprintf("\n        WHEN %s THEN %s IS NULL OR %s %s %s", v.distinct(mine, other, o.equal), other, mine, o.exceeds(), other)
	}) + "\n        ELSE true END"
}

// HasOrder is the condition for a row to have a value in every column of the order.
func (v *view) HasOrder(alias string) string {
	return join(v.known, " AND ", func(o name) string { return o.of(alias) + " IS NOT NULL" })
}

// Ordered are the columns of the order that are not part of the key.
func (v *view) Ordered() []name { return v.known }

// Ascending sorts rows of one key by the order, the oldest first.
func (v *view) Ascending(alias string) string {
	return join(v.known, ", ", func(o name) string { return o.of(alias) + " NULLS FIRST" })
}

// Descending sorts rows of one key by the order, the newest first.
func (v *view) Descending(alias string) string {
	return join(v.known, ", ", func(o name) string { return o.of(alias) + " DESC NULLS LAST" })
}

// SetOrder lists the assignments that leave the order of a row of another table.
func (v *view) SetOrder(from string) string {
	return join(v.known, ",\n    ", func(o name) string { return o.quoted + " = " + o.of(from) })
}

// SetRaised lists the assignments that leave the order of a tombstone in a row.
func (v *view) SetRaised(base, from string) string {
	return join(v.Raised, ",\n    ", func(o name) string {
		if v.Loose {
			return o.quoted + " = coalesce(" + o.of(from) + ", " + o.of(base) + ")"
		}
		return o.quoted + " = " + o.of(from)
	})
}

// OrderDiffers is the condition for a tombstone to leave its row another order.
func (v *view) OrderDiffers(a, b string) string {
	return join(v.Raised, " OR ", func(o name) string { return v.distinct(o.of(a), o.of(b), o.equal) })
}

// OrderChanged is the condition for a row to have another order than that which Former has.
func (v *view) OrderChanged(a, former string) string {
	return join(v.Raised, " OR ", func(o name) string { return v.distinct(o.of(a), former+"."+v.Former(o), o.equal) })
}

// Newest is the order, from the newest one on, of rows of the target that have one key. Where nothing else decides it
// is that of their places.
func (v *view) Newest(alias string) string {
	var order strings.Builder
	switch {
	case v.History:
		order.WriteString(alias + "." + v.Start + " DESC, ")
	case v.SoftDelete:
		order.WriteString(alias + "." + v.Deleted + ", ")
	}
	for _, o := range slices.Concat(v.counted, v.order) {
		order.WriteString(o.of(alias) + " DESC NULLS LAST, ")
	}
	return order.String() + alias + ".ctid DESC"
}

// Oldest orders records from the oldest one on.
func (v *view) Oldest(alias string) string {
	return join(v.counted, ", ", func(o name) string { return o.of(alias) + " NULLS FIRST" })
}

// OrderOf lists the columns, beside those of the key, that say which of two records is older.
func (v *view) OrderOf(alias string) string {
	order := slices.DeleteFunc(slices.Clone(v.counted), v.isKey)
	return v.List(alias, order)
}

// Alone reports whether it pays to find the keys without a version in the target: their only record becomes a version
// unchanged. One lookup a key finds them, in the index over the key.
func (v *view) Alone() bool {
	return !v.Duplicates && !v.Patched && !v.Elsewhere && !v.job.NullKeys && !(v.Late && v.Removed)
}

// Passes are the conditions for the end of the changes that one statement brings back and the next: of a key there must
// not be two active versions in between.
func (v *view) Passes() []string { return []string{"IS NOT NULL", "IS NULL"} }

// LastOfKey is the row of every key that wins: the last one, or the first if existing rows stay as they are.
func (v *view) LastOfKey() string {
	if !v.Duplicates {
		return v.Staged
	}
	where := ""
	if v.Round > 0 {
		where = fmt.Sprintf(" WHERE %s = %d", v.Own("round"), v.Round)
	}
	order := ""
	if !v.KnowsRows { // else older rows have gone from the batch
		order = join(v.order, "", func(o name) string { return ", " + o.quoted + " DESC NULLS LAST" })
	}
	key := v.List("", v.Key)
	if v.Keeps && !v.Removed {
		return fmt.Sprintf("(SELECT DISTINCT ON (%s) * FROM %s ORDER BY %[1]s, ctid)", key, v.Staged)
	}
	return fmt.Sprintf("(SELECT DISTINCT ON (%s) * FROM %s%s ORDER BY %s%s, ctid DESC)", key, v.Staged, where, key, order)
}

// Instant is the instant at which a row takes effect.
func (v *view) Instant(alias string) string {
	return "coalesce(" + alias + "." + v.Instants + ", now())"
}

// Marked reports whether the row of a key is deleted, as far as its records tell.
func (v *view) Marked(alias string) string {
	if v.Folds && v.Removed {
		return alias + "." + v.Gone
	}
	return "false"
}

func join(columns []name, separator string, f func(name) string) string {
	parts := make([]string, len(columns))
	for i, c := range columns {
		parts[i] = f(c)
	}
	return strings.Join(parts, separator)
}
