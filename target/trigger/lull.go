package trigger

import (
	"sync/atomic"
	"time"
)

// A tap that falls silent, as one that reads a log does for most of the day, has what it said committed soon, where the
// database has nothing else to do. One that goes on is not silent: its rows gather until batch_max_age or a limit is
// reached. And one that says a little and pauses, again and again, has to save up for these commits: each takes one of
// a few that are there at the start and come back slowly, so that in the long run there is one in earlyEvery with
// any tap.
const (
	lullTick = 250 * time.Millisecond
	// lullTicks without a message are a silence.
	lullTicks = 4
	// A run may commit earlySaved times early in a row, and in the long run once in earlyEvery.
	earlySaved = 20
	earlyEvery = 5 * time.Second
)

// lull watches for the silence of the input.
type lull struct {
	// ticked is set by the ticker, which also interrupts the reader.
	ticked atomic.Bool
	// messages is how many had come at the last tick, ticks how often there were no more since.
	messages int64
	ticks    int
	// settled is true once everything that came before the silence was taken care of.
	settled bool
	early   allowance
}

// allowance is how many early commits are saved up.
type allowance struct {
	left  float64
	since time.Time
}

// take takes one where there is one.
func (a *allowance) take(now time.Time) bool {
	if a.since.IsZero() {
		a.left, a.since = earlySaved, now
	}
	a.left = min(earlySaved, a.left+now.Sub(a.since).Seconds()/earlyEvery.Seconds())
	a.since = now
	if a.left < 1 {
		return false
	}
	a.left--
	return true
}

// silent reports whether the input has just been silent long enough for what waits to be committed, if the database has
// nothing else to do and something waits. read is how many lines have come.
func (l *lull) silent(read int64, busy bool, waits func() bool, now func() time.Time) bool {
	if !l.ticked.Swap(false) {
		return false
	}
	if read != l.messages {
		l.messages, l.ticks, l.settled = read, 0, false
		return false
	}
	l.ticks++
	if l.ticks < lullTicks || l.settled || busy {
		return false
	}
	if !waits() {
		l.settled = true
		return false
	}
	if !l.early.take(now()) {
		return false
	}
	l.settled = true
	return true
}
