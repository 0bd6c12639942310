package target

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
	"target-postgres/typemap"
)

// swap lets readers see the rows that a replace or a refresh gathered, and those only.
func (t *Target) swap(s *stream) error {
	job := s.swapJob()
	swap, err := merge.Swap(job)
	if err != nil {
		return &failure.Error{Kind: failure.KindSystem, Stream: s.name, Reason: "replace", Err: err}
	}
	before, err := s.beforeSwap(job)
	if err != nil {
		return &failure.Error{Kind: failure.KindSystem, Stream: s.name, Reason: "replace", Err: err}
	}
	statements := append(append(before, swap...), drop(s.into))
	doing := "replace the rows of " + pgtx.Qualified(s.schemaName, s.tableName)
	err = t.removeBy(s, doing, s.into, func(ctx context.Context, conn *pgx.Conn) (changes, error) {
		if s.exchanges {
			if done, exchanged, err := t.exchange(ctx, conn, s); err != nil || exchanged {
				return done, err
			}
		}
		return carryOut(ctx, conn, statements)
	})
	if err == nil || s.lines == "" || !aboutRows(failure.SQLState(err)) || t.pipeline.Failure() != nil {
		return err
	}
	return t.swapRows(s, job, doing, err)
}

// swapJob describes the swap.
func (s *stream) swapJob() merge.Job {
	job := s.job()
	job.Target = merge.Name{Schema: s.schemaName, Table: s.tableName}
	job.Staged, job.Repeats = s.into, s.ownRepeats
	s.placeOf(&job)
	job.Columns = append(withoutLines(job.Columns, s.lines), s.staged...)
	s.identify(&job)
	return job
}

// beforeSwap are the statements that take out of the gathered rows what is not to come into the table.
func (s *stream) beforeSwap(job merge.Job) ([]merge.Statement, error) {
	statements := s.marked()
	if !s.config.IgnoresMissing(s.mode) {
		return statements, nil
	}
	missing, err := merge.LeaveOutMissing(job)
	return append(statements, missing...), err
}

// marked are the statements that take the rows away which the source says were deleted.
func (s *stream) marked() []merge.Statement {
	if !s.keepsTombstones() || !s.config.HardDelete || len(s.marks) == 0 || !s.keyed() {
		return nil
	}
	return []merge.Statement{{SQL: fmt.Sprintf("DELETE FROM %s WHERE %s IS NOT NULL", s.into.SQL(), typemap.Quote(s.marks[0]))}}
}

// swapRows is swap where the server refuses some of the rows: it looks for them.
func (t *Target) swapRows(s *stream, job merge.Job, doing string, cause error) error {
	search := &gathered{committer: t.committer, s: s.seenBy(), fields: s.layout.columns, from: s.into, lines: s.lines, by: s.lines, columns: job.Columns, cause: cause, doing: doing}
	search.bring = func(part merge.Name) ([]merge.Statement, error) { return bringPart(job, part) }
	search.begin = func() ([]merge.Statement, error) {
		before, err := s.beforeSwap(job)
		if err != nil {
			return nil, err
		}
		empty, err := merge.Empty(job)
		return append(before, empty...), err
	}
	search.end = func(ctx context.Context) error { return search.emptyAgain(ctx, job) }
	return search.removeBy(t, s)
}

// bringPart are the statements that bring some of the gathered rows into a table that has been emptied.
func bringPart(job merge.Job, part merge.Name) ([]merge.Statement, error) {
	job.Mode, job.Staged, job.Has = merge.Append, part, merge.Has{Unnumbered: true}
	if job.Referenced && len(job.Key) > 0 {
		job.Mode = merge.Upsert // rows whose key returns have stayed
	}
	job.IgnoreConflicts, job.IgnoreMissing, job.Fill = false, false, ""
	job.Unique, job.HardDelete, job.Order, job.Tombstones, job.Present, job.Gone = false, false, nil, merge.Name{}, "", ""
	return merge.Load(job)
}

// emptyAgain takes away what is left of the rows that are rejected, where that is allowed.
func (g *gathered) emptyAgain(ctx context.Context, job merge.Job) error {
	if len(g.rejections) == 0 || !job.Referenced || len(job.Key) == 0 {
		return nil
	}
	job.Staged = g.rows
	again, err := merge.Empty(job)
	if err != nil {
		return err
	}
	err = g.within(ctx, func() error {
		done, err := carryOut(ctx, g.conn, again)
		g.done.deleted += done.deleted
		return err
	})
	if refusedBy(err) == nil {
		return err
	}
	return nil
}
