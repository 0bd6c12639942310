package target

import (
	"target-postgres/protocol"
	"target-postgres/target/batch"
	"target-postgres/target/failure"
)

// state takes a STATE message and counts the records that it covers and none before it did: those of its stream, or of all
// streams. States wait in memory like rows, and count like them.
func (t *Target) state(m *protocol.Message) error {
	taken := state{where: batch.PositionOf(m.Line, 0), raw: m.State, scope: m.StateScope, stream: m.Stream}
	switch m.StateScope {
	case protocol.StateStream:
		if s := t.find(m.Stream); s != nil {
			rejected := s.stats.rejected.Load()
			taken.records, taken.rejected = s.stats.read.Load()-s.stated, rejected-s.statedRejected
			s.stated, s.statedRejected = s.stats.read.Load(), rejected
		}
	case protocol.StateGlobal, protocol.StateLegacy:
		var records, rejected int64
		for _, s := range t.order {
			records += s.stats.read.Load()
			rejected += s.stats.rejected.Load()
		}
		taken.records, taken.rejected = records-t.global, rejected-t.globalRejected
		t.global, t.globalRejected = records, rejected
	}
	if !t.committer.failures.allows(taken) {
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

// emit writes states out. For Singer the newest stands for all; Airbyte wants back every one.
func (c *checkpoint) emit(states []state) error {
	defer c.committer.ending.Begin("waiting for somebody to read standard output")()
	for i, s := range states {
		var err error
		switch {
		case s.scope != 0:
			err = c.committer.writer.AirbyteState(s.raw, s.records, s.rejected)
		case i == len(states)-1:
			err = c.committer.writer.SingerState(s.raw)
		}
		if err != nil {
			return &failure.Error{Kind: failure.KindSystem, Reason: "emit STATE", Err: err, Hint: "whatever reads the output has closed it"}
		}
		c.committer.emitted.Store(c.committer.now().UnixNano())
	}
	return nil
}
