package target

import (
	"fmt"

	"target-postgres/merge"
	"target-postgres/protocol"
	"target-postgres/target/dialect"
	"target-postgres/target/failure"
	"target-postgres/target/registry"
	"target-postgres/target/stream"
)

// activateVersion removes the rows of older versions of a stream (singer.md's ACTIVATE_VERSION): after everything that
// came before it, and only rows of an older version or of none.
func (t *Target) activateVersion(m *protocol.Message) error {
	s := t.registry.Find(m.Stream)
	if s == nil || s.Skip || s.Mode == merge.Replace || !s.Config.ActivateVersion {
		return nil
	}
	if s.Lead != nil || s.Shared {
		t.log.Warn("ACTIVATE_VERSION is ignored: the stream shares its table, and other streams' rows would be removed with its own", "stream", s.Name)
		return nil
	}
	if s.Unversioned {
		t.log.Warn("ACTIVATE_VERSION is ignored: the stream's rows have no version, so this pass's rows cannot be told from older ones",
			"stream", s.Name)
		return nil
	}
	if passesSlices(s) {
		t.log.Warn("ACTIVATE_VERSION is ignored: without full_snapshot it is not held to slices, and rows of others would be removed", "stream", s.Name)
		return nil
	}
	if err := t.flush(s); err != nil {
		return err
	}
	if !s.Versioned && s.KeepsVersions(t.config) {
		// Rows of earlier runs have no version either: they can only be told from this pass's once there is the column.
		s.Versioned = true
		if err := t.preparer.Prepare(s); err != nil {
			return err
		}
	}
	job := s.Job()
	// datamill's target put a new table in the place of the old one.
	job.HardDelete = job.HardDelete || t.config.Compatibility == dialect.LikeDatamill
	statements, err := merge.RemoveVersions(job, m.Version)
	if err != nil {
		return &failure.Error{Blame: failure.Program, Stream: s.Name, Line: m.Line, Reason: "activate version", Err: err}
	}
	if s.Spill != nil && s.Spill.Full {
		s.Spill.Removals = append(s.Spill.Removals, statements...)
		return nil
	}
	return t.preparer.Stager.RemoveGone(s, fmt.Sprintf("activate version %d", m.Version), statements, merge.Name{})
}

// passesSlices reports whether ACTIVATE_VERSION would remove rows of slices that the run does not bring: the setting
// slice is for all streams then, and means nothing in the load mode of this one, which has the fields of a slice all
// the same.
func passesSlices(s *stream.Stream) bool {
	_, lacks := registry.LackingSlice(s.Spec)
	if !s.Config.Slice.On() || s.Sliced() || lacks {
		return false
	}
	return s.Job().HardDelete || s.Mode == merge.SoftDelete || s.Mode == merge.History
}
