package foresee

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"target-postgres/target/batch"
	"target-postgres/target/bisect"
	"target-postgres/target/failure"
	"target-postgres/target/fraction"
	"target-postgres/target/stats"
	"target-postgres/target/tablewrite"
)

// Some attempts for each row that the server refuses would cost milliseconds a row. Where it refuses row after row for
// the same reason it is asked about those after them, and the rows that it names are left out of the attempts. The
// search still goes through all rows in their order, and decides about those when it comes by: so the run ends at the
// same row, if there is one too many.

// manyAlike is the number of rows that are refused for the same reason before the server is asked about the next rows.
const manyAlike = 16

// Foresight is what a search knows of the rows that it has not tried.
type Foresight struct {
	conn *pgx.Conn
	// all are the rows that are looked at, Order is where they stand.
	all   *fraction.Fraction
	Order []batch.Position
	// alike counts the rows that were refused for a reason, known are those that the server says it refuses, with what
	// it says to them.
	alike map[reason]int
	known map[int64]error
}

// New is the foresight of a search that has tried nothing.
func New(conn *pgx.Conn, all *fraction.Fraction) *Foresight {
	return &Foresight{conn: conn, all: all, Order: all.Order(), alike: map[reason]int{}, known: map[int64]error{}}
}

// reason is why the server refuses rows of a stream.
type reason struct {
	of                       *stats.Counters
	code, constraint, column string
}

// again counts rows that are refused for a reason, and reports whether it is time to ask the server.
func (f *Foresight) again(why reason) bool {
	f.alike[why] = (f.alike[why] + 1) % manyAlike
	return f.alike[why] == 0
}

// Rejected takes note of why a row is rejected. The server is asked which later rows are refused for the same reason,
// once there are many.
func (f *Foresight) Rejected(ctx context.Context, l *tablewrite.Write, cause error) error {
	said := failure.Said(cause)
	if said == nil || f.all.Rows() > len(f.Order) {
		return nil
	}
	column := bisect.ColumnOf(cause)
	if !f.again(reason{of: l.Stream.Stats, code: failure.SQLState(cause), constraint: said.ConstraintName, column: column}) {
		return nil
	}
	return f.after(l, func(s share, at int) error {
		refused, err := s.refused(ctx, f.conn, at, cause)
		for _, i := range refused {
			row, _ := slices.BinarySearch(f.Order, s.Write.Batch.RowsAt[i])
			f.known[int64(row)] = cause
		}
		return err
	})
}

// Nulled takes note of a column whose value was to blame for a row. The values of rows after it that are as bad are
// taken away before they are tried, once there are many: the search then costs no more attempts for them.
func (f *Foresight) Nulled(ctx context.Context, l *tablewrite.Write, column string, cause error) error {
	if !f.again(reason{of: l.Stream.Stats, column: column}) {
		return nil
	}
	return f.after(l, func(s share, at int) error {
		unfit, err := s.unfit(ctx, f.conn, at, column, cause)
		if len(unfit) > 0 {
			s.Write = s.Write.WithoutValuesOf(column, unfit)
			s.Spans = s.Write.Batch.Spans()
		}
		return err
	})
}

// after goes through the rows of a stream that come after the only row of a load.
func (f *Foresight) after(l *tablewrite.Write, do func(s share, at int) error) error {
	for i := range f.all.Shares {
		s := share{&f.all.Shares[i]}
		if s.Write.Stream.Stats != l.Stream.Stats {
			continue
		}
		at, _ := slices.BinarySearch(s.Write.Batch.RowsAt[:s.To], l.Batch.RowsAt[0]+1)
		if err := do(s, max(at, s.From)); err != nil {
			return err
		}
	}
	return nil
}

// Untried parts rows into those that are to be tried and those that are known to be refused.
func (f *Foresight) Untried(rows bisect.Stretches) (left bisect.Stretches, known []int64) {
	if len(f.known) == 0 {
		return rows, nil
	}
	for _, one := range rows {
		for row := one.From; row < one.To; row++ {
			if f.known[row] == nil {
				left = left.With(bisect.One(row))
			} else {
				known = append(known, row)
			}
		}
	}
	return left, known
}

// Said is what the server says to a row that is known to be refused.
func (f *Foresight) Said(row int64) error { return f.known[row] }
