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
