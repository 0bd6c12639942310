package stats

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"target-postgres/target/failure"
)

func TestReasons_AreCountedByColumnAndText(t *testing.T) {
	t.Parallel()
	var r reasons
	for _, line := range []int64{9, 4, 0} {
		r.Add(&failure.Error{Stream: "s", Line: line, Column: "a", Reason: "too long", Hint: "shorten it"})
	}
	r.Add(&failure.Error{Stream: "s", Line: 5, Column: "b", Reason: "too long"})
	want := []RejectSummary{
		{Stream: "s", Column: "a", Reason: "too long", Count: 3, FirstLine: 4},
		{Stream: "s", Column: "b", Reason: "too long", Count: 1, FirstLine: 5},
	}
	if diff := cmp.Diff(want, r.Of("s")); diff != "" {
		t.Error(diff)
	}
}

func TestReasons_AreBounded(t *testing.T) {
	t.Parallel()
	var r reasons
	for i := range 3 * mostReasons {
		r.Add(&failure.Error{Line: int64(i + 1), Reason: fmt.Sprint("reason ", i)})
	}
	got := r.Of("s")
	if len(got) != mostReasons+1 || got[0].Count != 2*mostReasons || got[0].Reason != "" || got[0].FirstLine != mostReasons+1 {
		t.Errorf("%d reasons, the first %+v", len(got), got[0])
	}
}
