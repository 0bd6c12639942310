package checkpoint

import (
	"context"
	"slices"

	"target-postgres/target/bisect"
	"target-postgres/target/stats"
	"target-postgres/target/tablewrite"
)

// withoutValue tries a refused row of Airbyte's without the value that is to blame, which is noted in _airbyte_meta:
// there a row is not lost for one of its values. It reports whether the row is in the transaction. A key is never taken
// away, for that would make it another row's.
func (s *bisection) withoutValue(ctx context.Context, l *tablewrite.Write, err error) (taken bool, _ error) {
	if !l.Stream.Airbyte {
		return false, nil
	}
	for named := bisect.ColumnOf(err); named != ""; named = bisect.ColumnOf(err) {
		without := l.WithoutValues([]string{named}, s.c.Committer.pool)
		if without == nil {
			break
		}
		cause := err
		if err = s.try(ctx, []*tablewrite.Write{without}); err == nil {
			s.keep([]*tablewrite.Write{without})
			return true, s.suspect(ctx, l, named, cause)
		} else if bisect.By(err) == nil {
			return false, err
		}
		l = without
	}
	if l.WithoutValues(nil, s.c.Committer.pool) == nil {
		return false, nil // there is nowhere to say so
	}
	cause := err
	blamed, err := bisect.WithoutOne(l.Values(), s.blamed[l.Stream.Stats], func(columns []string) error {
		without := []*tablewrite.Write{l.WithoutValues(columns, s.c.Committer.pool)}
		if len(columns) > 1 {
			return s.attempt(ctx, without, false)
		}
		err := s.try(ctx, without)
		if err == nil {
			s.keep(without)
		}
		return err
	})
	if blamed == "" || err != nil {
		return false, err
	}
	s.blamed[l.Stream.Stats] = blamed
	return true, s.suspect(ctx, l, blamed, cause)
}

// manyAlike is the number of rows for which a column's values were to blame, before the server is asked about those of
// the next rows together.
const manyAlike = 16

// suspicion is a column of a stream.
type suspicion struct {
	of     *stats.Counters
	column string
}

// suspect takes note of a column whose value was to blame for a row. The values of rows after it that are as bad are
// taken away before they are tried, once there are many: the search then costs no more attempts for them.
func (s *bisection) suspect(ctx context.Context, l *tablewrite.Write, column string, cause error) error {
	of := suspicion{l.Stream.Stats, column}
	if s.alike[of]++; s.alike[of] < manyAlike {
		return nil
	}
	s.alike[of] = 0
	for i := range s.all.Shares {
		share := &s.all.Shares[i]
		if share.Load.Stream.Stats != l.Stream.Stats {
			continue
		}
		at, _ := slices.BinarySearch(share.Load.Batch.RowsAt[:share.To], l.Batch.RowsAt[0]+1)
		unfit, err := share.UnfitFrom(ctx, s.conn, at, column, cause)
		if err != nil {
			return err
		}
		if len(unfit) > 0 {
			share.Load = share.Load.WithoutValuesOf(column, unfit)
			share.Spans = share.Load.Batch.Spans()
		}
	}
	return nil
}
