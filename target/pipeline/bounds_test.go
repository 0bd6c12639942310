package pipeline

import (
	"testing"
	"time"
)

// noticed is when the watchdog gives up a server that falls silent at some time after a session began to work, counted
// from then. A look at a silent server takes as long as it may.
func noticed(p patience, silence time.Duration) time.Duration {
	began := time.Unix(0, 0)
	o := &Watchdog{patience: p, answered: began, writesAhead: func() bool { return false }}
	w := &Watched{since: began, looked: began, next: began.Add(p.first), gap: p.first}
	o.sessions = []*Watched{w}
	for now := began; ; now = now.Add(p.first / 3) {
		switch {
		case len(o.due(now)) == 0:
		case now.Sub(began) < silence:
			o.answered = now
		default:
			now = now.Add(p.answer)
			if p.tooLong(now.Sub(o.answered)) {
				return now.Sub(began) - silence
			}
		}
	}
}

// TestTheBoundsOfASilentNetwork holds the bounds of docs/operations.md for a network that becomes silent at any time.
// Other tests let the same watchdog and the same attempts meet a silent server, with a second for every half minute.
func TestTheBoundsOfASilentNetwork(t *testing.T) {
	t.Parallel()
	var worst time.Duration
	for silence := time.Duration(0); silence < 2*time.Minute; silence += 100 * time.Millisecond {
		worst = max(worst, noticed(usualPatience, silence))
	}
	// Between two tasks the server is asked by StayInTouch, which the reader calls every quarter of a second. What asks
	// is a task like any other, which begins in silence.
	worst = max(worst, TouchEvery+time.Second/4+usualPatience.first/3+noticed(usualPatience, 0))
	if worst > 45*time.Second {
		t.Errorf("a silent network is noticed after %s", worst)
	}
	const retries = 8 * time.Second // max_retry_seconds of the promise
	// After that there is a pause at most as long as what is left, and one more attempt.
	if ended := worst + retries + leastAttempt; ended > 75*time.Second {
		t.Errorf("with max_retry_seconds 8 the run ends %s after the silence began", ended)
	}
}
