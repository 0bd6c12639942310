//go:build unix

package faults

import (
	"math/rand/v2"
	"time"
)

// fault is something that goes wrong at a random point of a run.
type fault struct {
	name string
	// only says in which load modes it makes sense, nil for all.
	only func(m mode) bool
	// points are the kinds of points at which it strikes, any if nil.
	points []pointKind
	// settings are added to the configuration of the run that is struck.
	settings map[string]any

	// prepare runs first of all, arm just before the program is started, disarm when it has ended; nil does nothing.
	prepare, arm, disarm func(tr *trial)
	// strike makes it happen. What it does must not wait for the program, unless later is set: then it runs beside.
	strike func(tr *trial, p *process)
	later  bool
	// feed says the input instead of the trial, nil for all of it at once.
	feed func(tr *trial, p *process)
	// hold is how long every COMMIT is held back, so that a STATE that does not wait for it is seen.
	hold time.Duration
	// wrap is a command line to put before the program's.
	wrap func(tr *trial) []string

	// codes are the exit codes that the struck run may have, beside 0 with everything loaded.
	codes []int
	// flushed is true if the run has to commit and acknowledge all that it has read before it ends.
	flushed bool
	// deafens is true if states may have been emitted that were not read.
	deafens bool
	// restarts is true for what needs a server for itself.
	restarts bool
	// fewer divides the number of seeds, for faults that take long; 0 is 1.
	fewer int
}

// point is where a fault strikes.
type point struct {
	kind pointKind
	n    int
}

// choose draws a point that a run of the tap will most probably reach.
func (f *fault) choose(r *rand.Rand, t *tap, m mode, batch int) point {
	kinds := f.points
	if kinds == nil {
		kinds = []pointKind{atLine, atState, atByte, atCommit, atCommitted}
	}
	p := point{kind: kinds[r.IntN(len(kinds))]}
	switch p.kind {
	case atLine:
		p.n = 1 + r.IntN(len(t.messages)-1)
	case atState:
		p.n = 1 + r.IntN(4)
	case atByte:
		p.n = 100 + r.IntN(t.bytes()*2/3)
	case atCommit, atCommitted:
		p.n = 1 + r.IntN(commits(m, batch))
		if m.whole && r.IntN(2) == 0 {
			p.n = commits(m, batch) - r.IntN(10) // the swaps and removals at the end
		}
	}
	return p
}

// commits is about how many transactions a run takes: one for every change of a table, some for the end of a run that
// is a whole, and one for each batch of the busiest stream.
func commits(m mode, batch int) int {
	n := 10 + records/2/batch
	if m.whole {
		n += 16
	}
	return n
}

// recovers is for faults that a run has to survive.
func recovers() []int { return nil }
