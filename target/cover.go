package target

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
)

// With state_table a row that is to come once is committed together with the first STATE after it, never before: were it
// there without that STATE, the next run would bring it again. That goes for every record that is a row of its own, those of
// load mode append and the rejected ones; in the other modes a record that is sent again changes nothing.

// waits says whether the rows of a stream wait for the STATE that covers them.
func (t *Target) waits(s *stream) bool { return t.stateTable != nil && s.mode == merge.Append }

// ready takes the rows of a stream's batch that a checkpoint with these states may commit, and leaves it the others.
func (t *Target) ready(s *stream, states []state) *batch {
	all := s.batch
	covered := position(-1)
	if n := len(states); n > 0 {
		covered = states[n-1].where
	}
	switch n := s.rows(); {
	case n == 0:
		return &batch{}
	case !t.waits(s) || t.ended || all.rowsAt[n-1] < covered:
		s.batch = t.pool.batch()
		return all
	case all.rowsAt[0] > covered:
		return &batch{}
	}
	s.batch = all.without(func(i int) bool { return all.rowsAt[i] < covered })
	s.batch.started = all.started
	return all.without(func(i int) bool { return all.rowsAt[i] > covered })
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

// end lets the rows go that no STATE covers: nothing comes any more that they could wait for.
func (t *Target) end() {
	t.ended = true
	rows := 0
	for _, s := range t.order {
		if t.waits(s) && s.spill != nil {
			rows += s.rows() + s.spill.rows
		}
	}
	if rows > 0 && t.messages.States > 0 && len(t.ledger.pending) == 0 {
		t.log.Warn("records came after the last STATE: they are loaded, and a run that starts from it would bring them again", "rows", rows)
	}
}

// saves says whether the transaction has more to do than to load rows.
func (c *checkpoint) saves() bool {
	return c.t.stateTable != nil && !c.aside && len(c.loads)+len(c.states)+len(c.drains) > 0
}

// save is what the transaction does before its rows come: it writes the STATE, and brings in the rows that waited for it. What
// it returns counts those once they are committed.
func (c *checkpoint) save(ctx context.Context, conn *pgx.Conn) (counts []func(), err error) {
	if !c.saves() {
		return nil, nil
	}
	if err := c.t.stateTable.save(ctx, conn, c.states); err != nil {
		return nil, err
	}
	return c.drain(ctx, conn)
}

// once says whether the checkpoint has rows that may only be committed together with the STATE that covers them.
func (c *checkpoint) once() bool {
	return c.saves() && (len(c.drains) > 0 || slices.ContainsFunc(c.loads, func(l *load) bool { return c.t.waits(l.stream) }))
}

// splitAtStates is split for such a checkpoint: it may fall apart only where a STATE stands, and a row that is refused goes
// to the rejected ones in the same transaction.
func (c *checkpoint) splitAtStates(err error) ([]*checkpoint, error) {
	where, known := refusedRow(err)
	var before, after position
	for _, s := range c.states {
		switch {
		case s.where < where:
			before = s.where + 1
		case after == 0:
			after = s.where + 1
		}
	}
	switch {
	case known && before > 0:
		return c.cut(before), nil
	case known:
		return c.reject(where, after, err)
	case len(c.states) > 1:
		return c.cut(c.states[len(c.states)/2-1].where + 1), nil
	}
	return c.repeatable(err)
}

// cut divides the checkpoint at a position after a STATE.
func (c *checkpoint) cut(at position) []*checkpoint {
	first, second := c.part(0, at), c.part(at, maxPosition)
	first.drains = c.drains
	return slices.DeleteFunc([]*checkpoint{first, second}, func(p *checkpoint) bool {
		return len(p.loads)+len(p.states)+len(p.drains) == 0
	})
}

// reject puts what becomes of a refused row in its place. after is the end of the part that has to stay together, 0 where
// no STATE follows.
func (c *checkpoint) reject(where, after position, err error) ([]*checkpoint, error) {
	instead, err := c.part(where, where+1).refuse(err)
	if err != nil {
		return nil, err
	}
	rest := c.part(0, maxPosition)
	rest.loads, rest.drains = nil, c.drains
	for _, l := range c.loads {
		batch := l.batch.without(func(i int) bool { return l.batch.rowsAt[i] == where })
		if batch.rows() > 0 {
			rest.loads = append(rest.loads, l.with(batch))
		}
	}
	for _, p := range instead {
		for _, l := range p.loads {
			l.job.Staged.Table = stagedName(int(where))
			rest.loads = append(rest.loads, l)
		}
	}
	if after == 0 {
		return []*checkpoint{rest}, nil
	}
	return rest.cut(after), nil
}

// repeatable commits ahead what may be sent again, when it is not known which row is refused: the others then stand alone.
func (c *checkpoint) repeatable(err error) ([]*checkpoint, error) {
	ahead := &checkpoint{t: c.t}
	rest := &checkpoint{t: c.t, states: c.states, drains: c.drains}
	for _, l := range c.loads {
		if c.t.waits(l.stream) {
			rest.loads = append(rest.loads, l)
		} else {
			ahead.loads = append(ahead.loads, l)
		}
	}
	switch {
	case len(ahead.loads) > 0:
		return []*checkpoint{ahead, rest}, nil
	case c.t.config.OnBadRecord != "reject":
		return nil, err
	}
	c.t.log.Warn("the server does not say which row it refuses: rows are committed before their STATE to find it", "rows", c.rows())
	parts := c.split(err)
	parts[0].drains = c.drains
	return parts, nil
}
