package batch

import (
	"math/rand/v2"
	"testing"
)

func TestAKeySetKnowsWhatAMapKnows(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		hash func(*rand.Rand) uint64
	}{
		{"any hashes", (*rand.Rand).Uint64},
		{"few hashes, zero among them", func(r *rand.Rand) uint64 { return r.Uint64N(2000) }},
		{"hashes that share a slot", func(r *rand.Rand) uint64 { return r.Uint64N(3000) << 20 }},
		{"hashes of the last slots", func(r *rand.Rand) uint64 { return ^r.Uint64N(3000) }},
	}
	for i, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(uint64(i), 1))
			var set keySet
			for round := range 3 {
				seen := map[uint64]bool{}
				for n := range 5000 {
					hash := test.hash(random)
					if got := set.add([]uint64{hash}); got != seen[hash] {
						t.Fatalf("round %d: hash %d of %x was there: %t, want %t", round, n, hash, got, seen[hash])
					}
					seen[hash] = true
				}
				set.reset()
			}
		})
	}
}

func TestAKeySetRemembersEverythingWhileItGrows(t *testing.T) {
	t.Parallel()
	var set keySet
	const hashes = 100_000
	for hash := range uint64(hashes) {
		if set.add([]uint64{hash * 0x9e3779b97f4a7c15}) {
			t.Fatalf("hash %d was there before it came", hash)
		}
	}
	for hash := range uint64(hashes) {
		one := []uint64{hash * 0x9e3779b97f4a7c15}
		if !set.hasAny(one) || !set.add(one) {
			t.Fatalf("hash %d is forgotten", hash)
		}
	}
	if set.used*2 > len(set.slots) {
		t.Errorf("%d of %d slots are used: a search for what is not there gets slow", set.used, len(set.slots))
	}
}

func TestAResetKeySetIsEmptyAndKeepsItsMemory(t *testing.T) {
	t.Parallel()
	var set keySet
	hashes := make([]uint64, 3000)
	for i := range hashes {
		hashes[i] = uint64(i)
	}
	set.add(hashes)
	slots := len(set.slots)
	set.reset()
	if len(set.slots) != slots {
		t.Errorf("%d slots, want the %d of before", len(set.slots), slots)
	}
	if set.hasAny(hashes) {
		t.Fatal("a hash survived")
	}
	if set.add(hashes) {
		t.Fatal("a hash was there before it came")
	}
	if len(set.slots) != slots {
		t.Errorf("the same keys need %d slots now, and %d before", len(set.slots), slots)
	}
}
