package target

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/migrate"
	"target-postgres/target/pgtx"
)

// job describes the merge of a stream's rows as its table is now.
func (s *stream) job() merge.Job {
	job := merge.Job{
		Mode: s.mode, Target: s.into, Unique: s.unique && !s.unkeyed.Load(), Repeats: s.repeats || s.unkeyed.Load(), HardDelete: s.config.HardDelete,
		Marks: s.marks, Referenced: s.referenced, UserCode: s.userCode, Columns: slices.Clone(s.layout.columns),
	}
	for _, e := range s.layout.extras {
		s.describeExtra(&job, e)
	}
	if job.Meta != "" {
		job.Fields = s.layout.fields
	}
	job.IgnoreConflicts = s.config.IgnoresConflicts(s.mode)
	// Beside its table a stream gathers all rows. What the table does not have is left out when they come there.
	job.IgnoreMissing = s.config.IgnoresMissing(s.mode) && s.into.Table == s.tableName
	job.InsertLate = s.insertsLate()
	for _, field := range s.config.HistoryIgnore {
		if column := s.columnOf(field, anyType); column != "" && s.mode == merge.History {
			job.Ignored = append(job.Ignored, column)
		}
	}
	s.order(&job)
	s.placeOf(&job)
	s.identify(&job)
	switch s.mode {
	case merge.History:
		job.Start, job.End, job.Active = migrate.StartColumn, migrate.EndColumn, migrate.ActiveColumn
	case merge.SoftDelete:
		job.Deleted = migrate.DeletedColumn
	}
	for _, key := range s.key {
		for _, column := range job.Columns {
			if column.Name == key {
				job.Key = append(job.Key, column)
			}
		}
	}
	return job
}

// describeExtra says what a field that the program added is to the merge.
func (s *stream) describeExtra(job *merge.Job, e extra) {
	switch e.kind {
	case extraPresent:
		job.Present = e.name
	case extraGone:
		job.Gone = e.name
	case extraAt:
		job.At = e.name
	case extraVersion:
		job.Version = e.name
	case extraRawID, extraEmitted, extraMeta, extraGeneration:
		s.describeAirbyte(job, e)
	case extraExtracted, extraReceived, extraBatched, extraSequence, extraSyncStarted, extraLine:
		job.Untracked = append(job.Untracked, e.name)
	case extraDeleted, extraLive, extraRecord:
	}
	if !e.staged {
		job.Columns = append(job.Columns, merge.Column{Name: e.name, Type: e.typ})
	}
}

// A batch is small beside its table, yet the planner, which knows nothing about a table made a moment ago, likes to read
// the whole table into a hash: by lookups in the index over the key the same merge takes a third of the time, and no more when the
// table grows. Or it likes to read the whole index side by side with the batch, every time from its beginning. That is worth it
// only for a batch that is a large part of the table, and for a history whose batch repeats keys: it may find as many versions as
// it brings.
const (
	notHashed    = "SET LOCAL enable_hashjoin TO off"
	notSorted    = "SET LOCAL enable_mergejoin TO off"
	byAnyMean    = "SET LOCAL enable_hashjoin TO DEFAULT"
	maybeByOrder = "SET LOCAL enable_mergejoin TO DEFAULT"
)

// largePart of a batch's table is one of so many parts.
const largePart = 4

// joins says how the planner is to find the rows of a batch.
func (l *load) joins() []merge.Statement {
	history := l.job.Mode == merge.History
	if l.job.Place != merge.Here || (!l.job.Unique && !history) {
		return []merge.Statement{{SQL: byAnyMean}, {SQL: maybeByOrder}}
	}
	switch {
	case l.stream.partitioned || (history && !l.job.Has.Duplicates):
		return []merge.Statement{{SQL: notHashed}, {SQL: notSorted}}
	case history:
		return []merge.Statement{{SQL: notHashed}, {SQL: maybeByOrder}}
	default:
		return []merge.Statement{{SQL: notHashed}, {SQL: maybeByOrder}, {SQL: l.sortedIfLarge()}}
	}
}

// sortedIfLarge leaves reading by order to a batch that is a large part of its table.
func (l *load) sortedIfLarge() string {
	size := func(table merge.Name) string {
		return "pg_catalog.pg_relation_size(pg_catalog.to_regclass(" + pgtx.Literal(table.SQL()) + "))"
	}
	return fmt.Sprintf("SELECT pg_catalog.set_config('enable_mergejoin', 'off', true) WHERE %s > %d * %s",
		size(l.job.Target), largePart, size(l.job.Staged))
}

// statements are the SQL of a batch's merge. Only a history whose batch repeats keys has to ask first, in how many rounds.
func (l *load) statements(ctx context.Context, conn *pgx.Conn) ([]merge.Statement, error) {
	statements, err := l.mergeStatements(ctx, conn)
	statements = append(l.joins(), statements...)
	if err != nil || l.seen.Table == "" {
		return statements, err
	}
	remember, err := merge.Remember(l.job, l.seen)
	// The merge may fold or drop staged rows: the keys are taken first.
	return append(remember, statements...), err
}

func (l *load) mergeStatements(ctx context.Context, conn *pgx.Conn) ([]merge.Statement, error) {
	query, err := merge.Rounds(l.job)
	if err != nil {
		return nil, err
	}
	if query == "" {
		return merge.Load(l.job)
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
		return merge.Load(l.job)
	}
	var all []merge.Statement
	for round := 1; round <= rounds; round++ {
		job := l.job
		job.Round = round
		statements, err := merge.Load(job)
		if err != nil {
			return nil, err
		}
		all = append(all, statements...)
	}
	return all, nil
}
