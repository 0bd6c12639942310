package trigger

import (
	"sync/atomic"
	"time"
)

// Trigger says when a checkpoint is due that no size asks for. Its timers run in goroutines of their own, which only
// set flags and interrupt the reader; all else is for the goroutine that reads the input.
type Trigger struct {
	due       atomic.Bool
	age       *time.Timer
	after     time.Duration
	interrupt func()
	lull      lull
}

// New makes a trigger that fires so long after the last checkpoint. It calls interrupt to make the reader look up.
func New(after time.Duration, interrupt func()) *Trigger {
	return &Trigger{after: after, interrupt: interrupt}
}

// Start begins to measure time, until stop is called.
func (t *Trigger) Start() (stop func()) {
	t.age = time.AfterFunc(t.after, func() {
		t.due.Store(true)
		t.interrupt()
	})
	ticker, done := time.NewTicker(lullTick), make(chan struct{})
	go func() {
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				t.lull.ticked.Store(true)
				t.interrupt()
			}
		}
	}()
	return func() {
		ticker.Stop()
		close(done)
		t.age.Stop()
	}
}

// Due reports whether a checkpoint is due.
func (t *Trigger) Due() bool { return t.due.Load() }

// Reset is for a checkpoint that is taken: the next one is due as long after it.
func (t *Trigger) Reset() {
	t.due.Store(false)
	t.age.Reset(t.after)
}

// Look is called when the reader has nothing to read. A checkpoint is due if the input has been silent for long enough
// after so many lines, the database is not busy, and something waits.
func (t *Trigger) Look(lines int64, busy bool, waits func() bool, now func() time.Time) {
	if t.lull.silent(lines, busy, waits, now) {
		t.due.Store(true)
	}
}
