package checkpoint

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"target-postgres/target/batch"
	"target-postgres/target/bisect"
	"target-postgres/target/failure"
	"target-postgres/target/foresee"
	"target-postgres/target/pgtx"
	"target-postgres/target/rejects"
	"target-postgres/target/stats"
	"target-postgres/target/tablewrite"
)

// bisection is the search for the rows of a checkpoint that the server refuses. It is one transaction: every attempt is
// a savepoint, so that rows that the server takes stay. A row is to blame, with any SQLSTATE, only if the server
// refuses it by itself. (docs/adr/0021-refused-rows.md)
type bisection struct {
	c    *Checkpoint
	conn *pgx.Conn
	// all are the rows that are looked at, order is where they stand.
	all   *tablewrite.Fraction
	order []batch.Position
	// kept are the rows that the transaction has, rejections those that it refused and on_bad_record sets aside.
	kept       []*tablewrite.Write
	rejections []rejection
	counted    rejects.Counted
	// works are the streams of which the server has taken a row.
	works map[*stats.Counters]bool
	// blamed is the column whose value was the last of a stream's to be set to NULL.
	blamed map[*stats.Counters]string
	// foresight knows of rows that the server is going to refuse.
	foresight *foresee.Foresight
	// strict checks deferred constraints after every fraction, because COMMIT failed.
	strict bool
	// failure ends the run at a row, which was at failedAt.
	failure  error
	failedAt batch.Position
	drained  []func(teller)
	// refused is what the server said to the last rows that it refused. guess is the row that was last likely to be to
	// blame, misled is set by a guess that was wrong.
	refused error
	guess   batch.Position
	misled  bool
	// scratch are the tables that the merges of kept attempts have made, which the next ones use again.
	scratch tablewrite.Scratch
	// merged counts the merges that the open transaction has.
	merged int
	// before is where the rows end that are looked at, 0 where that is at their end.
	before batch.Position
	// rewinds is true where the failure is about a row that comes before others which the transaction has.
	rewinds bool
}

// rejection is a row that is set aside, with its reason.
type rejection struct {
	load   *tablewrite.Write
	reason *failure.Error
}

// bisect commits the checkpoint without the rows that the server refuses. The error says which row ends the run, or why
// nothing could be committed. The checkpoint then keeps what is not committed: everything from that row on, or all of
// it if its rows must not be committed before their STATE.
func (c *Checkpoint) bisect(ctx context.Context, conn *pgx.Conn, cause error) error {
	defer c.Committer.ending.Search()()
	c.lockTimedOut = true
	strict := bisect.By(cause).Late
	var last *bisection // ended at a row that those after it did not let in
	for {
		s := &bisection{c: c, conn: conn, works: map[*stats.Counters]bool{}, blamed: map[*stats.Counters]string{}, strict: strict}
		if last != nil {
			s.before = last.failedAt
		}
		err := s.run(ctx, cause)
		if err == nil && s.rewinds {
			pgtx.Rollback(ctx, conn)
			last = s
			continue
		}
		if err == nil && s.failure == nil && last != nil {
			s.failure, s.failedAt = last.failure, last.failedAt
		}
		if err == nil && s.failure != nil && (c.once() || s.savedTooMuch()) {
			err = s.failure
		} else if err == nil {
			err = s.commit(ctx)
			if err == nil {
				return s.finish()
			}
		}
		pgtx.Rollback(ctx, conn)
		if refused := bisect.By(err); refused == nil || !refused.Late || strict {
			return err
		}
		strict = true
	}
}

// savedTooMuch reports whether the transaction has saved a STATE that covers the row at which the run ends. The rows
// before it are then committed by themselves, with the STATE before it.
func (s *bisection) savedTooMuch() bool {
	n := len(s.c.States)
	return s.c.saves() && n > 0 && s.c.States[n-1].Where >= s.failedAt
}

// run tries the checkpoint's rows until every one of them is in the transaction, rejected, or the end of the run.
func (s *bisection) run(ctx context.Context, cause error) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	s.all = s.c.whole()
	if s.before > 0 {
		s.all, cause = s.all.Between(0, s.before), nil
	}
	if bisect.NeedsProof(cause) {
		if err := s.probe(ctx, s.all.None()); err != nil {
			return cause
		}
	}
	s.foresight = foresee.New(s.conn, s.all)
	if s.order = s.foresight.Order; len(s.order) > 0 {
		rows := bisect.Search{Rows: s}
		s.refused = cause
		if slices.ContainsFunc(s.all.Writes(), (*tablewrite.Write).Pointable) {
			cause, rows.Guessed = nil, true // COPY knows more
		}
		if err := rows.Run(ctx, bisect.Stretches{{To: int64(len(s.order))}}, cause); err != nil {
			return err
		}
	}
	slices.SortStableFunc(s.rejections, func(a, b rejection) int { return int(a.load.Batch.RowsAt[0] - b.load.Batch.RowsAt[0]) })
	return nil
}
