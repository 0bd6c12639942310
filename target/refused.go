package target

import (
	"errors"
	"slices"

	"target-postgres/merge"
)

// undirect sends the batches the long way that went straight into a table whose key objected. It returns false when none
// did.
func (c *checkpoint) undirect(err error) bool {
	found := false
	for _, l := range c.loads {
		if l.direct && l.job.Mode != merge.Append && stateOf(err) == "23505" {
			l.stream.fresh.Store(false)
			l.direct, found = false, true
		}
	}
	return found
}

// noSuchIndex is what the server says of an ON CONFLICT that no unique index goes with.
const noSuchIndex = "42P10"

// unkey has batches merged without a unique index where somebody has dropped the table's while the program runs. It returns false
// for any other error.
func (c *checkpoint) unkey(err error) bool {
	var e *Error
	if stateOf(err) != noSuchIndex || !errors.As(err, &e) {
		return false
	}
	found := false
	for _, l := range c.loads {
		if l.stream.name != e.Stream || (!l.direct && !l.job.Unique) {
			continue
		}
		if l.stream.unkeyed.CompareAndSwap(false, true) {
			c.t.log.Warn("the unique index over the key is gone, somebody has dropped it: merging without one, which is slower", "stream", l.stream.name)
		}
		l.stream.fresh.Store(false)
		l.direct, l.job.Unique, l.job.Repeats, found = false, false, true, true
	}
	return found
}

// mostRaces bounds how often a key that another loader inserted first is tried again.
const mostRaces = 3

// raced says whether to try once more because another loader may have inserted one of the keys meanwhile: the merge then
// finds its row.
func (c *checkpoint) raced(err error) bool {
	c.races++
	return stateOf(err) == "23505" && c.races <= mostRaces
}

// split cuts the checkpoint before and after the row that the server refused, or in the middle when it did not say which.
func (c *checkpoint) split(err error) []*checkpoint {
	where, known := refusedRow(err)
	if !known {
		where = c.middle()
		return []*checkpoint{c.part(0, where), c.part(where, maxPosition)}
	}
	parts := []*checkpoint{c.part(0, where), c.part(where, where+1), c.part(where+1, maxPosition)}
	return slices.DeleteFunc(parts, func(p *checkpoint) bool { return len(p.loads) == 0 && len(p.states) == 0 })
}

// middle is a position with rows on both sides.
func (c *checkpoint) middle() position {
	var all []position
	for _, l := range c.loads {
		all = append(all, l.batch.rowsAt...)
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// part is what stands in the input from one position to before another.
func (c *checkpoint) part(from, before position) *checkpoint {
	p := &checkpoint{t: c.t, aside: c.aside}
	for _, l := range c.loads {
		batch := l.batch.without(func(i int) bool { return l.batch.rowsAt[i] < from || l.batch.rowsAt[i] >= before })
		if batch.rows() > 0 {
			p.loads = append(p.loads, l.with(batch))
		}
	}
	for _, s := range c.states {
		if s.where >= from && s.where < before {
			p.states = append(p.states, s)
		}
	}
	return p
}

// refuse deals with a single row that the table does not take: the run fails, or the row is rejected and what came with it
// goes on.
func (c *checkpoint) refuse(err error) ([]*checkpoint, error) {
	l := c.loads[0]
	e := &Error{Kind: KindInput, Err: err}
	errors.As(err, &e)
	e.Stream, e.Line = l.owner(0).name, l.batch.rowsAt[0].line()
	if nulled := l.withoutValue(e.Column, c.t.pool); nulled != nil {
		return c.instead(nulled), nil
	}
	if l.stream == c.t.rejects && untranslatable(err) {
		if ascii := l.inASCII(); ascii != nil {
			return c.instead(ascii), nil
		}
	}
	if c.t.config.OnBadRecord != "reject" || l.stream == c.t.rejects {
		return nil, e
	}
	if err := c.t.countReject(l.owner(0), e); err != nil {
		return nil, err
	}
	rejection, err := c.t.rejectedRow(l, e)
	if err != nil {
		return nil, err
	}
	return c.instead(rejection), nil
}

// instead is the checkpoint of a single row with another in its place.
func (c *checkpoint) instead(l *load) []*checkpoint {
	return []*checkpoint{{t: c.t, loads: []*load{l}, states: c.states, drains: c.drains, aside: c.aside}}
}
