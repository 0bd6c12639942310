package target

import (
	"target-postgres/protocol"
	"target-postgres/target/batch"
	"target-postgres/target/checkpoint"
)

// state takes a STATE message and counts the records that it covers and none before it did: those of its stream, or of all
// streams. States wait in memory like rows, and count like them.
func (t *Target) state(m *protocol.Message) error {
	taken := checkpoint.State{Where: batch.PositionOf(m.Line, 0), Raw: m.State, Scope: m.StateScope, Stream: m.Stream}
	switch m.StateScope {
	case protocol.StateStream:
		if s := t.find(m.Stream); s != nil {
			rejected := s.Stats.Rejected.Load()
			taken.Records, taken.Rejected = s.Stats.Read.Load()-s.Stated, rejected-s.StatedRejected
			s.Stated, s.StatedRejected = s.Stats.Read.Load(), rejected
		}
	case protocol.StateGlobal, protocol.StateLegacy:
		var records, rejected int64
		for _, s := range t.order {
			records += s.Stats.Read.Load()
			rejected += s.Stats.Rejected.Load()
		}
		taken.Records, taken.Rejected = records-t.global, rejected-t.globalRejected
		t.global, t.globalRejected = records, rejected
	}
	if !t.committer.Failures.Allows(taken) {
		return nil
	}
	t.ledger.add(taken)
	if m.StateScope == 0 {
		return nil
	}
	if t.waiting += len(m.State); t.waiting >= t.config.BatchMaxBytes && !t.ledger.held {
		return t.checkpoint()
	}
	return nil
}
