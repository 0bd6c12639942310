package target

import (
	"target-postgres/protocol"
	"target-postgres/target/batch"
	"target-postgres/target/checkpoint"
	"target-postgres/target/ledger"
	"target-postgres/target/state"
)

// states are the STATE messages that wait for their rows, and what they covered.
type states struct {
	ledger ledger.Ledger
	// records and rejected count what the last STATE about all streams covered.
	records, rejected int64
	// unsubmitted are the checkpoints that came after one that failed.
	unsubmitted []*checkpoint.Checkpoint
	// ended is true once nothing comes any more that rows could wait for.
	ended bool
}

// state takes a STATE message and counts the records that it covers and none before it did: those of its stream, or of
// all streams. States wait in memory like rows, and count like them.
func (t *Target) state(m *protocol.Message) error {
	taken := state.Message{Where: batch.PositionOf(m.Line, 0), Raw: m.State, Scope: m.StateScope, Stream: m.Stream}
	switch m.StateScope {
	case protocol.StateStream:
		if s := t.registry.Find(m.Stream); s != nil {
			rejected := s.Stats.Rejected.Load()
			taken.Records, taken.Rejected = s.Stats.Read.Load()-s.Stated, rejected-s.StatedRejected
			s.Stated, s.StatedRejected = s.Stats.Read.Load(), rejected
		}
	case protocol.StateGlobal, protocol.StateLegacy:
		var records, rejected int64
		for _, s := range t.registry.All() {
			records += s.Stats.Read.Load()
			rejected += s.Stats.Rejected.Load()
		}
		taken.Records, taken.Rejected = records-t.states.records, rejected-t.states.rejected
		t.states.records, t.states.rejected = records, rejected
	}
	if !t.committer.Failures.Allows(taken) {
		return nil
	}
	t.states.ledger.Add(taken)
	t.buffers.uncovered = 0
	if m.StateScope == 0 {
		return nil
	}
	if t.buffers.waiting += len(m.State); t.buffers.waiting >= t.config.BatchMaxBytes && !t.states.ledger.Held {
		return t.checkpoint()
	}
	return nil
}

// progress takes note of how far the source says a stream has come. Commits do not depend on it; replacing rows does.
func (t *Target) progress(m *protocol.Message) {
	s := t.registry.Find(m.Stream)
	if s == nil {
		t.registry.Unknown(m.Stream)
		return
	}
	s.Status = m.Status
	if m.Status == protocol.StatusIncomplete {
		t.log.Warn("the source did not complete the stream: the rows that came are kept, and nothing is replaced", "stream", s.Name)
	}
}
