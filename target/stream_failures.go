package target

import (
	"errors"

	"target-postgres/protocol"
	"target-postgres/target/failure"
)

// contain makes an error of one stream that stream's own where the setting on_stream_error asks for it.
func (t *Target) contain(m *protocol.Message, err error) error {
	e, ok := errors.AsType[*failure.Error](err)
	if !ok || m.Stream == (protocol.Stream{}) || e.Stream != m.Stream.String() {
		return err
	}
	s := t.registry.Undescribed(m)
	if s.Since == 0 {
		s.Since = t.input.position(m.Line)
	}
	if !t.committer.GoesOn(m.Stream, err) {
		return err
	}
	t.committer.Fail(&s.Revision, t.input.position(m.Line), err)
	return nil
}

// leaveOut counts a message of a stream that has failed.
func (t *Target) leaveOut(m *protocol.Message) {
	if s := t.registry.Find(m.Stream); s != nil && m.Kind == protocol.KindRecord {
		s.Stats.Read.Add(1)
		if t.weighs() {
			s.Stats.Bytes.Add(int64(len(m.Record)))
		}
		t.metrics.rows.Add(1)
	}
}

// noneFailed reports whether no stream has failed.
func (t *Target) noneFailed() bool { return len(t.committer.Failures.Errors()) == 0 }
