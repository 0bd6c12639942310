package tablewrite

import (
	"context"
	"fmt"
	"slices"
	"strconv"

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

// joins says how the planner is to find the rows of a batch.
func (l *Write) joins() []merge.Statement {
	history := l.Job.Mode == merge.History
	if l.Job.Place == merge.Here && l.Stream.Partitioned && !l.Job.Unique && len(l.Job.Key) > 0 {
		return []merge.Statement{{SQL: byAnyMean}, {SQL: maybeByOrder}, {SQL: l.hashedIfLarge()}}
	}
	if l.Job.Place != merge.Here || (!l.Job.Unique && !history) {
		return []merge.Statement{{SQL: byAnyMean}, {SQL: maybeByOrder}}
	}
	switch {
	case l.Stream.Partitioned || (history && !l.Job.Has.Duplicates):
		return []merge.Statement{{SQL: notHashed}, {SQL: notSorted}}
	case history:
		return []merge.Statement{{SQL: notHashed}, {SQL: maybeByOrder}}
	default:
		return []merge.Statement{{SQL: notHashed}, {SQL: maybeByOrder}, {SQL: l.sortedIfLarge()}}
	}
}

// sortedIfLarge leaves reading by order to a batch that is a large part of its table.
func (l *Write) sortedIfLarge() string {
	size := func(table merge.Name) string {
		return "pg_catalog.pg_relation_size(pg_catalog.to_regclass(" + pgtx.Literal(table.SQL()) + "))"
	}
	return fmt.Sprintf("SELECT pg_catalog.set_config('enable_mergejoin', 'off', true) WHERE %s > %d * %s",
		size(l.Job.Target), largePart, size(l.Job.Staged))
}

// hashedIfLarge keeps the planner from looking up every key of a batch in every partition where reading the table once
// is less. It does not know how many rows were staged.
func (l *Write) hashedIfLarge() string {
	return fmt.Sprintf(`SELECT pg_catalog.set_config('enable_nestloop', 'off', true)
FROM (SELECT pg_catalog.sum(pg_catalog.pg_relation_size(p.relid)) AS size, pg_catalog.count(*) AS parts FROM %s AS p WHERE p.isleaf) AS t
WHERE t.size < t.parts * pg_catalog.pg_relation_size(pg_catalog.to_regclass(%s))`,
		partitionsOf(l.Job.Target), pgtx.Literal(l.Job.Staged.SQL()))
}

// statements are the SQL of a batch's merge. Only a history whose batch repeats keys has to ask first, in how many
// rounds.
func (l *Write) statements(ctx context.Context, conn *pgx.Conn) ([]merge.Statement, error) {
	statements, err := l.mergeStatements(ctx, conn)
	statements = append(l.joins(), statements...)
	if l.Stream.Partitioned && !l.Job.Unique {
		statements = append(statements, merge.Statement{SQL: "SET LOCAL enable_nestloop TO DEFAULT"})
	}
	// The merge may fold or drop staged rows: the keys and the records are taken first.
	if err == nil && l.Seen.Table != "" {
		var remember []merge.Statement
		remember, err = merge.Remember(l.Job, l.Seen)
		if err == nil && l.Job.Slice.Brought.Table != "" {
			var bring []merge.Statement
			bring, err = merge.BringSlices(l.Job)
			remember = append(remember, bring...)
		}
		statements = append(remember, statements...)
	}
	if err == nil && l.Superseded.Name.Table != "" {
		var keep []merge.Statement
		keep, err = merge.KeepSuperseded(l.Job, l.Superseded)
		statements = slices.Concat([]merge.Statement{{SQL: byAnyMean}, {SQL: maybeByOrder}}, keep, statements)
	}
	return statements, err
}

func (l *Write) mergeStatements(ctx context.Context, conn *pgx.Conn) ([]merge.Statement, error) {
	query, err := merge.Rounds(l.Job)
	if err != nil {
		return nil, err
	}
	if query == "" {
		return merge.Load(l.Job)
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
		return merge.Load(l.Job)
	}
	var all []merge.Statement
	for round := 1; round <= rounds; round++ {
		job := l.Job
		job.Round = round
		statements, err := merge.Load(job)
		if err != nil {
			return nil, err
		}
		all = append(all, statements...)
	}
	return all, nil
}
