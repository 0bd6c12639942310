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
	// size is how many bytes the states in Pending have.
	size int
}

// mostSuperseded is how many bytes may wait of states that a newer one supersedes. A tap may send a STATE after each
// record, or a large one.
const mostSuperseded = 2 << 20

// Add takes a state as it is read. Where the newest is enough, older ones only matter if a record between them fails:
// some are left out when they get too large.
func (l *Ledger) Add(s state.Message) {
	l.Pending = append(l.Pending, s)
	l.size += len(s.Raw)
	if s.Scope == 0 {
		l.thin()
	}
}

// thin leaves out every second state, as long as they are too large, and never the newest.
func (l *Ledger) thin() {
	for l.size > mostSuperseded && len(l.Pending) > 1 {
		kept := make([]state.Message, 0, len(l.Pending)/2+1)
		for i, s := range l.Pending {
			if (len(l.Pending)-1-i)%2 == 0 {
				kept = append(kept, s)
			}
		}
		l.set(kept)
	}
}

// set makes states those that wait.
func (l *Ledger) set(states []state.Message) {
	l.Pending, l.size = states, 0
	for _, s := range states {
		l.size += len(s.Raw)
	}
}

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
			l.set(states[held:])
			return states[:held:held]
		}
	}
	l.set(nil)
	return states
}
