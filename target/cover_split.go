package target

import "slices"

// once says whether the checkpoint has rows that may only be committed together with the STATE that covers them.
func (c *checkpoint) once() bool {
	return c.saves() && !c.aside && (len(c.drains) > 0 || slices.ContainsFunc(c.loads, func(l *load) bool { return c.t.waits(l.stream) }))
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
