package migrate

import (
	"fmt"
	"strings"

	"target-postgres/merge"
	"target-postgres/target/failure"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
)

// columnar is the access method of Citus that keeps rows by column.
const columnar = "columnar"

// fitPlace refuses what cannot be done to rows that are on other servers.
func fitPlace(t *pgcatalog.Table, want TableSpec) error {
	if t.Method == columnar && want.Mode != merge.Append && want.Mode != merge.Replace {
		return &failure.Error{
			Blame: failure.Configuration, Reason: fmt.Sprintf("%s is a columnar table, which takes no UPDATE and no DELETE, and load mode %s needs them", t, want.Mode),
			Hint: "use load mode append or replace, or keep the rows by row: SELECT alter_table_set_access_method(" + pgtx.Literal(t.String()) + ", 'heap')",
		}
	}
	if t.Place() == merge.Here {
		return nil
	}
	v := want.versions()
	for _, column := range t.Spread {
		changes := (want.Mode == merge.History && (column == v.End || column == v.Active)) ||
			(want.Mode == merge.SoftDelete && column == DeletedColumn)
		if changes {
			return &failure.Error{
				Blame: failure.Configuration, Column: column,
				Reason: fmt.Sprintf("%s spreads its rows over servers by a column that load mode %s changes", t, want.Mode),
				Hint:   "partition or distribute it by a column of the key",
			}
		}
	}
	return nil
}

// alterable refuses to change the columns of a table if parts of it are on servers where they would stay as they are.
func alterable(t *pgcatalog.Table, p *Plan) error {
	if t.Place() != merge.Foreign || len(p.alter) == 0 {
		return nil
	}
	return &failure.Error{
		Blame: failure.Configuration, Reason: fmt.Sprintf("%s has parts on other servers (%s) and needs: %s", t, strings.Join(t.Foreign, ", "), strings.Join(p.alter, ", ")),
		Hint: "alter the tables there in the same way, then this one; or set migration_policy.new_fields to skip and missing_fields to keep",
	}
}
