package tablewrite

import (
	_ "embed"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/merge"
	"target-postgres/target/pgtx"
)

// partitionsOf is a query for the partitions of a table.
func partitionsOf(table merge.Name) string {
	return "pg_catalog.pg_partition_tree(" + pgtx.Literal(table.SQL()) + ")"
}

// written asks how many rows of the write's table this session has inserted and updated, of those that the server has
// yet to report.
func (w *Write) written() string {
	if w.Stream.Partitioned && w.Job.Target.Table == w.Stream.TableName {
		return strings.ReplaceAll(writtenPartitionedSQL, "{partitions}", partitionsOf(w.Job.Target))
	}
	return strings.ReplaceAll(writtenSQL, "{table}", pgtx.Literal(w.Job.Target.SQL()))
}

//go:embed sql/written.sql
var writtenSQL string

//go:embed sql/written_partitioned.sql
var writtenPartitionedSQL string

// count adds up what the statements of a merge did to the table. One that both inserts and updates has [Write.written]
// before and after it.
func (w *Write) count(statements []merge.Statement, results []*pgconn.Result) {
	for _, s := range statements {
		if s.Effect == merge.Writes {
			w.tellInserts(results[0].Rows, results[1].CommandTag.RowsAffected(), results[2].Rows)
			results = results[3:]
			continue
		}
		if s.Effect == merge.Ignores {
			w.ignored += results[0].CommandTag.RowsAffected()
		}
		if s.Effect == merge.Passes {
			w.passed += results[0].CommandTag.RowsAffected()
		}
		inserted, updated, deleted := s.Count(results[0].CommandTag.RowsAffected())
		w.Inserted, w.updated, w.deleted = w.Inserted+inserted, w.updated+updated, w.deleted+deleted
		results = results[1:]
	}
}

// tellInserts counts what an INSERT … ON CONFLICT wrote. Its own count is of inserts and updates together; the server's
// counters before and after it tell them apart, unless it keeps none (track_counts). Then all count as updates.
func (w *Write) tellInserts(before [][][]byte, wrote int64, after [][][]byte) {
	inserted, updated := tuples(after, 0)-tuples(before, 0), tuples(after, 1)-tuples(before, 1)
	if inserted < 0 || inserted+updated != wrote {
		inserted = 0
	}
	w.Inserted, w.updated = w.Inserted+inserted, w.updated+wrote-inserted
}

func tuples(rows [][][]byte, column int) int64 {
	if len(rows) == 0 {
		return 0
	}
	n, _ := strconv.ParseInt(string(rows[0][column]), 10, 64)
	return n
}
