package target

import (
	"errors"
	"slices"

	"target-postgres/target/batch"
	"target-postgres/target/failure"
)

// contain deals with an error of a checkpoint that trying again does not mend. If one stream is to blame for it, what stands
// before that stream's rows is committed first. The run then fails, or goes on with the other streams.
func (c *checkpoint) contain(err error) ([]*checkpoint, error) {
	l := c.blamed(err)
	at, known := refusedRow(err)
	if (l == nil && !known) || failure.OfServer(err) || failure.Transient(err) {
		return nil, err
	}
	waited := isOfWaiting(err)
	if l != nil && (!known || c.rows() == 1 && !waited) {
		at = l.batch.RowsAt[0]
	}
	if parts := c.before(at); parts != nil {
		return parts, nil
	}
	if s := c.drained(err); waited && known && s != nil && c.committer.goesOn(s.id, err) {
		c.committer.fail(s, at, err)
		return c.again(), nil
	}
	if l == nil || l.stream.rejects || !c.committer.goesOn(l.stream.id, err) {
		return nil, err
	}
	if known || c.rows() == 1 {
		c.committer.fail(l.ownerAt(at), at, err)
	} else {
		for _, s := range l.owners() {
			c.committer.fail(s, at, err)
		}
	}
	return c.again(), nil
}

// again is the checkpoint as it was before it was tried.
func (c *checkpoint) again() []*checkpoint {
	return []*checkpoint{{committer: c.committer, loads: c.loads, states: c.states, drains: c.drains, aside: c.aside, rejects: c.rejects}}
}

// blamed is the load of the stream that an error names, nil if it names none.
func (c *checkpoint) blamed(err error) *load {
	e, ok := errors.AsType[*failure.Error](err)
	if !ok || e.Stream == "" {
		return nil
	}
	for _, l := range c.loads {
		if slices.ContainsFunc(l.owners(), func(s *view) bool { return s.name == e.Stream }) {
			return l
		}
	}
	return nil
}

// before cuts the checkpoint before a position, nil if nothing of it stands there.
func (c *checkpoint) before(at batch.Position) []*checkpoint {
	if c.once() {
		var last batch.Position
		for _, s := range c.states {
			if s.where < at {
				last = s.where + 1
			}
		}
		if last == 0 {
			return nil
		}
		return c.cut(last)
	}
	first := c.part(0, at)
	if len(first.loads)+len(first.states) == 0 {
		return nil
	}
	rest := c.part(at, batch.MaxPosition)
	rest.drains = c.drains
	return []*checkpoint{first, rest}
}

// release emits, after the last job, the states that no checkpoint emitted although every row before them is committed. With
// a state table that is for the transactions to say.
func (t *Target) release() error {
	if t.committer.stateTable != nil {
		return nil
	}
	var states []state
	uncommitted := batch.MaxPosition
	for _, left := range slices.Concat(t.committer.unsent, t.unsubmitted) {
		states = append(states, left.states...)
		for _, l := range left.loads {
			if l.batch.Rows() > 0 { // a committed batch has given its memory back
				uncommitted = min(uncommitted, l.batch.RowsAt[0])
			}
		}
	}
	for _, s := range t.order {
		if s.rows() > 0 {
			uncommitted = min(uncommitted, s.batch.RowsAt[0])
		}
	}
	states = append(states, t.ledger.cut()...)
	released := &checkpoint{committer: t.committer, states: slices.DeleteFunc(states, func(s state) bool {
		return s.where >= uncommitted || !t.committer.failures.allows(s)
	})}
	return released.emit(released.states)
}
