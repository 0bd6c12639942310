package checkpoint

import (
	"slices"

	"target-postgres/target/batch"
	"target-postgres/target/fraction"
)

// part is what stands in the input from one position to before another.
func (c *Checkpoint) part(from, before batch.Position) *Checkpoint {
	p := &Checkpoint{Committer: c.Committer, Aside: c.Aside, Rejects: c.Rejects, Partitions: c.Partitions}
	for _, share := range fraction.Of(c.Writes).Between(from, before).Shares {
		p.Writes = append(p.Writes, share.Write.With(share.Write.Batch.Cut(share.Spans, share.From, share.To)))
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
		return len(p.Writes)+len(p.States)+len(p.Drains) == 0
	})
}
