package migrate

import (
	"fmt"
	"slices"
	"strings"

	"target-postgres/merge"
	"target-postgres/target/comments"
	"target-postgres/target/failure"
	"target-postgres/target/partition"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
)

// PartitionComment is the comment of a partition that the program makes of a table, by which it is known again.
func PartitionComment(table string) string {
	return partitionOf + comments.Plain(strings.ReplaceAll(table, "\n", " ")) + partitionMade
}

const (
	partitionOf   = "Partition of "
	partitionMade = ", made by target-postgres"
)

// IsPartition reports whether a table's comment says that the program made it as a partition of another one.
func IsPartition(comment string) bool {
	return strings.HasPrefix(comment, partitionOf) && strings.HasSuffix(comment, partitionMade)
}

// notAPartition refuses to load a stream into a partition that was made of another table. It may have been detached
// since.
func notAPartition(have *pgcatalog.Table, want TableSpec) error {
	if !IsPartition(have.Comment) {
		return nil
	}
	return &failure.Error{
		Blame: failure.Configuration, Reason: fmt.Sprintf("%s was made as a partition of another table", have),
		Hint: "to load into it, change its comment" + want.Elsewhere(),
	}
}

// uniqueOver are the columns that an index over the key has to have. In a table that the program partitioned these are
// also the columns by which it is: PostgreSQL knows no other unique index there.
func (s TableSpec) uniqueOver(have *pgcatalog.Table) []string {
	if have == nil {
		return slices.Concat(s.Key, s.Partition.Beyond(s.Key))
	}
	// A run that was interrupted may have left the table before its first partition.
	asked := have.Kind == pgcatalog.PartitionedTable && s.Partition.On() && pgcatalog.SameNames(have.Spread, s.Partition.Columns)
	if !have.Made && !asked {
		return s.Key
	}
	return slices.Concat(s.Key, partition.Missing(have.Spread, s.Key))
}

// widened reports whether a new table is partitioned by more than the key.
func (s TableSpec) widened() bool { return len(s.Partition.Beyond(s.Key)) > 0 }

// needsValue reports whether a column of a new table has to have a value because the rows of a stream with a key are
// spread by it.
func (s TableSpec) needsValue(c Column) bool {
	return s.Mode != merge.Append && !s.Partition.Nulls && len(s.Key) > 0 && c.Clause == "" && c.ClauseIfNew == "" && slices.Contains(s.Partition.Columns, c.Name)
}

// takeNulls lets the columns by which rows are spread be NULL where the stream comes to need that.
func (p *Plan) takeNulls(have *pgcatalog.Table, want TableSpec) {
	for _, name := range have.Spread {
		c := have.Column(name)
		if want.Partition.Nulls && have.Made && c != nil && c.NotNull && !slices.Contains(want.Key, name) {
			p.takeNull(name)
		}
	}
}

// partitionClause ends the statement that creates a table.
func (s TableSpec) partitionClause() string {
	switch {
	case s.Partition.Hash > 0:
		return " PARTITION BY HASH (" + pgtx.QuoteAll(s.Partition.Columns) + ")"
	case s.Partition.On():
		return " PARTITION BY RANGE (" + pgtx.QuoteAll(s.Partition.Columns) + ")"
	default:
		return ""
	}
}

// partitioned says how a new table is partitioned.
func (p *Plan) partitioned(want TableSpec) {
	if !want.Partition.On() {
		return
	}
	how := fmt.Sprintf("by %s of %s", want.Partition.Every, strings.Join(want.Partition.Columns, ", "))
	if want.Partition.Hash > 0 {
		how = "by a hash of " + strings.Join(want.Partition.Columns, ", ")
	}
	p.Notes = append(p.Notes, fmt.Sprintf("%s is partitioned %s", pgtx.Qualified(want.Schema, want.Name), how))
}
