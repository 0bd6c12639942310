package target

import (
	"slices"

	"target-postgres/protocol"
	"target-postgres/target/batch"
)

// ledger keeps the STATE messages that may not leave yet. It knows no database: the engine adds states as they are
// read, cuts the ledger when it takes a checkpoint, and emits what the cut returned once the checkpoint is committed.
// The order of arrival is kept throughout.
type ledger struct {
	pending []state
	// held is true while rows from a position on are not where readers see them, as during a replace.
	held bool
	from batch.Position
}

// state is one STATE message, to be emitted as it came.
type state struct {
	// where it stood: every record before it has a smaller position.
	where batch.Position
	raw   []byte
	// scope is 0 for Singer, where a state is about everything and the newest is enough. stream is that of StateStream.
	scope  protocol.StateScope
	stream protocol.Stream
	// records counts the records it covers that no earlier state covered (Airbyte's destinationStats).
	records int64
	// rejected counts those of them that were rejected.
	rejected int64
}

// add takes a state as it is read.
func (l *ledger) add(s state) { l.pending = append(l.pending, s) }

// hold keeps the states from a position on.
func (l *ledger) hold(from batch.Position) {
	if !l.held || from < l.from {
		l.held, l.from = true, from
	}
}

// cut hands over every state read so far, as far as none is held.
func (l *ledger) cut() []state {
	states := l.pending
	if l.held {
		held := slices.IndexFunc(states, func(s state) bool { return s.where >= l.from })
		if held >= 0 {
			l.pending = states[held:]
			return states[:held:held]
		}
	}
	l.pending = nil
	return states
}
