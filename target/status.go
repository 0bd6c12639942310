package target

import (
	"target-postgres/protocol"
)

// progress takes note of how far the source says a stream has come. What is committed does not depend on it; what is
// replaced does.
func (t *Target) progress(m *protocol.Message) {
	s := t.registry.Find(m.Stream)
	if s == nil {
		t.registry.Unknown(m.Stream)
		return
	}
	s.Status = m.Status
	if m.Status == protocol.StatusIncomplete {
		t.log.Warn("the source did not complete the stream: what came is kept, nothing is replaced", "stream", s.Name)
	}
}
