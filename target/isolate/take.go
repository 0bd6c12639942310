package isolate

import (
	"context"
	"slices"

	"target-postgres/merge"
	"target-postgres/target/batch"
	"target-postgres/target/bisect"
	"target-postgres/target/fraction"
	"target-postgres/target/tablewrite"
)

// Take brings rows into the transaction, and rejects those that are known to be refused.
func (s *Search) Take(ctx context.Context, rows bisect.Stretches) error {
	left, known := s.foresight.Untried(rows)
	rejected, err := s.reject(known)
	if err != nil {
		return err
	}
	if len(left) > 0 {
		err = s.takeAll(ctx, left)
	}
	if err == nil {
		s.putAside(rejected...)
	}
	return err
}

func (s *Search) takeAll(ctx context.Context, rows bisect.Stretches) error {
	writes := s.writes(rows)
	if err := s.point(ctx, writes); err != nil {
		return err
	}
	err := s.try(ctx, writes)
	if tablewrite.NeedsNoIndex(s.Writes, err) {
		return bisect.AboutNoRow(err)
	}
	if err != nil {
		s.refused = err
		return err
	}
	s.proves(rows)
	s.keep(writes)
	return s.renew(ctx)
}

// writes are rows as the server gets them.
func (s *Search) writes(rows bisect.Stretches) []*tablewrite.Write {
	if len(rows) == 1 {
		return s.between(rows[0]).Writes()
	}
	places := make([]batch.Position, 0, rows.Count())
	for _, one := range rows {
		places = append(places, s.order[one.From:one.To]...)
	}
	return s.between(bisect.Stretch{From: rows[0].From, To: rows.Last() + 1}).Pick(places)
}

func (s *Search) between(rows bisect.Stretch) *fraction.Fraction {
	end := batch.MaxPosition
	if rows.To < int64(len(s.order)) {
		end = s.order[rows.To]
	}
	return s.all.Between(s.order[rows.From], end)
}

// StoppedAt is the row that the server named, or that COPY is likely to have refused.
func (s *Search) StoppedAt(refused error) (row int64, known bool) {
	where, known := bisect.RefusedRow(refused)
	if about := bisect.By(refused); !known && about != nil && about.Guessed {
		where, known = about.Guess, true
	}
	if !known {
		return 0, false
	}
	at, found := slices.BinarySearch(s.order, where)
	return int64(at), found
}

// MayWait leaves rows of other streams: they may be the ones that are missing.
func (s *Search) MayWait(row int64, refused error, others bisect.Stretches) (waits bool, same, rest bisect.Stretches) {
	w := s.between(bisect.Stretch{From: row, To: row + 1}).Shares[0].Write
	if !bisect.AboutOthers(refused) || !s.unordered(w) {
		return false, nil, others
	}
	for _, one := range others {
		for other := one.From; other < one.To; other++ {
			if _, found := slices.BinarySearch(w.Batch.RowsAt, s.order[other]); found {
				same = same.With(bisect.One(other))
			} else {
				rest = rest.With(bisect.One(other))
			}
		}
	}
	return true, same, rest
}

// unordered reports whether rows may be tried after those behind them. They may not if another record of their key may
// have come since.
func (s *Search) unordered(w *tablewrite.Write) bool {
	return !w.Stream.Rejects && (!w.Job.Has.Duplicates || w.Job.Mode == merge.Append) && w.Job.Mode != merge.History
}
