package target

import (
	"context"
	"slices"

	"target-postgres/merge"
	"target-postgres/target/failure"
)

// A row may be refused only because another one is not there yet: its parent, or the row that gives up a unique value. Together
// with the others the server would take it. Such a row is tried again after the others, before it is to blame.

// postponement is a row that is tried again, and why it was refused.
type postponement struct {
	f   *fraction
	err error
}

// mostPostponed is after how many rows the ones that were postponed are tried again.
const mostPostponed = 1000

// aboutOthers reports whether other rows decide if a row is refused: by a foreign key, or a value that only one row may have.
func aboutOthers(err error) bool {
	return slices.Contains([]string{foreignKeyViolation, "23505", "23P01"}, failure.SQLState(err))
}

const foreignKeyViolation = "23503"

// postpone reports whether a row is to be tried again. One is not if another record of its key may have come since.
func (s *sifting) postpone(ctx context.Context, f *fraction, err error) (bool, error) {
	l := f.shares[0].load
	if !aboutOthers(err) || l.stream == s.c.t.rejects || (l.job.Has.Duplicates && l.job.Mode != merge.Append) || l.job.Mode == merge.History {
		return false, nil
	}
	s.postponed = append(s.postponed, postponement{f, err})
	if len(s.postponed) < mostPostponed {
		return true, nil
	}
	return true, s.tryAgain(ctx)
}

// tryAgain brings in the postponed rows that the server takes by now, and decides about the others.
func (s *sifting) tryAgain(ctx context.Context) error {
	left := s.postponed
	s.postponed = nil
	for again := true; again && len(left) > 0; {
		again = false
		var refused []postponement
		for _, p := range left {
			loads := p.f.loads()
			err := s.try(ctx, loads)
			switch {
			case err == nil:
				s.keep(loads)
				again = true
			case refusedBy(err) == nil:
				return err
			default:
				refused = append(refused, postponement{p.f, err})
			}
		}
		left = refused
	}
	first, firstAt := s.failure, s.failedAt
	for _, p := range left {
		if first != nil && p.f.loads()[0].batch.RowsAt[0] > firstAt {
			continue
		}
		s.failure = nil
		err := s.decide(ctx, p.f, p.err)
		if s.rewinds = s.failure != nil; err != nil || s.rewinds {
			return err
		}
	}
	s.failure, s.failedAt = first, firstAt
	slices.SortStableFunc(s.rejections, func(a, b rejection) int { return int(a.load.batch.RowsAt[0] - b.load.batch.RowsAt[0]) })
	return nil
}
