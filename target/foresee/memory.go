package foresee

import (
	"slices"

	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/target/bisect"
	"target-postgres/target/failure"
	"target-postgres/target/stats"
)

// memory is what a search was told of the rows that it has not tried.
type memory struct {
	// alike counts the rows that were refused for a reason, known are those that the server says it refuses, with what
	// it says to them, numbers the same in their order.
	alike   map[reason]int
	known   map[int64]error
	numbers []int64
}

func newMemory() memory { return memory{alike: map[reason]int{}, known: map[int64]error{}} }

// reason is why the server refuses rows of a stream.
type reason struct {
	of                       *stats.Counters
	code, constraint, column string
}

func reasonOf(of *stats.Counters, said *pgconn.PgError, cause error) reason {
	return reason{of: of, code: failure.SQLState(cause), constraint: said.ConstraintName, column: bisect.ColumnOf(cause)}
}

// again counts rows that are refused for a reason, and reports whether it is time to ask the server.
func (m *memory) again(why reason) bool {
	m.alike[why] = (m.alike[why] + 1) % manyAlike
	return m.alike[why] == 0
}

// learn takes note of rows that the server refuses.
func (m *memory) learn(rows []int64, cause error) {
	for _, row := range rows {
		if m.known[row] == nil {
			m.numbers = append(m.numbers, row)
		}
		m.known[row] = cause
	}
	slices.Sort(m.numbers)
}

// Untried parts rows into those that are to be tried and those that are known to be refused.
func (m *memory) Untried(rows bisect.Stretches) (left bisect.Stretches, known []int64) {
	for _, one := range rows {
		first, _ := slices.BinarySearch(m.numbers, one.From)
		for _, row := range m.numbers[first:] {
			if row >= one.To {
				break
			}
			known = append(known, row)
			if one.From < row {
				left = left.With(bisect.Stretches{{From: one.From, To: row}})
			}
			one.From = row + 1
		}
		if one.From < one.To {
			left = left.With(bisect.Stretches{one})
		}
	}
	return left, known
}

// Said is what the server says to a row that is known to be refused.
func (m *memory) Said(row int64) error { return m.known[row] }
