package target

import (
	"errors"
	"slices"
	"strings"

	"target-postgres/target/connect"
)

// A fault of one stream takes nothing else with it. What was complete before is committed and its STATE emitted; the run then
// ends, or goes on without the stream (on_stream_error).

// lost reports whether an error means that there is no connection any more, so that nothing else can be done.
func lost(err error) bool {
	if _, is := errors.AsType[*connect.Error](err); is {
		return true
	}
	code := stateOf(err)
	if code == "" {
		kind := KindOf(err)
		return kind != KindConfig && kind != KindInput
	}
	return strings.HasPrefix(code, "08") || strings.HasPrefix(code, "57P") || code == tooManyConnections ||
		code == "25P03" || code == "25P04"
}

// ofServer reports whether an error is the server's, whatever stream it met: of the connection, of memory or of a disk.
func ofServer(err error) bool {
	code := stateOf(err)
	return lost(err) || strings.HasPrefix(code, "53") || strings.HasPrefix(code, "58")
}

// contain deals with an error of a checkpoint that trying again does not mend. If one stream is to blame for it, what stands
// before that stream's rows is committed first. The run then fails, or goes on with the other streams.
func (c *checkpoint) contain(err error) ([]*checkpoint, error) {
	l := c.blamed(err)
	at, known := refusedRow(err)
	if (l == nil && !known) || ofServer(err) || transient(err) {
		return nil, err
	}
	if l != nil && (!known || c.rows() == 1) {
		at = l.batch.rowsAt[0]
	}
	if parts := c.before(at); parts != nil {
		return parts, nil
	}
	if l == nil || l.stream == c.t.rejects || !c.t.goesOn(err) {
		return nil, err
	}
	if known || c.rows() == 1 {
		c.t.fail(l.ownerAt(at), at, err)
	} else {
		for _, s := range l.owners() {
			c.t.fail(s, at, err)
		}
	}
	return []*checkpoint{{t: c.t, loads: c.loads, states: c.states, drains: c.drains, aside: c.aside, rejects: c.rejects}}, nil
}

// blamed is the load of the stream that an error names, nil if it names none.
func (c *checkpoint) blamed(err error) *load {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Stream == "" {
		return nil
	}
	for _, l := range c.loads {
		if slices.ContainsFunc(l.owners(), func(s *stream) bool { return s.name == e.Stream }) {
			return l
		}
	}
	return nil
}

// before cuts the checkpoint before a position, nil if nothing of it stands there.
func (c *checkpoint) before(at position) []*checkpoint {
	if c.once() {
		var last position
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
	rest := c.part(at, maxPosition)
	rest.drains = c.drains
	return []*checkpoint{first, rest}
}

// release emits, after the last job, the states that no checkpoint emitted although every row before them is committed. With
// a state table that is for the transactions to say.
func (t *Target) release() error {
	if t.stateTable != nil {
		return nil
	}
	var states []state
	uncommitted := maxPosition
	for _, left := range slices.Concat(t.unsent, t.unsubmitted) {
		states = append(states, left.states...)
		for _, l := range left.loads {
			if l.batch.rows() > 0 { // a committed batch has given its memory back
				uncommitted = min(uncommitted, l.batch.rowsAt[0])
			}
		}
	}
	for _, s := range t.order {
		if s.rows() > 0 {
			uncommitted = min(uncommitted, s.batch.rowsAt[0])
		}
	}
	states = append(states, t.ledger.cut()...)
	released := &checkpoint{t: t, states: slices.DeleteFunc(states, func(s state) bool {
		return s.where >= uncommitted || !t.failures.allows(s)
	})}
	return released.emit(released.states)
}
