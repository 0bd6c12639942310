package tablewrite

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/pgtx"
)

// A batch is small beside its table, yet the planner, which knows nothing about a table made a moment ago, likes to
// read the whole table into a hash: by lookups in the index over the key the same merge takes a third of the time, and
// no more when the table grows. Or it likes to read the whole index side by side with the batch, every time from its
// beginning. That is worth it only for a batch that is a large part of the table, and for a history whose batch repeats
// keys: it may find as many versions as it brings.
const (
	notHashed    = "SET LOCAL enable_hashjoin TO off"
	notSorted    = "SET LOCAL enable_mergejoin TO off"
	byAnyMean    = "SET LOCAL enable_hashjoin TO DEFAULT"
	maybeByOrder = "SET LOCAL enable_mergejoin TO DEFAULT"
)

// largePart of a batch's table is one of so many parts.
const largePart = 4

// joins says how the planner is to find the rows of those that are staged in a table.
func (w *Write) joins(staged merge.Name) []merge.Statement {
	history := w.Job.Mode == merge.History
	if w.Job.Place == merge.Here && w.Stream.Partitioned && !w.Job.Unique && len(w.Job.Key) > 0 {
		return []merge.Statement{{SQL: byAnyMean}, {SQL: maybeByOrder}, {SQL: w.hashedIfLarge()}}
	}
	if w.Job.Place != merge.Here || (!w.Job.Unique && !history) {
		return []merge.Statement{{SQL: byAnyMean}, {SQL: maybeByOrder}}
	}
	switch {
	case w.Stream.Partitioned || (history && !w.Job.Has.Duplicates):
		return []merge.Statement{{SQL: notHashed}, {SQL: notSorted}}
	case history:
		return []merge.Statement{{SQL: notHashed}, {SQL: maybeByOrder}}
	default:
		return []merge.Statement{{SQL: notHashed}, {SQL: maybeByOrder}, {SQL: w.sortedIfLarge(staged)}}
	}
}

// sortedIfLarge leaves reading by order to a batch that is a large part of its table.
func (w *Write) sortedIfLarge(staged merge.Name) string {
	size := func(table merge.Name) string {
		return "pg_catalog.pg_relation_size(pg_catalog.to_regclass(" + pgtx.Literal(table.SQL()) + "))"
	}
	return fmt.Sprintf("SELECT pg_catalog.set_config('enable_mergejoin', 'off', true) WHERE %s > %d * %s",
		size(w.Job.Target), largePart, size(staged))
}

// hashedIfLarge keeps the planner from looking up every key of a batch in every partition where reading the table once
// is less. It does not know how many rows were staged.
func (w *Write) hashedIfLarge() string {
	return strings.NewReplacer("{partitions}", partitionsOf(w.Job.Target), "{staged}", pgtx.Literal(w.Job.Staged.SQL())).Replace(hashedIfLargeSQL)
}

//go:embed sql/hashed_if_large.sql
var hashedIfLargeSQL string

// statements are the SQL of a batch's merge. Only a history whose batch repeats keys has to ask first, in how many
// rounds.
func (w *Write) statements(ctx context.Context, conn *pgx.Conn) ([]merge.Statement, error) {
	statements, err := w.mergeStatements(ctx, conn)
	statements = append(w.joins(w.Job.Staged), statements...)
	if w.Stream.Partitioned && !w.Job.Unique {
		statements = append(statements, merge.Statement{SQL: "SET LOCAL enable_nestloop TO DEFAULT"})
	}
	// The merge may fold or drop staged rows: the keys and the records are taken first.
	if err == nil && w.Seen.Table != "" {
		var remember []merge.Statement
		remember, err = merge.Remember(w.Job, w.Seen)
		if err == nil && w.Job.Slice.Brought.Table != "" {
			var bring []merge.Statement
			bring, err = merge.BringSlices(w.Job)
			remember = append(remember, bring...)
		}
		statements = append(remember, statements...)
	}
	if err == nil && w.Superseded.Name.Table != "" {
		var keep []merge.Statement
		keep, err = merge.KeepSuperseded(w.Job, w.Superseded)
		statements = slices.Concat([]merge.Statement{{SQL: byAnyMean}, {SQL: maybeByOrder}}, keep, statements)
	}
	return statements, err
}

func (w *Write) mergeStatements(ctx context.Context, conn *pgx.Conn) ([]merge.Statement, error) {
	if err := w.findStretch(ctx, conn); err != nil {
		return nil, err
	}
	query, err := merge.Rounds(w.Job)
	if err != nil {
		return nil, err
	}
	if query == "" {
		return merge.Load(w.Job)
	}
	results, err := pgtx.Script(ctx, conn, []string{merge.PinnedPath, query})
	if err != nil {
		return nil, err
	}
	rounds, err := strconv.Atoi(string(results[len(results)-1].Rows[0][0]))
	if err != nil {
		return nil, err
	}
	if rounds <= 1 {
		return merge.Load(w.Job)
	}
	var all []merge.Statement
	for round := 1; round <= rounds; round++ {
		job := w.Job
		job.Round = round
		statements, err := merge.Load(job)
		if err != nil {
			return nil, err
		}
		all = append(all, statements...)
	}
	return all, nil
}
