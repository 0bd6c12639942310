package target

import (
	"slices"

	"target-postgres/target/batch"
)

// part is what stands in the input from one position to before another.
func (c *checkpoint) part(from, before batch.Position) *checkpoint {
	p := &checkpoint{committer: c.committer, aside: c.aside, rejects: c.rejects}
	for _, share := range c.whole().between(from, before).shares {
		p.loads = append(p.loads, share.load.with(share.load.batch.Cut(share.spans, share.from, share.to)))
	}
	for _, s := range c.states {
		if s.where >= from && s.where < before {
			p.states = append(p.states, s)
		}
	}
	return p
}

// cut divides the checkpoint at a position after a STATE.
func (c *checkpoint) cut(at batch.Position) []*checkpoint {
	first, second := c.part(0, at), c.part(at, batch.MaxPosition)
	first.drains = c.drains
	return slices.DeleteFunc([]*checkpoint{first, second}, func(p *checkpoint) bool {
		return len(p.loads)+len(p.states)+len(p.drains) == 0
	})
}
