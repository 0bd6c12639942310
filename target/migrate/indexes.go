package migrate

import (
	"fmt"
	"strings"

	"target-postgres/merge"
	"target-postgres/target/index"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
)

// indexesOf adds those of a new table.
func (p *Plan) indexesOf(want Spec) {
	for _, i := range want.Indexes {
		p.Indexes = append(p.Indexes, i.On(merge.Name{Schema: want.Schema, Table: want.Name}, false))
		p.Notes = append(p.Notes, Created(i, pgtx.Qualified(want.Schema, want.Name)))
	}
}

// Lacks adds those that a table lacks, to be shown.
func (p *Plan) Lacks(have *pgcatalog.Table, want Spec) {
	if have == nil {
		return
	}
	for _, i := range index.Missing(have, want.Indexes) {
		p.Indexes = append(p.Indexes, i.On(merge.Name{Schema: have.Schema, Table: have.Name}, index.Writable(have)))
	}
}

// Created is the note about an index that was made.
func Created(i index.Index, table string) string {
	kind := "index"
	if i.Unique {
		kind = "unique index"
	}
	return fmt.Sprintf("created %s %q on %s (%s)", kind, i.Name, table, strings.Join(i.Columns, ", "))
}
