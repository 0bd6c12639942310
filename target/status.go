package target

import (
	"target-postgres/protocol"
)

// progress takes note of how far the source says a stream has come. What is committed does not depend on it; what is
// replaced does.
func (t *Target) progress(m *protocol.Message) {
	s := t.find(m.Stream)
	if s == nil {
		t.unknown(m.Stream)
		return
	}
	s.Status = m.Status
	if m.Status == protocol.StatusIncomplete {
		t.log.Warn("the source did not complete the stream: what came is kept, nothing is replaced", "stream", s.Name)
	}
}

// unknown warns once of a stream that the catalog does not have, and leaves out what comes of it.
func (t *Target) unknown(id protocol.Stream) {
	t.strangers[id]++
	if t.strangers[id] == 1 {
		t.log.Warn("the stream is not in the catalog, its messages are left out", "stream", id.String())
	}
}
