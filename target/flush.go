package target

import (
	"slices"
	"sync/atomic"

	"target-postgres/merge"
	"target-postgres/target/batch"
	"target-postgres/target/checkpoint"
	"target-postgres/target/state"
	"target-postgres/target/stream"
	"target-postgres/target/tablewrite"
)

// checkpoint hands everything that waits to the pipeline, and reads on while it works.
func (t *Target) checkpoint() error { return t.checkpointAs(false) }

// checkpointAs is checkpoint, with the rows of the load log if no data comes after it.
func (t *Target) checkpointAs(last bool) error {
	t.trigger.Reset()
	if t.metrics.due() {
		t.measure()
	}
	c := &checkpoint.Checkpoint{Committer: t.committer, States: t.states.ledger.Cut()}
	c.Drains = t.drains(c.States)
	var left []*batch.Batch
	var sent []*stream.Stream
	for _, s := range t.registry.All() {
		s.LookUpKeys()
		if ready := t.ready(s, c.States); ready.Rows() > 0 {
			w := newWrite(s, len(c.Writes), ready)
			c.Writes, sent = append(c.Writes, w), append(sent, s)
		}
		if s.Rows() > 0 {
			left = append(left, s.Batch)
		}
	}
	t.buffers.keep(left)
	c.Partitions = t.preparer.PartitionsFor(c.Writes)
	for i, s := range sent {
		s.Keys.Send(c.Writes[i].Direct, t.config.Connections()-1)
	}
	c.Rejects = t.rejectWrite()
	if last {
		t.logsWith(c)
	}
	if err := t.submit(c); err != nil {
		return err
	}
	return t.makeRoom()
}

// submit hands a checkpoint to the pipeline.
func (t *Target) submit(c *checkpoint.Checkpoint) error {
	if len(c.Writes)+len(c.States)+len(c.Drains) == 0 && c.Last == nil {
		return nil
	}
	err := t.pipeline.Submit(c.Task())
	if err != nil {
		t.states.unsubmitted = append(t.states.unsubmitted, c)
	}
	return err
}

// release emits, after the last task, the states that no checkpoint emitted although every row before them is
// committed. With a state table that is for the transactions to say.
func (t *Target) release() error {
	if t.committer.StateTable != nil {
		return nil
	}
	var states []state.Message
	uncommitted := batch.MaxPosition
	for _, left := range slices.Concat(t.committer.Unsent, t.states.unsubmitted) {
		states = append(states, left.States...)
		for _, w := range left.Writes {
			if w.Batch.Rows() > 0 { // a committed batch has given its memory back
				uncommitted = min(uncommitted, w.Batch.RowsAt[0])
			}
		}
	}
	for _, s := range t.registry.All() {
		if s.Rows() > 0 {
			uncommitted = min(uncommitted, s.Batch.RowsAt[0])
		}
	}
	states = append(states, t.states.ledger.Cut()...)
	released := &checkpoint.Checkpoint{Committer: t.committer, States: slices.DeleteFunc(states, func(s state.Message) bool {
		return s.Where >= uncommitted || !t.committer.Failures.Allows(s)
	})}
	return released.Emit(released.States)
}

// ready takes the rows of a stream's batch that a checkpoint with these states may commit, and leaves it the others.
func (t *Target) ready(s *stream.Stream, states []state.Message) *batch.Batch {
	all := s.Batch
	covered := batch.Position(-1)
	if n := len(states); n > 0 {
		covered = states[n-1].Where
	}
	switch n := s.Rows(); {
	case n == 0:
		return &batch.Batch{}
	case !t.committer.Waits(&s.Revision) || t.states.ended || all.RowsAt[n-1] < covered:
		s.Batch = t.buffers.pool.Batch(n)
		return all
	case all.RowsAt[0] > covered:
		return &batch.Batch{}
	}
	s.Batch = all.Without(func(i int) bool { return all.RowsAt[i] < covered })
	s.Batch.Started = all.Started
	return all.Without(func(i int) bool { return all.RowsAt[i] > covered })
}

// flush commits what it may of the rows of a stream whose table or layout is about to change, and puts the others where
// the change finds them.
func (t *Target) flush(s *stream.Stream) error {
	if err := t.checkpoint(); err != nil || s.Rows() == 0 {
		return err
	}
	return t.spill(s)
}

// makeRoom puts rows that wait for their STATE aside where they would take more memory than batches may.
func (t *Target) makeRoom() error {
	full := t.buffers.waiting >= t.config.BatchMaxBytes
	var waiting []*stream.Stream
	for _, s := range t.registry.All() {
		if s.Rows() > 0 {
			waiting = append(waiting, s)
			full = full || s.Rows() >= t.config.BatchMaxRows
		}
	}
	if !full {
		return nil
	}
	return t.spill(waiting...)
}

// end loads the rows that no STATE covers: nothing comes any more that they could wait for. If a stream has failed the
// next run brings them again.
func (t *Target) end() {
	if t.states.ended = len(t.committer.Failures.Errors()) == 0; !t.states.ended {
		return
	}
	rows := 0
	for _, s := range t.registry.All() {
		if t.committer.Waits(&s.Revision) && s.Spill != nil {
			rows += s.Rows() + s.Spill.Rows
		}
	}
	if rows > 0 && t.input.messages.States > 0 && len(t.states.ledger.Pending) == 0 {
		t.log.Warn("records arrived after the last STATE: they are loaded, and the next run will load them again", "rows", rows)
	}
}

// newWrite makes a load of rows that were encoded for a stream. n tells the temporary tables of one checkpoint apart.
// It does not look at the stream's own batch, which belongs to the goroutine that reads the input.
func newWrite(s *stream.Stream, n int, rows *batch.Batch) *tablewrite.Write {
	w := &tablewrite.Write{Stream: s.Current(), Layout: s.Layout, Job: s.Job(), Merges: s.Ops, Measured: new(atomic.Int32)}
	w.NewKeys = s.Keys.New()
	w.Independent = s.Independent()
	if s.Seen != "" {
		w.Seen = merge.Name{Schema: s.SchemaName, Table: s.Seen}
	}
	if s.Superseded.Name.Table != "" {
		w.Superseded = s.Superseded
		w.Superseded.Former = s.Staged
	}
	w.Job.Staged = merge.Name{Schema: "pg_temp", Table: tablewrite.StagedName(n)}
	for _, sharer := range s.Sharers {
		w.Sharers = append(w.Sharers, sharer.Current())
	}
	if s.Spill != nil {
		w.Spill, w.SpillLines = s.Spill.Name, s.Spill.Lines
	}
	return w.With(rows)
}

// anythingWaits reports whether rows or STATE wait to be committed, and may be.
func (t *Target) anythingWaits() bool {
	return !t.states.ledger.Held && t.anythingIsLeft()
}

// anythingIsLeft reports whether rows or STATE have not been handed to the pipeline.
func (t *Target) anythingIsLeft() bool {
	return len(t.states.ledger.Pending) > 0 || slices.ContainsFunc(t.registry.All(), func(s *stream.Stream) bool { return s.Rows() > 0 })
}
