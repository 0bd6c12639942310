package target

import (
	"slices"

	"target-postgres/target/checkpoint"
	"target-postgres/target/state"
	"target-postgres/target/stream"
)

// spill commits the rows of streams into staging tables, which readers do not look at.
func (t *Target) spill(streams ...*stream.Stream) error {
	if t.registry.Rejects != nil && t.registry.Rejects.Spill != nil && !slices.Contains(streams, t.registry.Rejects) {
		streams = append(streams, t.registry.Rejects) // what the server refuses of the others goes there
	}
	c := &checkpoint.Checkpoint{Committer: t.committer, Aside: true}
	for _, s := range streams {
		if s.Spill.Full && s.Rows() == 0 {
			continue
		}
		if err := t.preparer.Stager.EnsureSpill(s); err != nil {
			return err
		}
		s.Spill.Full = true
		if s.Rows() > 0 {
			c.Writes = append(c.Writes, newWrite(s, len(c.Writes), s.Batch).Aside())
			t.buffers.drop(s.Batch)
			s.Spill.Rows += s.Rows()
			s.Batch = t.buffers.pool.Batch(s.Rows())
		}
	}
	c.Partitions = t.preparer.PartitionsFor(c.Writes)
	c.Rejects = t.rejectWrite()
	return t.submit(c)
}

// drains takes what has been spilled, if the checkpoint's states cover it: all of it came before the last of them.
func (t *Target) drains(states []state.Message) []checkpoint.Drain {
	if t.committer.StateTable == nil || len(states) == 0 && !t.states.ended {
		return nil
	}
	var drains []checkpoint.Drain
	for _, s := range t.registry.All() {
		if s.Spill == nil || !s.Spill.Full {
			continue
		}
		drains = append(drains, t.preparer.Stager.Drain(s))
	}
	return drains
}
