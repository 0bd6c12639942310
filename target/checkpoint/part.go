package checkpoint

import (
	"slices"

	"target-postgres/target/batch"
)

// part is what stands in the input from one position to before another.
func (c *Checkpoint) part(from, before batch.Position) *Checkpoint {
	p := &Checkpoint{Committer: c.Committer, Aside: c.Aside, Rejects: c.Rejects}
	for _, share := range c.whole().between(from, before).shares {
		p.Loads = append(p.Loads, share.load.With(share.load.Batch.Cut(share.spans, share.from, share.to)))
	}
	for _, s := range c.States {
		if s.Where >= from && s.Where < before {
			p.States = append(p.States, s)
		}
	}
	return p
}

// cut divides the checkpoint at a position after a STATE.
func (c *Checkpoint) cut(at batch.Position) []*Checkpoint {
	first, second := c.part(0, at), c.part(at, batch.MaxPosition)
	first.Drains = c.Drains
	return slices.DeleteFunc([]*Checkpoint{first, second}, func(p *Checkpoint) bool {
		return len(p.Loads)+len(p.States)+len(p.Drains) == 0
	})
}
