package target

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"target-postgres/target/batch"
	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
)

// sifting is the search for the rows of a checkpoint that the server refuses. It is one transaction: every attempt is a
// savepoint, so that a fraction that the server takes stays and one that it refuses is divided. Whatever the SQLSTATE, a row is
// to blame only if the server refuses it by itself. (docs/adr/0021-refused-rows.md)
type sifting struct {
	c    *checkpoint
	conn *pgx.Conn
	// open are the fractions that are still to be tried, the first of the input last.
	open []*fraction
	// kept are the rows that the transaction has, rejections those that it refused and on_bad_record sets aside.
	kept       []*load
	rejections []rejection
	// works are the streams of which the server has taken a row.
	works map[*stream]bool
	// strict checks deferred constraints after every fraction, because COMMIT failed.
	strict bool
	// failure ends the run at a row, which was at failedAt.
	failure  error
	failedAt batch.Position
	drained  []func()
	// merged counts the merges that the open transaction has.
	merged int
	// postponed are the rows that another one may let in that comes later.
	postponed []postponement
	// before is where the rows end that are looked at, 0 where that is at their end.
	before batch.Position
	// rewinds is true where the failure is about a row that comes before others which the transaction has.
	rewinds bool
}

// rejection is a row that is set aside, with its reason.
type rejection struct {
	load   *load
	reason *failure.Error
}

// sift commits the checkpoint without the rows that the server refuses. The error says which row ends the run, or why nothing
// could be committed. What is left of the checkpoint is then what is not committed: everything from that row on, or all of it if
// its rows must not be committed before their STATE.
func (c *checkpoint) sift(ctx context.Context, conn *pgx.Conn, cause error) error {
	c.patient = true
	strict := refusedBy(cause).late
	var last *sifting // ended at a row that those after it did not let in
	for {
		s := &sifting{c: c, conn: conn, works: map[*stream]bool{}, strict: strict}
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
				return s.settle()
			}
		}
		pgtx.Rollback(ctx, conn)
		if refused := refusedBy(err); refused == nil || !refused.late || strict {
			return err
		}
		strict = true
	}
}

// savedTooMuch reports whether the transaction has saved a STATE that covers the row at which the run ends. What comes before
// that row is then committed by itself, with the STATE before it.
func (s *sifting) savedTooMuch() bool {
	n := len(s.c.states)
	return s.c.saves() && n > 0 && s.c.states[n-1].where >= s.failedAt
}

// run tries the checkpoint's rows until every one of them is in the transaction, rejected, or the end of the run.
func (s *sifting) run(ctx context.Context, cause error) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	all := s.c.whole()
	if s.before > 0 {
		all = all.between(0, s.before)
	}
	if needsProof(cause) {
		if err := s.probe(ctx, all.none()); err != nil {
			return cause
		}
	}
	s.open = []*fraction{all}
	if all.rows() == 0 {
		s.open = nil
	}
	if s.before == 0 {
		all.refused = cause
	}
	for len(s.open) > 0 && s.failure == nil {
		last := len(s.open) - 1
		f := s.open[last]
		s.open = s.open[:last]
		if err := s.take(ctx, f); err != nil {
			return err
		}
		if err := s.renew(ctx); err != nil {
			return err
		}
	}
	return s.tryAgain(ctx)
}

// take brings a fraction into the transaction, divides it, or decides about its only row.
func (s *sifting) take(ctx context.Context, f *fraction) error {
	err := f.refused
	if err == nil || f.rows() == 1 {
		loads := f.loads()
		if err = s.try(ctx, loads); err == nil {
			s.keep(loads)
			if f.next != nil {
				// The two halves were refused together, so that the other one can be divided without trying it.
				f.next.refused = f.together
			}
			return nil
		}
	}
	switch {
	case refusedBy(err) == nil, s.c.needsNoIndex(err):
		return err
	case f.rows() == 1:
		if postponed, againErr := s.postpone(ctx, f, err); postponed {
			return againErr
		}
		return s.decide(ctx, f, err)
	}
	parts := f.split(err)
	slices.Reverse(parts)
	s.open = append(s.open, parts...)
	return nil
}
