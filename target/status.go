package target

import (
	"fmt"

	"target-postgres/merge"
	"target-postgres/protocol"
	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
	"target-postgres/target/stream"
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

// completeRefresh ends a stream whose older rows go, if it has completed: where the catalog has no generations a clean end
// of the input says so, otherwise only the source.
func (t *Target) completeRefresh(s *stream.Stream) error {
	if !s.Completed() {
		t.notCompleted(s)
		return nil
	}
	if s.Staging != "" {
		return t.swap(s)
	}
	if s.Mode != merge.History && s.Mode != merge.SoftDelete {
		return nil // the table was empty, or its rows were of this generation
	}
	statements, err := merge.RemoveVersions(s.Job(), *s.Schema.Generation)
	if err != nil {
		return &failure.Error{Kind: failure.KindSystem, Stream: s.Name, Reason: "remove what the refresh lacks", Err: err}
	}
	return t.removeGone(s, "remove what the refresh lacks", statements, merge.Name{})
}

// notCompleted keeps the old rows. The run fails for it at its end: a success would tell the platform that they are gone.
func (t *Target) notCompleted(s *stream.Stream) {
	said := "the input ended without a status of the stream"
	if s.Status == protocol.StatusIncomplete {
		said = "the source says that the stream is incomplete"
	}
	err := &failure.Error{
		Kind: failure.KindTransient, Stream: s.Name,
		Reason: fmt.Sprintf("%s: the rows of %s were not replaced", said, pgtx.Qualified(s.SchemaName, s.TableName)),
		Hint:   "what came is kept and the next attempt goes on with it",
	}
	if s.Mode == merge.Replace {
		err.Hint = "run the sync again: without generation ids there is nothing to go on with"
	}
	if t.incomplete == nil {
		t.incomplete = err
	}
}

// unreplaced reports whether the replace of a stream did not come to its end, so that no STATE may speak of its rows.
func (t *Target) unreplaced(s *stream.Stream) bool {
	return !s.Skip && s.SwapsAtEnd() && !s.Completed()
}
