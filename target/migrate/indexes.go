package migrate

import (
	"fmt"
	"slices"
	"strings"

	"target-postgres/merge"
	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/index"
	"target-postgres/target/partition"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
)

// indexesOf adds those of a new table.
func (p *Plan) indexesOf(want TableSpec) {
	for _, i := range want.Indexes {
		p.Indexes = append(p.Indexes, i.On(merge.Name{Schema: want.Schema, Table: want.Name}, false))
		p.Notes = append(p.Notes, Created(i, pgtx.Qualified(want.Schema, want.Name)))
	}
}

// CheckUnique refuses a unique index that leaves out a column by which the rows of the table are spread, or are to be.
// have is the table that there is, nil for none.
func CheckUnique(have *pgcatalog.Table, want TableSpec) error {
	missing, spread := want.Indexes, want.Partition.Columns
	if have != nil {
		missing, spread = index.Missing(have, want.Indexes), have.Spread
	}
	for _, i := range missing {
		lacks := partition.Missing(spread, i.Columns)
		if !i.Unique || len(lacks) == 0 {
			continue
		}
		e := &failure.Error{
			Blame: failure.Configuration, Stream: want.Stream, Column: lacks[0],
			Reason: fmt.Sprintf("the unique index over (%s) that the setting indexes asks for lacks a column by which the table is partitioned", strings.Join(i.Columns, ", ")),
			Hint:   fmt.Sprintf("add (%s) to its columns in %s, or leave unique out", strings.Join(lacks, ", "), config.StreamEntry(want.Stream, `"indexes": …`)),
		}
		if slices.Contains(lacks, "") {
			e.Reason = fmt.Sprintf("the setting indexes asks for a unique index over (%s), and a table that is partitioned by an expression has none", strings.Join(i.Columns, ", "))
			e.Hint = "leave unique out of " + config.StreamEntry(want.Stream, `"indexes": …`)
		}
		return e
	}
	return nil
}

// Lacks adds the indexes that a table lacks, to be shown, and the end of what an interrupted run left of one.
func (p *Plan) Lacks(have *pgcatalog.Table, want TableSpec) {
	if have == nil {
		return
	}
	for _, i := range have.Indexes {
		if have.Owned && !i.Valid && index.Declared(i.Name) {
			p.Indexes = append(p.Indexes, index.Drop(have, i.Name))
		}
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
