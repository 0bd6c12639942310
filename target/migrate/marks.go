package migrate

import (
	"fmt"

	"target-postgres/merge"
	"target-postgres/target/pgcatalog"
	"target-postgres/typemap"
)

// The merges write the columns of their load mode themselves. Rows that are copied straight into a table leave them to
// their defaults, which a table that another program made need not have.

// defaults are the defaults that such rows need, by column.
func defaults(mode merge.Mode, v Versions) map[string]string {
	switch mode {
	case merge.History:
		end := ""
		if v.FarAway {
			end = farAway
		}
		return map[string]string{v.Active: "true", v.End: end}
	case merge.SoftDelete:
		return map[string]string{DeletedColumn: "false"}
	default:
		return nil
	}
}

// FillsIn reports whether the defaults of the table are those that a load mode needs.
func FillsIn(t *pgcatalog.Table, mode merge.Mode, v Versions) bool {
	for name, value := range defaults(mode, v) {
		if c := t.Column(name); c == nil || c.DefaultValue != value {
			return false
		}
	}
	return true
}

// marks gives the rows a value that have none in the column which says that a version is active or a row deleted:
// neither a record nor a tombstone would find them. The owner gets the default as well, so that there will be no more
// of them.
func (p *Plan) marks(have *pgcatalog.Table, want TableSpec) {
	name, value := DeletedColumn, "false"
	switch want.Mode {
	case merge.SoftDelete:
	case merge.History:
		v := want.versions()
		end := typemap.Quote(v.End)
		name, value = v.Active, fmt.Sprintf("%s IS NULL OR %[1]s = %s", end, farAway)
		if have.Column(v.End) == nil {
			value = "true"
		}
	default:
		return
	}
	c := have.Column(name)
	need := defaults(want.Mode, want.versions())[name]
	if c == nil || c.NotNull || !c.Writable() || c.TypeName != "boolean" || c.DefaultValue == need {
		return
	}
	column := typemap.Quote(name)
	p.fill = append(p.fill, have.Changing(fmt.Sprintf("UPDATE %s\nSET %s = %s\nWHERE %[2]s IS NULL", have, column, value))...)
	if have.Owned && have.Place() == merge.Here {
		p.alter = append(p.alter, "ALTER COLUMN "+column+" SET DEFAULT "+need)
		p.Notes = append(p.Notes, fmt.Sprintf("gave column %q of %s the default %s, and a value where it was NULL", name, have, need))
	}
}
