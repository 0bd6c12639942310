package trigger

import (
	"testing"
	"time"
)

func TestEarlyCommitsAreSavedUpAndComeBackSlowly(t *testing.T) {
	t.Parallel()
	var a allowance
	now := time.Unix(0, 0)
	for i := range earlySaved {
		if !a.take(now) {
			t.Fatalf("early commit %d is refused", i+1)
		}
	}
	if a.take(now) {
		t.Error("more are given than were saved up")
	}
	// A tap that pauses every second and a half for ever.
	given, hour := 0, now.Add(time.Hour)
	for ; now.Before(hour); now = now.Add(1500 * time.Millisecond) {
		if a.take(now) {
			given++
		}
	}
	if most := int(time.Hour / earlyEvery); given > most || given < most/2 {
		t.Errorf("%d early commits in an hour, want about %d", given, most)
	}
	if now = now.Add(earlySaved * earlyEvery); !a.take(now) || a.left > earlySaved-1 {
		t.Errorf("after a long pause %f are left", a.left)
	}
}
