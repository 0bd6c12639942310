package merge

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// brought is the condition for a row to have brought column c. The bit string of a whole record is NULL, and may be
// shorter than the columns, since those that the engine adds are always there.
func (v *view) brought(c name) string {
	bit := fmt.Sprintf("substring(s.%s FROM %d FOR 1)", v.Present, c.index+1)
	if v.UserCode {
		return "coalesce(" + bit + " <> B'0', true)"
	}
	return bit + " IS DISTINCT FROM B'0'"
}

// Value is what the record makes of column c of the row base. Only the alias s can be partial.
func (v *view) Value(base, record string, c name) string {
	switch {
	case v.Lifts && v.IsVersion(c):
		return fmt.Sprintf("greatest(%s, %s)", c.of(base), c.of(record))
	case !v.Patched || record != "s" || v.isKey(c):
		return c.of(record)
	case v.SoftDelete && c.mark:
		// A row that comes back loses its mark.
		return fmt.Sprintf("CASE WHEN %s THEN %s WHEN NOT %s.%s THEN %s END",
			v.brought(c), c.of(record), base, v.Deleted, c.of(base))
	default:
		return fmt.Sprintf("CASE WHEN %s THEN %s ELSE %s END", v.brought(c), c.of(record), c.of(base))
	}
}

// Merged is Value for a record that becomes a row of its own, or changes the row base, if there is one.
func (v *view) Merged(base, record string, c name) string {
	if v.tells(c) {
		return fmt.Sprintf("CASE WHEN %s.%s IS NULL THEN %s ELSE %s END", base, v.Own("there"), v.told(record), v.toldOfRow(base, record))
	}
	return v.Value(base, record, c)
}

// Values lists what the record makes of all columns of the row base.
func (v *view) Values(record, base string) string {
	return join(v.Columns, ",\n    ", func(c name) string {
		return v.Value(base, record, c)
	})
}

// Set lists the assignments that bring a record into its row, whose alias is t. Rows that are elsewhere get whole ones,
// and stay where they are. So do versions that come back, whose stream version has been found out before.
func (v *view) Set(record string) string {
	free := slices.DeleteFunc(slices.Clone(v.Rest), func(c name) bool { return c.fixed || (v.Elsewhere && c.spread) })
	return join(free, ",\n    ", func(c name) string {
		if v.Elsewhere || (v.History && v.IsVersion(c)) {
			return c.quoted + " = " + c.of(record)
		}
		if v.tells(c) && !v.History {
			return c.quoted + " = " + v.toldOfRow("t", record)
		}
		return c.quoted + " = " + v.kept("t", record, c)
	})
}

// kept is Value, or what the row base has where a record brings no number.
func (v *view) kept(base, record string, c name) string {
	if c.filled {
		return "coalesce(" + v.Value(base, record, c) + ", " + c.of(base) + ")"
	}
	return v.Value(base, record, c)
}

// New lists the values of all columns for a row that is inserted. The server numbers a row that no record has numbered.
func (v *view) New(record string) string {
	return join(v.Columns, ", ", func(c name) string {
		if v.tells(c) && !v.History && !v.Elsewhere {
			return v.told(record)
		}
		if !c.filled {
			return c.of(record)
		}
		return fmt.Sprintf("coalesce(%s, pg_catalog.nextval(pg_catalog.pg_get_serial_sequence(%s, %s)::pg_catalog.regclass))",
			c.of(record), literal(v.Target), literal(v.job.Columns[c.index].Name))
	})
}

// Overriding lets an INSERT write columns that are GENERATED ALWAYS AS IDENTITY.
func (v *view) Overriding() string {
	if slices.ContainsFunc(v.Columns, func(c name) bool { return c.fixed }) {
		return " OVERRIDING SYSTEM VALUE"
	}
	return ""
}

// literal quotes text for SQL, for both values of standard_conforming_strings.
func literal(text string) string {
	text = strings.ReplaceAll(text, "'", "''")
	if strings.Contains(text, `\`) {
		return "E'" + strings.ReplaceAll(text, `\`, `\\`) + "'"
	}
	return "'" + text + "'"
}

// Differs is the condition for a record to change its row, its lines indented.
func (v *view) Differs(base, record string, indent int) string {
	return v.any(indent, func(c name) string { return v.differs(base, record, c) })
}

// differs is the condition for a record to change column c of its row.
func (v *view) differs(base, record string, c name) string {
	if value := v.kept(base, record, c); value != c.of(record) {
		if c.text != "" {
			value = "(" + value + ")" + c.text
		}
		return v.distinct(c.comparable(base), value, "")
	}
	return v.distinct(c.comparable(base), c.comparable(record), "")
}

// Moved is the condition for a record to put its row elsewhere.
func (v *view) Moved(base, record string) string {
	moves := slices.DeleteFunc(slices.Clone(v.Rest), func(c name) bool { return !c.spread })
	return join(moves, " OR ", func(c name) string { return v.differs(base, record, c) })
}

// DiffersFromLast is the condition for a whole record to differ from what is before it.
func (v *view) DiffersFromLast(record string, indent int) string {
	return v.any(indent, func(c name) string {
		before := fmt.Sprintf("lag(%s) OVER so_far", c.comparable(record))
		return v.distinct(before, c.comparable(record), "")
	})
}

// any joins a condition on each tracked column.
func (v *view) any(indent int, f func(name) string) string {
	if len(v.tracked) == 0 {
		return "false"
	}
	return join(v.tracked, "\n"+strings.Repeat(" ", indent)+"OR ", f)
}

// Distinction lists what two versions have to differ in to be two at one instant.
func (v *view) Distinction(alias string) string {
	list := v.List(alias, v.Key) + ", " + alias + "." + v.Own("at")
	for _, c := range v.tracked {
		list += ", " + c.comparable(alias)
	}
	return list
}

// RunValues lists the columns of a version. Its stream version is that of the last record that told it again.
func (v *view) RunValues(alias string) string {
	return join(v.Columns, ",\n    ", func(c name) string {
		if v.Raises(c) {
			return v.closingOrder(alias, c) + " AS " + c.quoted
		}
		own, value := c.of(alias), c.of(alias)
		if v.Late && v.Removed && !v.isKey(c) {
			// A tombstone that is remembered has the values of the version that it ended.
			value = fmt.Sprintf("CASE WHEN %s.%s THEN nth_value(%s, %s.%s) OVER whole_key ELSE %s END", alias, v.Own("ends"), own, alias, v.Own("ended"), own)
		}
		if slices.ContainsFunc(v.Told, func(told name) bool { return told.quoted == c.quoted }) {
			closed := alias + "." + v.Gone
			if v.Late {
				closed += " OR NOT " + alias + "." + v.Own("newest")
			}
			value = fmt.Sprintf("CASE WHEN %s THEN %s WHEN lead(true) OVER of_key THEN lead(%s.%s) OVER of_key ELSE %s.%s END",
				closed, value, alias, v.Former(c), alias, v.Final(c))
		}
		if value == own {
			return own
		}
		return value + " AS " + c.quoted
	})
}

// Unheard are the columns that make no version, if records may be late and partial: only when the other columns are
// whole is it known which of these change something.
func (v *view) Unheard() []name {
	if !v.Late || !v.Patched {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(v.Told), v.IsVersion)
}

// unheard reports whether column c is one of [view.Unheard].
func (v *view) unheard(c name) bool {
	return slices.ContainsFunc(v.Unheard(), func(u name) bool { return u.quoted == c.quoted })
}

// ToldValues lists all columns of records that are whole but for [view.Unheard], made whole.
func (v *view) ToldValues(record string) string {
	return join(v.Columns, ",\n            ", func(c name) string {
		if !v.unheard(c) {
			return c.of(record)
		}
		return v.arrived(record, v.whole(c), c)
	})
}

// arrived is a value for column c of a record that has arrived; versions keep their own, and so do tombstones of a
// history that inserts late ones, because they may be remembered.
func (v *view) arrived(record, value string, c name) string {
	tombstone := ""
	if v.Late {
		tombstone = fmt.Sprintf(" AND NOT %s.%s", record, v.Gone)
	}
	return fmt.Sprintf("CASE WHEN %s.%s IS NULL%s THEN %s ELSE %s END AS %s", record, v.Start, tombstone, value, c.of(record), c.quoted)
}

// closingOrder is the order of a version: its own, or that of the last tombstone after it.
func (v *view) closingOrder(alias string, c name) string {
	last, own := alias+"."+v.Latest(c), c.of(alias)
	next := "lead(" + last + ") OVER of_key"
	if v.Loose {
		next = "coalesce(" + next + ", " + own + ")"
	}
	return fmt.Sprintf("CASE WHEN %[1]s.%[2]s THEN %[3]s WHEN lead(%[1]s.%[2]s) OVER of_key THEN %[4]s ELSE %[5]s END",
		alias, v.Gone, last, next, own)
}

// Latest names the column that has the order of the last of several tombstones in a row.
func (v *view) Latest(c name) string { return v.Own("latest" + strconv.Itoa(v.place(c))) }

// place is a column's place in the order.
func (v *view) place(c name) int {
	return 1 + slices.IndexFunc(v.order, func(o name) bool { return o.quoted == c.quoted })
}

// Brings is the condition for a row to say something about column c. Where tombstones reset it, they do.
func (v *view) Brings(c name) string {
	switch {
	case v.Late:
		return fmt.Sprintf("s.%s OR %s", v.Gone, v.brought(c))
	case v.History:
		return fmt.Sprintf("CASE WHEN s.%[1]s THEN s.%[2]s IS NULL ELSE %[3]s END", v.Gone, v.Start, v.brought(c))
	case !v.Removed:
		return v.brought(c)
	case v.resets(c):
		return "s." + v.Gone + " OR " + v.brought(c)
	default:
		return "NOT s." + v.Gone + " AND " + v.brought(c)
	}
}

// resets reports whether a column's value is lost with a tombstone. A soft-deleted row keeps all but its mark.
func (v *view) resets(c name) bool { return !v.SoftDelete || c.mark }

// whole is the value that rows of the batch gave to column c of a key so far.
func (v *view) whole(c name) string {
	value := c.of("s")
	if v.History || (v.Removed && v.resets(c)) {
		value = fmt.Sprintf("CASE WHEN NOT s.%s THEN %s END", v.Gone, value)
	}
	return fmt.Sprintf("nth_value(%s, s.%s) OVER of_key", value, v.From(c))
}

// WholeValues lists all columns of partial records made whole.
func (v *view) WholeValues(record string) string {
	return join(v.Columns, ",\n            ", func(c name) string {
		if !v.Patched || v.isKey(c) || v.unheard(c) {
			return c.of(record)
		}
		whole := v.whole(c)
		if v.History && v.Raises(c) {
			// A tombstone leaves its order in the version that it closes, and nothing of it in a later one.
			whole = fmt.Sprintf("CASE WHEN %s.%s THEN %s ELSE %s END", record, v.Gone, c.of(record), whole)
		}
		if v.tells(c) {
			whole = v.told(record)
		}
		return v.arrived(record, whole, c)
	})
}

// Folded is the value that the batch as a whole gives to column c. The rows of a key are in order: the last has the
// newest.
func (v *view) Folded(c name) string {
	if v.Tombstone != "" && v.Raises(c) {
		return "last_value(" + c.of("s") + ") OVER of_key"
	}
	value := c.of("s")
	if v.Patched {
		value = v.whole(c)
	}
	if v.tells(c) {
		value = v.toldByBatch(value)
	}
	if v.Tombstone != "" && c.mark {
		// After the last record comes the tombstone that counts; those after it find the row marked already.
		value = fmt.Sprintf("CASE WHEN s.%[1]s THEN %[2]s ELSE coalesce(lead(%[2]s) OVER of_key, %[3]s) END",
			v.Gone, c.of("s"), value)
	}
	return value
}

// FoldedBits is the bit string of the columns that the batch as a whole brings.
func (v *view) FoldedBits() string {
	bits := ""
	for i, c := range v.Columns {
		if i > 0 {
			bits += "\n        || "
		}
		switch {
		case v.isKey(c):
			bits += "B'1'"
		case v.Tombstone != "" && v.Raises(c): // the last row of the key has the order
			bits += fmt.Sprintf("CASE WHEN s.%s IS NULL AND NOT last_value(s.%s) OVER of_key THEN B'0' ELSE B'1' END", v.From(c), v.Gone)
		case v.Tombstone != "" && c.mark:
			bits += fmt.Sprintf("CASE WHEN s.%s IS NULL AND lead(%s) OVER of_key IS NULL THEN B'0' ELSE B'1' END",
				v.From(c), c.of("s"))
		default:
			bits += fmt.Sprintf("CASE WHEN s.%s IS NULL THEN B'0' ELSE B'1' END", v.From(c))
		}
	}
	return "(" + bits + ")::bit varying"
}

func (v *view) isKey(c name) bool {
	return slices.ContainsFunc(v.Key, func(k name) bool { return k.quoted == c.quoted })
}
