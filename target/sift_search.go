package target

import (
	"context"
	"slices"

	"github.com/jackc/pgerrcode"

	"target-postgres/merge"
	"target-postgres/target/batch"
	"target-postgres/target/failure"
)

// take brings rows into the transaction.
func (s *sifting) take(ctx context.Context, rows stretches) error {
	loads := s.loads(rows)
	err := s.try(ctx, loads)
	if s.c.needsNoIndex(err) {
		return aboutNoRow(err)
	}
	if err != nil {
		return err
	}
	s.keep(loads)
	return s.renew(ctx)
}

// loads are rows as the server gets them.
func (s *sifting) loads(rows stretches) []*load {
	if len(rows) == 1 {
		return s.between(rows[0]).loads()
	}
	places := make([]batch.Position, 0, rows.rows())
	for _, one := range rows {
		places = append(places, s.order[one.from:one.to]...)
	}
	return s.between(stretch{rows[0].from, rows.last() + 1}).pick(places)
}

func (s *sifting) between(rows stretch) *fraction {
	end := batch.MaxPosition
	if rows.to < int64(len(s.order)) {
		end = s.order[rows.to]
	}
	return s.all.between(s.order[rows.from], end)
}

func (s *sifting) stoppedAt(refused error) (row int64, known bool) {
	where, known := refusedRow(refused)
	if !known {
		return 0, false
	}
	at, found := slices.BinarySearch(s.order, where)
	return int64(at), found
}

// A row may be refused only because another one is not there yet: its parent, or the row that gives up a unique value. Together
// with the others the server would take it. Such a row is tried again after the others, before it is to blame.

// aboutOthers reports whether other rows decide if a row is refused: by a foreign key, or a value that only one row may have.
func aboutOthers(err error) bool {
	return slices.Contains([]string{pgerrcode.ForeignKeyViolation, pgerrcode.UniqueViolation, pgerrcode.ExclusionViolation}, failure.SQLState(err))
}

// mayWait leaves rows of other streams: they may be the ones that are missing.
func (s *sifting) mayWait(row int64, refused error, others stretches) (waits bool, same, rest stretches) {
	l := s.between(stretch{row, row + 1}).shares[0].load
	if !aboutOthers(refused) || !s.unordered(l) {
		return false, nil, others
	}
	for _, one := range others {
		for other := one.from; other < one.to; other++ {
			if _, found := slices.BinarySearch(l.batch.RowsAt, s.order[other]); found {
				same = same.with(stretches{{other, other + 1}})
			} else {
				rest = rest.with(stretches{{other, other + 1}})
			}
		}
	}
	return true, same, rest
}

// unordered reports whether rows may be tried after those behind them. They may not if another record of their key may have come since.
func (s *sifting) unordered(l *load) bool {
	return !l.stream.rejects && (!l.job.Has.Duplicates || l.job.Mode == merge.Append) && l.job.Mode != merge.History
}
