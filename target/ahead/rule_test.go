package ahead

import "testing"

func TestBatchesWaitWhileTheOneBeforeMadeAPart(t *testing.T) {
	t.Parallel()
	var r Rule
	for i, made := range []bool{true, true, false, true, false} {
		if r.Copied(made); r.Makes() != made || r.Stopped() {
			t.Errorf("after batch %d: makes %t, stopped %t", i, r.Makes(), r.Stopped())
		}
	}
}

func TestPartsThatAreMadeEarlyKeepNobodyWaiting(t *testing.T) {
	t.Parallel()
	var r Rule
	r.Copied(true)
	r.MakeEarly()
	if r.Makes() || !r.Early() {
		t.Error("a batch waits although its parts are made before it")
	}
	if r.Copied(false); r.Makes() || !r.Early() {
		t.Error("parts are no longer made early after a batch that found all of them")
	}
	if r.Copied(true); !r.Makes() || r.Early() {
		t.Error("a batch that made a part does not show that parts are not made early")
	}
	if r.Copied(false); r.Early() {
		t.Error("parts are made early again")
	}
}

func TestOnlyALockOfAPartIsNoReasonToStop(t *testing.T) {
	t.Parallel()
	var other, parts Rule
	if !other.GaveWay(false) || !other.Stopped() || other.GaveWay(false) {
		t.Error("a batch that gave way in a table without parts does not stop others, or it is said twice")
	}
	for i := 1; i < mostGivenWay; i++ {
		if parts.GaveWay(true) || parts.Stopped() || !parts.Makes() {
			t.Errorf("a batch that gave way %d times for a part stops all others", i)
		}
		parts.Copied(false)
	}
	if !parts.GaveWay(true) || !parts.Stopped() {
		t.Errorf("batches that gave way %d times do not stop others", mostGivenWay)
	}
}
