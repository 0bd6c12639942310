package pgcatalog

import (
	"slices"

	"target-postgres/merge"
)

// Place says where the table's rows are: on this server, behind foreign tables, or in Citus' shards.
func (t *Table) Place() merge.Place {
	switch {
	case len(t.Foreign) > 0 || t.Kind == ForeignTable:
		return merge.Foreign
	case t.Replicated:
		return merge.Replicated
	case t.Distributed:
		return merge.Distributed
	default:
		return merge.Here
	}
}

// Simple reports whether the table is an ordinary one that holds its rows itself and has no trigger.
func (t *Table) Simple() bool {
	return t.Kind == OrdinaryTable && t.Place() == merge.Here && !t.Triggers && !t.Children && !t.Chunked
}

// MakesChunks reports whether TimescaleDB makes the parts of a table that would be simple otherwise, and the role may
// see when it has.
func (t *Table) MakesChunks() bool {
	return t.Kind == OrdinaryTable && t.Place() == merge.Here && t.OwnChunks
}

// ChunksByDay reports whether TimescaleDB makes the parts of such a table by nothing but time, each of a day or more.
func (t *Table) ChunksByDay() bool { return t.MakesChunks() && t.ChunksOfDays && len(t.Spread) == 1 }

// Plainly reports whether the rows are in partitions that the program made, and no trigger can leave one out.
func (t *Table) Plainly() bool {
	return t.Kind == PartitionedTable && t.Made && t.Place() == merge.Here && !t.Triggers && !t.UserCode
}

// Covered reports whether an index of the table is over all its rows. It is not over those of tables that inherit from
// it, unless TimescaleDB makes these: then each has such an index, and no two have rows of one key.
func (t *Table) Covered() bool { return t.Place() != merge.Foreign && (!t.Children || t.Chunked) }

// Blank reports whether the table is known to hold no row.
func (t *Table) Blank() bool { return t.Empty && !t.Children && t.Place() == merge.Here }

// Partitioned reports whether the rows are in partitions, none of which is a foreign table.
func (t *Table) Partitioned() bool { return t.Kind == PartitionedTable && len(t.Foreign) == 0 }

// SpreadBeyond reports whether the table is partitioned or distributed by something else than columns of the key, so
// that no unique index can be over just the key.
func (t *Table) SpreadBeyond(key []string) bool {
	return slices.ContainsFunc(t.Spread, func(column string) bool { return !slices.Contains(key, column) })
}
