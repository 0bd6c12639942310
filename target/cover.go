package target

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/batch"
)

// With state_table a row that is to come once is committed together with the first STATE after it, never before: were it
// there without that STATE, the next run would bring it again. That goes for every record that is a row of its own, those of
// load mode append and the rejected ones; in the other modes a record that is sent again changes nothing.

// waits says whether the rows of a stream wait for the STATE that covers them.
func (k *Committer) waits(s *view) bool { return k.stateTable != nil && s.mode == merge.Append }

// ready takes the rows of a stream's batch that a checkpoint with these states may commit, and leaves it the others.
func (t *Target) ready(s *stream, states []state) *batch.Batch {
	all := s.batch
	covered := batch.Position(-1)
	if n := len(states); n > 0 {
		covered = states[n-1].where
	}
	switch n := s.rows(); {
	case n == 0:
		return &batch.Batch{}
	case !t.committer.waits(&s.view) || t.ended || all.RowsAt[n-1] < covered:
		s.batch = t.pool.Batch(n)
		return all
	case all.RowsAt[0] > covered:
		return &batch.Batch{}
	}
	s.batch = all.Without(func(i int) bool { return all.RowsAt[i] < covered })
	s.batch.Started = all.Started
	return all.Without(func(i int) bool { return all.RowsAt[i] > covered })
}

// flush commits what it may of the rows of a stream whose table or layout is about to change, and puts the others where the
// change finds them.
func (t *Target) flush(s *stream) error {
	if err := t.checkpoint(); err != nil || s.rows() == 0 {
		return err
	}
	return t.spill(s)
}

// makeRoom puts rows that wait for their STATE aside where they would take more memory than batches may.
func (t *Target) makeRoom() error {
	full := t.waiting >= t.config.BatchMaxBytes
	var waiting []*stream
	for _, s := range t.order {
		if s.rows() > 0 {
			waiting = append(waiting, s)
			full = full || s.rows() >= t.config.BatchMaxRows
		}
	}
	if !full {
		return nil
	}
	return t.spill(waiting...)
}

// end loads the rows that no STATE covers: nothing comes any more that they could wait for. If a stream has failed the next
// run brings them again.
func (t *Target) end() {
	if t.ended = len(t.committer.failures.errors()) == 0; !t.ended {
		return
	}
	rows := 0
	for _, s := range t.order {
		if t.committer.waits(&s.view) && s.spill != nil {
			rows += s.rows() + s.spill.rows
		}
	}
	if rows > 0 && t.messages.States > 0 && len(t.ledger.pending) == 0 {
		t.log.Warn("records came after the last STATE: they are loaded, and a run that starts from it would bring them again", "rows", rows)
	}
}

// once reports whether the checkpoint has rows that may only be committed together with the STATE that covers them.
func (c *checkpoint) once() bool {
	return c.saves() && !c.aside && (len(c.drains) > 0 || slices.ContainsFunc(c.loads, func(l *load) bool { return c.committer.waits(l.stream) }))
}

// saves reports whether the transaction writes the row of the state table. That of rows which wait for their STATE does, too: what
// comes after it can tell by the row that it was not lost.
func (c *checkpoint) saves() bool {
	return c.committer.stateTable != nil && len(c.loads)+len(c.states)+len(c.drains) > 0
}

// save is what the transaction does before its rows come: it writes the STATE, and brings in the rows that waited for it. What
// it returns counts those once they are committed.
func (c *checkpoint) save(ctx context.Context, conn *pgx.Conn) (counts []func(), err error) {
	if !c.saves() {
		return nil, nil
	}
	if slices.ContainsFunc(c.loads, (*load).underRolePath) {
		if _, err := conn.Exec(ctx, merge.PinnedPath); err != nil {
			return nil, err
		}
	}
	if err := c.committer.stateTable.save(ctx, conn, c.states); err != nil {
		return nil, err
	}
	return c.drain(ctx, conn)
}
