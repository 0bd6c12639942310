package batch

import (
	"testing"
)

func TestBatchesAreApartWhenNoneUnderWayHasAKeyOfThem(t *testing.T) {
	t.Parallel()
	type sent struct {
		keys   []uint64
		direct bool
	}
	tests := []struct {
		name   string
		keep   int
		before []sent
		keys   []uint64
		want   bool
	}{
		{"the first", 1, nil, []uint64{1, 2}, true},
		{"other keys", 1, []sent{{[]uint64{1, 2}, true}}, []uint64{3}, true},
		{"one key in common", 1, []sent{{[]uint64{1, 2}, true}}, []uint64{3, 2}, false},
		{"a key whose hash is zero", 1, []sent{{[]uint64{0}, true}}, []uint64{0}, false},
		{"the one before was merged", 1, []sent{{[]uint64{1}, false}}, []uint64{3}, false},
		{"a key of one that is committed", 1, []sent{{[]uint64{1}, true}, {[]uint64{2}, true}}, []uint64{1}, true},
		{"a key of the one before the last", 2, []sent{{[]uint64{1}, true}, {[]uint64{2}, true}}, []uint64{1}, false},
		{"the one before the last was merged", 2, []sent{{[]uint64{1}, false}, {[]uint64{2}, true}}, []uint64{3}, false},
		{"no other connection", 0, []sent{{[]uint64{1}, true}}, []uint64{1}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var r KeyWindow
			for _, s := range test.before {
				for _, key := range s.keys {
					r.Add(key, true)
				}
				r.LookUp(true)
				r.Send(s.direct, test.keep)
			}
			for _, key := range test.keys {
				r.Add(key, true)
			}
			r.LookUp(true)
			if r.Twice {
				t.Error("the batch is said to have a key twice")
			}
			if got := r.Independent(); got != test.want {
				t.Errorf("apart is %v, want %v", got, test.want)
			}
		})
	}
}

func TestKeysAreNewUntilTheRunHasBroughtThem(t *testing.T) {
	t.Parallel()
	var r KeyWindow
	fill := func(look bool, keys ...uint64) bool {
		for _, key := range keys {
			r.Add(key, look)
		}
		r.LookUp(look)
		return r.New()
	}
	if fill(true, 1) {
		t.Error("keys are new although none are kept")
	}
	r.Send(true, 1)
	r.Keep()
	for i, batch := range []struct {
		keys []uint64
		look bool
		want bool
	}{
		{[]uint64{0, 1}, true, true},
		{[]uint64{2}, true, true},
		{[]uint64{3, 1}, true, false},
		{[]uint64{4, 0}, true, false},
		{[]uint64{3}, true, false},
		{[]uint64{5}, true, true},
		{[]uint64{6, 6}, true, false},
		{[]uint64{7}, false, false},
		{[]uint64{8}, true, false},
	} {
		if got := fill(batch.look, batch.keys...); got != batch.want {
			t.Errorf("batch %d of %d: new is %t", i, batch.keys, got)
		}
		r.Send(false, 1)
	}
}

func TestKeysAreKeptWhileTheyAreOfUse(t *testing.T) {
	t.Parallel()
	fill := func(r *KeyWindow, from, n uint64) bool {
		for key := range n {
			r.Add((from+key)*0x9e3779b97f4a7c15, true)
		}
		r.LookUp(true)
		return r.New()
	}
	var few, many KeyWindow
	few.Keep()
	fill(&few, 1, 2*mostBefore)
	few.Send(true, 1)
	if fill(&few, 1<<20, 1) || !fill(&few, 1<<21, 1) {
		t.Error("one key is worth to read a table for that has more than enough rows, or two are not")
	}
	many.Keep()
	fill(&many, 1, mostKept)
	many.Send(true, 1)
	if !fill(&many, mostKept+1, mostKept) {
		t.Error("the keys that may be kept are not")
	}
	if many.Send(true, 1); many.all != nil {
		t.Error("more keys are kept than may be")
	}
	if few.Forget(); fill(&few, 1<<22, 1) {
		t.Error("keys are new although those before them are forgotten")
	}
}

func TestAKeyIsFoundTwiceHoweverFarApartItComes(t *testing.T) {
	t.Parallel()
	for _, between := range []int{0, 1, lookUpAtOnce - 2, lookUpAtOnce - 1, lookUpAtOnce, 5 * lookUpAtOnce} {
		var r KeyWindow
		r.Add(1, false)
		for key := range between {
			r.Add(uint64(key)+2, false)
		}
		if r.LookUp(false); r.Twice {
			t.Fatalf("%d keys are said to have one of them twice", between+1)
		}
		r.Add(1, false)
		if r.LookUp(false); !r.Twice {
			t.Errorf("a key is not found again after %d others", between)
		}
		r.Send(false, 0)
		r.Add(1, false)
		if r.LookUp(false); r.Twice {
			t.Error("a key of the batch before counts for this one")
		}
	}
}
