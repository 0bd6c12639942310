package merge

import (
	"fmt"
	"testing"
)

func TestAChangeOfAnIgnoredColumnUpdatesTheActiveVersion(t *testing.T) {
	t.Parallel()
	situations := []situation{
		{"updates in place", []string{"1 a=1 b=1 @1", "1 a=1 b=2 @3"}, []string{"1 a=1 b=2 [1,"}},
		{"starts a version by another column", []string{"1 a=1 b=1 @1", "1 a=2 b=2 @3"}, []string{"1 a=1 b=1 [1,3)", "1 a=2 b=2 [3,"}},
		{"tells the version before it ends", []string{"1 a=1 b=1 @1, 1 a=1 b=2 @2, 1 a=2 b=3 @3, 1 a=2 b=4 @4"}, []string{"1 a=1 b=2 [1,3)", "1 a=2 b=4 [3,"}},
		{"tells a stored version before it ends", []string{"1 a=1 b=1 @1", "1 a=1 b=2 @2, 1 gone @3"}, []string{"1 a=1 b=2 [1,3)"}},
		{"becomes NULL", []string{"1 a=1 b=1 @1", "1 a=1 b=null @2"}, []string{"1 a=1 [1,"}},
		{"keeps what a partial record lacks", []string{"1 a=1 b=1 @1", "1 patch a=2 @2", "1 patch b=3 @3"}, []string{"1 a=1 b=1 [1,2)", "1 a=2 b=3 [2,"}},
		{"tells each version its pass, too", []string{"1 a=1 b=1 version=1 @1", "1 a=1 b=2 version=2 @2"}, []string{"1 a=1 b=2 version=2 [1,"}},
		{"leaves closed versions as they are", []string{"1 a=1 b=1 @1, 1 a=2 b=1 @5", "1 a=1 b=7 @3"}, []string{"1 a=1 b=1 [1,5)", "1 a=2 b=1 [5,"}},
	}
	for _, place := range []Place{Here, Foreign, Replicated} {
		for _, late := range []bool{false, true} {
			check(t, Job{Mode: History, Place: place, InsertLate: late, Ignored: []string{"b"}}, situations)
		}
	}
}

// TestATombstoneIsNoSightOfItsRow holds that the end of a pass may still remove a row whose tombstone came.
func TestATombstoneIsNoSightOfItsRow(t *testing.T) {
	t.Parallel()
	for _, place := range []Place{Here, Foreign, Distributed, Replicated} {
		t.Run(fmt.Sprint(place), func(t *testing.T) {
			t.Parallel()
			check(t, Job{Mode: SoftDelete, IgnoreConflicts: true, Place: place}, []situation{
				{"by itself", []string{"1 a=1 version=1", "1 gone version=2"}, []string{"1 a=1 version=1 deleted"}},
				{"beside others", []string{"1 a=1 version=1, 2 a=1 version=1", "1 gone version=2, 2 a=2 version=2, 2 a=3 version=2"}, []string{"1 a=1 version=1 deleted", "2 a=1 version=2"}},
			})
		})
	}
}
