package staging

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/bisect"
	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
	"target-postgres/target/staged"
	"target-postgres/target/stats"
	"target-postgres/target/stream"
	"target-postgres/target/tablewrite"
	"target-postgres/typemap"
)

// swap lets readers see the rows of a staging table, and those only.
func (g *Stager) swap(s *stream.Stream) error {
	job := swapJobOf(s)
	swap, err := merge.Swap(job)
	if err != nil {
		return &failure.Error{Blame: failure.Program, Stream: s.Name, Reason: "replace", Err: err}
	}
	before, err := beforeSwap(s, job)
	if err != nil {
		return &failure.Error{Blame: failure.Program, Stream: s.Name, Reason: "replace", Err: err}
	}
	swap = append(swap, dropStaging(s)...)
	doing := "replace the rows of " + pgtx.Qualified(s.SchemaName, s.TableName)
	err = g.removeBy(s, doing, s.Into, func(ctx context.Context, conn *pgx.Conn) (stats.Changes, error) {
		if s.Exchanges {
			done, exchanged, err := g.exchange(ctx, conn, s)
			if err == nil && exchanged {
				_, err = tablewrite.CarryOut(ctx, conn, dropSuperseded(s))
			}
			if err != nil || exchanged {
				return done, err
			}
		}
		return g.fillIn(ctx, conn, s, job, before, swap)
	})
	if err == nil || s.Lines == "" || !failure.OfRows(err) || g.Pipeline.Failure() != nil {
		return err
	}
	return g.swapRows(s, job, doing, err)
}

// fillIn brings the staged rows into the table. Rows that must not come into it are taken out first: they bring no
// slice.
func (g *Stager) fillIn(ctx context.Context, conn *pgx.Conn, s *stream.Stream, job merge.Job, before, swap []merge.Statement) (stats.Changes, error) {
	out, err := tablewrite.CarryOut(ctx, conn, before)
	if err != nil {
		return out, err
	}
	vanished, err := g.emptyCovered(ctx, conn, s, job)
	if err != nil {
		return out, err
	}
	done, err := tablewrite.CarryOut(ctx, conn, swap)
	done.Ignored += out.Ignored
	done.Deleted += vanished
	return done, err
}

// swapJobOf describes the swap.
func swapJobOf(s *stream.Stream) merge.Job {
	job := s.Job()
	job.Target = merge.Name{Schema: s.SchemaName, Table: s.TableName}
	job.Staged, job.Repeats = s.Into, s.OwnRepeats
	s.PlaceOf(&job)
	job.Columns = append(stream.WithoutLines(job.Columns, s.Lines), s.Staged...)
	s.Identify(&job)
	return job
}

// beforeSwap are the statements that take out of the staged rows what is not to come into the table.
func beforeSwap(s *stream.Stream, job merge.Job) ([]merge.Statement, error) {
	statements := markedOf(s)
	if !s.Config.IgnoresMissing(s.Mode) {
		return statements, nil
	}
	missing, err := merge.LeaveOutMissing(job)
	return append(statements, missing...), err
}

// markedOf are the statements that take the rows away which the source says were deleted.
func markedOf(s *stream.Stream) []merge.Statement {
	mark := hardMark(s)
	if mark == "" {
		return nil
	}
	return []merge.Statement{{SQL: fmt.Sprintf("DELETE FROM %s WHERE %s IS NOT NULL", s.Into.SQL(), typemap.Quote(mark))}}
}

// hardMark is the column by which the source says that a row of the staging table was deleted, "" where such rows stay.
func hardMark(s *stream.Stream) string {
	if !s.KeepsTombstones() || !s.Config.HardDelete || len(s.Marks) == 0 || !s.Keyed() {
		return ""
	}
	return s.Marks[0]
}

// swapRows is swap where the server refuses some of the rows: it looks for them.
func (g *Stager) swapRows(s *stream.Stream, job merge.Job, doing string, cause error) error {
	search := &staged.Search{MayReject: g.Committer.Rejects.May, Ending: g.Ending, S: s.Current(), Fields: s.Layout.Columns, From: s.Into, Lines: s.Lines, By: s.Lines, Columns: job.Columns, Cause: cause, Doing: doing}
	search.Bring = func(part merge.Name) ([]merge.Statement, error) { return bringPart(job, part) }
	if !g.Config.LogServerMessages { // the server would say nothing to the rows that are left out
		part := partOf(job)
		search.Job = &part
	}
	search.Superseded, search.Order, search.Drop = s.Superseded, s.OrderedBy(), dropSuperseded(s)
	search.Replay = func(part merge.Name, patched bool) ([]merge.Statement, error) { return replay(s, job, part, patched) }
	search.Begin = func() ([]merge.Statement, error) {
		before, err := beforeSwap(s, job)
		if err != nil {
			return nil, err
		}
		empty, err := merge.Empty(job)
		return append(before, empty...), err
	}
	search.End = func(ctx context.Context) error { return emptyAgain(ctx, search, job) }
	return g.bringIn(search, s)
}

// bringPart are the statements that bring some of the staged rows into a table that has been emptied.
func bringPart(job merge.Job, part merge.Name) ([]merge.Statement, error) {
	job = partOf(job)
	job.Staged = part
	return merge.Load(job)
}

// partOf describes how some of the staged rows come into a table that has been emptied.
func partOf(job merge.Job) merge.Job {
	job.Mode, job.Has = merge.Append, merge.Has{Unnumbered: true}
	if keepsRows(job) {
		job.Mode = merge.Upsert // rows whose key returns have stayed
	}
	job.IgnoreConflicts, job.IgnoreMissing, job.Fill = false, false, ""
	job.Unique, job.HardDelete, job.Order, job.Tombstones, job.Present, job.Gone = false, false, nil, merge.Name{}, "", ""
	return job
}

// emptyAgain takes away what is left of the rows that are rejected, where that is allowed.
func emptyAgain(ctx context.Context, g *staged.Search, job merge.Job) error {
	if len(g.Rejections) == 0 || !keepsRows(job) {
		return nil
	}
	job.Staged = g.Rows
	again, err := merge.Empty(job)
	if err != nil {
		return err
	}
	err = g.Within(ctx, func() error {
		done, err := tablewrite.CarryOut(ctx, g.Conn, again)
		g.Done.Deleted += done.Deleted
		return err
	})
	if bisect.By(err) == nil {
		return err
	}
	return nil
}
