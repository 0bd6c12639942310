package target

import (
	"slices"

	"target-postgres/target/batch"
	"target-postgres/target/checkpoint"
)

// ledger keeps the STATE messages that may not leave yet. It knows no database: the engine adds states as they are
// read, cuts the ledger when it takes a checkpoint, and emits what the cut returned once the checkpoint is committed.
// The order of arrival is kept throughout.
type ledger struct {
	pending []checkpoint.State
	// held is true while rows from a position on are not where readers see them, as during a replace.
	held bool
	from batch.Position
}

// add takes a state as it is read.
func (l *ledger) add(s checkpoint.State) { l.pending = append(l.pending, s) }

// hold keeps the states from a position on.
func (l *ledger) hold(from batch.Position) {
	if !l.held || from < l.from {
		l.held, l.from = true, from
	}
}

// cut hands over every state read so far, as far as none is held.
func (l *ledger) cut() []checkpoint.State {
	states := l.pending
	if l.held {
		held := slices.IndexFunc(states, func(s checkpoint.State) bool { return s.Where >= l.from })
		if held >= 0 {
			l.pending = states[held:]
			return states[:held:held]
		}
	}
	l.pending = nil
	return states
}
