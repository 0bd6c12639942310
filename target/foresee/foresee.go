package foresee

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"target-postgres/target/batch"
	"target-postgres/target/bisect"
	"target-postgres/target/failure"
	"target-postgres/target/fraction"
	"target-postgres/target/tablewrite"
)

// Some attempts for each row that the server refuses would cost milliseconds a row. Where it refuses row after row for
// the same reason it is asked about those after them, and the rows that it names are left out of the attempts. The
// search still goes through all rows in their order, and decides about those when it comes by: so the run ends at the
// same row, if there is one too many.

// manyAlike is the number of rows that are refused for the same reason before the server is asked about the next rows.
const manyAlike = 16

// Foresight is what a search knows of the rows of a checkpoint that it has not tried.
type Foresight struct {
	memory
	conn *pgx.Conn
	// all are the rows that are looked at, Order is where they stand.
	all   *fraction.Fraction
	Order []batch.Position
	// asRead are the same rows with all their values. nulled are the places of the rows from which a value was taken
	// away before they were tried, unnamed those where the server had not named its column.
	asRead          *fraction.Fraction
	nulled, unnamed map[batch.Position]bool
}

// New is the foresight of a search that has tried nothing.
func New(conn *pgx.Conn, all *fraction.Fraction) *Foresight {
	return &Foresight{
		memory: newMemory(), conn: conn, all: all, Order: all.Order(), asRead: &fraction.Fraction{Shares: slices.Clone(all.Shares)},
		nulled: map[batch.Position]bool{}, unnamed: map[batch.Position]bool{},
	}
}

// Rejected takes note of why a row is rejected. The server is asked which later rows are refused for the same reason,
// once there are many.
func (f *Foresight) Rejected(ctx context.Context, w *tablewrite.Write, cause error) error {
	said := failure.Said(cause)
	if said == nil || f.all.Rows() > len(f.Order) {
		return nil
	}
	if !f.again(reasonOf(w.Stream.Stats, said, cause)) {
		return nil
	}
	return f.after(w, func(s share, at int) error {
		refused, err := s.refused(ctx, f.conn, at, cause)
		rows := make([]int64, len(refused))
		for n, i := range refused {
			row, _ := slices.BinarySearch(f.Order, s.Write.Batch.RowsAt[i])
			rows[n] = int64(row)
		}
		f.learn(rows, cause)
		return err
	})
}

// Nulled takes note of a column whose value was to blame for a row. The values of rows after it that are as bad are
// taken away before they are tried, once there are many: the search then costs no more attempts for them. At most one
// column of a row is to blame that the server does not name. A row that lacks such a value already is left to be tried.
func (f *Foresight) Nulled(ctx context.Context, w *tablewrite.Write, column string, cause error) error {
	if !f.again(reason{of: w.Stream.Stats, column: column}) {
		return nil
	}
	return f.after(w, func(s share, at int) error {
		unfit, err := s.unfit(ctx, f.conn, at, column, cause)
		unfit = f.mayLack(s, unfit, bisect.ColumnOf(cause) == column)
		if len(unfit) > 0 {
			s.Write = s.Write.WithoutValuesOf(column, unfit)
			s.Spans = s.Write.Batch.Spans()
		}
		return err
	})
}

// mayLack are those of some rows from which one more value may be taken away.
func (f *Foresight) mayLack(s share, rows []int, named bool) []int {
	rows = slices.DeleteFunc(rows, func(i int) bool { return !named && f.unnamed[s.Write.Batch.RowsAt[i]] })
	for _, i := range rows {
		at := s.Write.Batch.RowsAt[i]
		f.nulled[at] = true
		f.unnamed[at] = f.unnamed[at] || !named
	}
	return rows
}

// AsRead is a row from which values were taken away before it was tried, with all of them. It reports whether there are
// any.
func (f *Foresight) AsRead(row int64) (whole *fraction.Fraction, lacks bool) {
	at := f.Order[row]
	if !f.nulled[at] {
		return nil, false
	}
	return f.asRead.Between(at, at+1), true
}

// after goes through the rows of a stream that come after the only row of a write.
func (f *Foresight) after(w *tablewrite.Write, do func(s share, at int) error) error {
	for i := range f.all.Shares {
		s := share{&f.all.Shares[i]}
		if s.Write.Stream.Stats != w.Stream.Stats {
			continue
		}
		at, _ := slices.BinarySearch(s.Write.Batch.RowsAt[:s.To], w.Batch.RowsAt[0]+1)
		if err := do(s, max(at, s.From)); err != nil {
			return err
		}
	}
	return nil
}
