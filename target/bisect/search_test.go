package bisect

import (
	"context"
	"errors"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"target-postgres/target/batch"
	"target-postgres/target/failure"
)

// pretended are rows of which a server refuses some. It counts what is asked of it.
type pretended struct {
	// bad are the rows that are never taken, needs the row that another one has to come with or after.
	bad   map[int64]bool
	needs map[int64]int64
	// named is true where the server says at which row it stopped, ends where the first bad row ends the search.
	named, ends bool

	taken         map[int64]bool
	decided       []int64
	tries, passed int64
	// lostAt is the try at which the connection is lost, 0 if it never is.
	lostAt int64
}

func (p *pretended) Take(_ context.Context, rows Stretches) error {
	p.tries++
	p.passed += rows.Count()
	if p.tries == p.lostAt {
		return errLost
	}
	var refused []int64
	with := map[int64]bool{}
	for _, one := range rows {
		for row := one.From; row < one.To; row++ {
			with[row] = true
		}
	}
	for row := range with {
		if needed, needs := p.needs[row]; p.bad[row] || needs && !p.taken[needed] && !with[needed] {
			refused = append(refused, row)
		}
	}
	if len(refused) > 0 {
		return &failure.Error{Blame: failure.Row, Err: &RefusedError{Where: batch.PositionOf(slices.Min(refused), 0), Known: p.named, Err: errors.New("no")}}
	}
	for row := range with {
		p.taken[row] = true
	}
	return nil
}

func (p *pretended) StoppedAt(refused error) (row int64, known bool) {
	where, known := RefusedRow(refused)
	return where.Line(), known
}

func (p *pretended) MayWait(row int64, _ error, others Stretches) (waits bool, same, rest Stretches) {
	if _, waits = p.needs[row]; !waits {
		return false, nil, others
	}
	return true, others, nil
}

func (p *pretended) Decide(_ context.Context, row int64, _ error, _ bool) (over bool, err error) {
	p.decided = append(p.decided, row)
	return p.ends, nil
}

func (p *pretended) search(t *testing.T, rows int64) {
	t.Helper()
	p.taken = map[int64]bool{}
	s := Search{Rows: p}
	if err := s.Run(t.Context(), Stretches{{0, rows}}, nil); err != nil {
		t.Fatal(err)
	}
	slices.Sort(p.decided)
}

// TestScatteredBadRowsCostAFewPassesOverTheRows holds the bound of the search: some passes over all rows, however many
// are bad, and some small tries for each bad row.
func TestScatteredBadRowsCostAFewPassesOverTheRows(t *testing.T) {
	t.Parallel()
	const rows = 100_000
	for _, n := range []int{1, 10, 100, 1000} {
		for _, named := range []bool{false, true} {
			random := rand.New(rand.NewPCG(uint64(n), 16))
			p := &pretended{bad: map[int64]bool{}, named: named}
			for len(p.bad) < n {
				p.bad[random.Int64N(rows)] = true
			}
			p.search(t, rows)
			if len(p.decided) != n || len(p.taken) != rows-n {
				t.Errorf("%d bad rows: %d were refused and %d taken", n, len(p.decided), len(p.taken))
			}
			if p.passed > 5*rows {
				t.Errorf("%d bad rows, named %t: %d rows were sent, which is %.1f times all", n, named, p.passed, float64(p.passed)/rows)
			}
			if most := int64(n*2*bits.Len(uint(rows/n)) + 20); p.tries > most {
				t.Errorf("%d bad rows, named %t: %d tries, want at most %d", n, named, p.tries, most)
			}
		}
	}
}

func TestBadRowsInARowCostOneTryEach(t *testing.T) {
	t.Parallel()
	p := &pretended{bad: map[int64]bool{}}
	for row := int64(5000); row < 6000; row++ {
		p.bad[row] = true
	}
	p.search(t, 10_000)
	if len(p.decided) != 1000 || p.tries > 1100 {
		t.Errorf("%d rows were refused in %d tries", len(p.decided), p.tries)
	}
}

// TestRowsThatComeBeforeTheOneTheyNeedAreNotTriedOneByOne has many children before their parents, and a bad row that
// has the batch divided.
func TestRowsThatComeBeforeTheOneTheyNeedAreNotTriedOneByOne(t *testing.T) {
	t.Parallel()
	const rows = 20_000
	p := &pretended{bad: map[int64]bool{rows - 1: true}, needs: map[int64]int64{}}
	for row := range int64(rows/2 - 1) {
		p.needs[row] = rows/2 + row
	}
	p.search(t, rows)
	if diff := cmp.Diff([]int64{rows - 1}, p.decided); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
	if p.tries > 200 || p.passed > 5*rows {
		t.Errorf("%d tries of %d rows", p.tries, p.passed)
	}
}

// TestRowsThatNeedEachOtherAreTaken has chains, and pairs that only come together. Some need a row that is bad.
func TestRowsThatNeedEachOtherAreTaken(t *testing.T) {
	t.Parallel()
	p := &pretended{bad: map[int64]bool{50: true}, needs: map[int64]int64{49: 50, 48: 49, 10: 11, 11: 10, 200: 7}}
	for row := int64(60); row < 90; row++ {
		p.needs[row] = row + 1
	}
	p.search(t, 100)
	if diff := cmp.Diff([]int64{48, 49, 50}, p.decided); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
}

// TestNothingAfterTheRowThatEndsTheSearchIsTaken has rows wait on both sides of it.
func TestNothingAfterTheRowThatEndsTheSearchIsTaken(t *testing.T) {
	t.Parallel()
	p := &pretended{bad: map[int64]bool{40: true}, needs: map[int64]int64{10: 20, 50: 60}, ends: true}
	p.search(t, 100)
	if diff := cmp.Diff([]int64{40}, p.decided); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
	for row := range int64(100) {
		if p.taken[row] != (row < 40) {
			t.Errorf("row %d: taken %t", row, p.taken[row])
		}
	}
}

// TestAnErrorThatIsAboutNoRowEndsTheSearchAtOnce has a server that goes away.
func TestAnErrorThatIsAboutNoRowEndsTheSearchAtOnce(t *testing.T) {
	t.Parallel()
	for at := range int64(12) {
		p := &pretended{bad: map[int64]bool{3: true, 40: true}, taken: map[int64]bool{}, lostAt: at + 1}
		s := Search{Rows: p}
		if err := s.Run(t.Context(), Stretches{{0, 100}}, nil); !errors.Is(err, errLost) || p.tries != at+1 {
			t.Errorf("the connection was lost at try %d: %d tries, %v", at+1, p.tries, err)
		}
	}
}

var errLost = errors.New("the connection is lost")
