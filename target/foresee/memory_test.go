package foresee

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"target-postgres/target/bisect"
)

func TestKnownRowsAreLeftOutOfThoseThatAreTried(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(16, 5))
	for range 500 {
		m, no := newMemory(), errors.New("no")
		for range random.IntN(4) {
			var some []int64
			for range random.IntN(6) {
				some = append(some, random.Int64N(30))
			}
			m.learn(some, no)
		}
		var rows, want bisect.Stretches
		var known []int64
		for row := range int64(30) {
			if random.IntN(4) == 0 {
				continue
			}
			rows = rows.With(bisect.One(row))
			if m.Said(row) != nil {
				known = append(known, row)
			} else {
				want = want.With(bisect.One(row))
			}
		}
		left, found := m.Untried(rows)
		if diff := cmp.Diff(want, left) + cmp.Diff(known, found); diff != "" {
			t.Fatalf("%v without %v (-want +got):\n%s", rows, m.numbers, diff)
		}
	}
}
