package ledger

import (
	"slices"

	"target-postgres/target/batch"
	"target-postgres/target/state"
)

// Ledger keeps the STATE messages that may not leave yet. It knows no database: the engine adds states as they are
// read, cuts the ledger when it takes a checkpoint, and emits what the cut returned once the checkpoint is committed.
// The order of arrival is kept throughout.
type Ledger struct {
	// Pending are the states that no checkpoint has taken, in the order in which they came.
	Pending []state.Message
	// Held is true while rows from a position on are not where readers see them, as during a replace.
	Held bool
	from batch.Position
}

// Add takes a state as it is read.
func (l *Ledger) Add(s state.Message) { l.Pending = append(l.Pending, s) }

// Hold keeps the states from a position on.
func (l *Ledger) Hold(from batch.Position) {
	if !l.Held || from < l.from {
		l.Held, l.from = true, from
	}
}

// Cut hands over every state read so far, as far as none is held.
func (l *Ledger) Cut() []state.Message {
	states := l.Pending
	if l.Held {
		held := slices.IndexFunc(states, func(s state.Message) bool { return s.Where >= l.from })
		if held >= 0 {
			l.Pending = states[held:]
			return states[:held:held]
		}
	}
	l.Pending = nil
	return states
}
