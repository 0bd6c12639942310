package merge

import (
	"fmt"
	"slices"

	"target-postgres/typemap"
)

// spell has the batch read with one spelling of every key. In history each version is a row with a key of its own,
// which is why the active version counts there; in the other modes a row keeps the key that it has.
func (v *view) spell() {
	several := slices.ContainsFunc(v.job.Columns, func(c Column) bool {
		return slices.ContainsFunc(v.job.Key, func(k Column) bool { return k.Name == c.Name }) && hasSpellings(c.Type)
	})
	keyed := v.History || v.SoftDelete || v.job.Mode == Upsert
	if !several || !keyed || (!v.Duplicates && !v.Versions()) {
		return
	}
	v.Spells, v.AsItCame = true, v.Batch
	v.Batch = Name{Schema: "pg_temp", Table: v.job.Staged.Table + "_spelled"}.SQL()
	v.OneSpelling = v.Batch
	v.tables()
}

// fill has the batch read with tombstones that have a value in the order's column, the newest one that is known of
// their key.
func (v *view) fill() {
	if v.job.Fill == "" || v.job.InsertLate || !v.Removed || v.isKey(name{quoted: quote(v.job.Fill)}) {
		return
	}
	v.Fills = v.known[slices.IndexFunc(v.known, func(c name) bool { return c.quoted == quote(v.job.Fill) })]
	v.Unfilled = v.Batch
	v.Batch = Name{Schema: "pg_temp", Table: v.job.Staged.Table + "_filled"}.SQL()
	v.tables()
}

// RowsOfKeys is where the order of the target's rows is read for the tombstones that are filled.
func (v *view) RowsOfKeys() string {
	if !v.Elsewhere {
		return v.Target
	}
	return Name{Schema: "pg_temp", Table: v.job.Staged.Table + "_filling"}.SQL()
}

// Filled lists the columns of the batch.
func (v *view) Filled() string {
	list := join(v.Columns, ",\n    ", func(c name) string {
		if c.quoted != v.Fills.quoted {
			return c.of("s")
		}
		newest := fmt.Sprintf("first_value(%s) OVER so_far, r.%s", c.of("s"), v.Fills.quoted)
		if v.Tombstones != "" {
			newest += ", b." + v.Fills.quoted
		}
		return fmt.Sprintf("CASE WHEN s.%s AND %s IS NULL THEN greatest(%s) ELSE %[2]s END AS %[4]s", v.Gone, c.of("s"), newest, c.quoted)
	})
	for _, own := range v.owns() {
		list += ",\n    s." + own
	}
	return list
}

// owns lists the columns of the batch that are not the target's.
func (v *view) owns() []string {
	return slices.DeleteFunc([]string{v.Present, quote(v.job.Gone), v.Instants}, func(name string) bool { return name == "" })
}

// hasSpellings reports whether values of a type may be equal and yet not look the same.
func hasSpellings(t typemap.Type) bool {
	if t.Elem != nil {
		return hasSpellings(*t.Elem)
	}
	switch t.Kind {
	case typemap.KindNumeric, typemap.KindJSONB, typemap.KindFloat4, typemap.KindFloat8: // floats have a zero of each sign
		return true
	}
	return byText(t) || t.Collation != ""
}

// Versions reports whether the active version's spelling counts.
func (v *view) Versions() bool { return v.History && !v.Elsewhere }

// Lives reports whether tombstones take rows away, so that a key may begin anew.
func (v *view) Lives() bool { return v.Removed && !v.SoftDelete }

// InOrder is the condition for a record not to be older than the active version, a tombstone of the run or a row of its
// key that arrived before it. A tombstone without a value in the column that tombstones are filled in counts as the
// newest.
func (v *view) InOrder() string {
	condition := fmt.Sprintf("s.%s = s.%s", v.Own("rank"), v.Own("newest"))
	if v.Loose {
		condition = fmt.Sprintf("(%s OR NOT (%s))", condition, v.HasOrder("s"))
	}
	if v.Versions() {
		condition += " AND " + v.NotOlderThanKnown("s", "l")
	}
	if v.Tombstones != "" {
		condition += " AND " + v.NotOlderThanKnown("s", "b")
	}
	if v.job.Fill != "" && v.Removed {
		condition = fmt.Sprintf("(%s OR s.%s AND s.%s IS NULL)", condition, v.Gone, quote(v.job.Fill))
	}
	return condition
}

// Spelled lists the columns of the batch.
func (v *view) Spelled() string {
	list := join(v.Columns, ",\n    ", func(c name) string {
		if !v.isKey(c) {
			return c.of("s")
		}
		value := fmt.Sprintf("first_value(%s) OVER of_key", c.of("s"))
		if v.Versions() {
			current := c.of("l")
			if v.Lives() {
				current = fmt.Sprintf("CASE WHEN s.%s = 0 THEN %s END", v.Own("life"), current)
			}
			value = "coalesce(" + current + ", " + value + ")"
		}
		return value + " AS " + c.quoted
	})
	for _, own := range v.owns() {
		list += ",\n    s." + own
	}
	return list
}
