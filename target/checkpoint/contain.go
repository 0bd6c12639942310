package checkpoint

import (
	"errors"
	"slices"

	"target-postgres/target/batch"
	"target-postgres/target/bisect"
	"target-postgres/target/failure"
	"target-postgres/target/revision"
	"target-postgres/target/tablewrite"
)

// contain deals with an error of a checkpoint that trying again does not mend. If one stream is to blame for it, what
// stands before that stream's rows is committed first. The run then fails, or goes on with the other streams.
func (c *Checkpoint) contain(err error) ([]*Checkpoint, error) {
	parts, err := c.divide(err)
	if n := len(parts); n > 0 {
		parts[n-1].Last = c.Last
	}
	return parts, err
}

func (c *Checkpoint) divide(err error) ([]*Checkpoint, error) {
	w := c.blamed(err)
	at, known := bisect.RefusedRow(err)
	if (w == nil && !known) || failure.OfServer(err) || failure.Transient(err) {
		return nil, err
	}
	waited := isOfWaiting(err)
	if w != nil && (!known || c.rows() == 1 && !waited) {
		at = w.Batch.RowsAt[0]
	}
	if parts := c.before(at); parts != nil {
		return parts, nil
	}
	if s := c.drained(err); waited && known && s != nil && c.Committer.GoesOn(s.ID, err) {
		c.Committer.Fail(s, at, err)
		return c.again(), nil
	}
	if w == nil || w.Stream.Rejects || !c.Committer.GoesOn(w.Stream.ID, err) {
		return nil, err
	}
	if known || c.rows() == 1 {
		c.Committer.Fail(w.OwnerAt(at), at, err)
	} else {
		for _, s := range w.Owners() {
			c.Committer.Fail(s, at, err)
		}
	}
	return c.again(), nil
}

// again is the checkpoint as it was before it was tried.
func (c *Checkpoint) again() []*Checkpoint {
	return []*Checkpoint{{Committer: c.Committer, Writes: c.Writes, States: c.States, Drains: c.Drains, Aside: c.Aside, Rejects: c.Rejects, Partitions: c.Partitions}}
}

// blamed is the write of the stream that an error names, nil if it names none.
func (c *Checkpoint) blamed(err error) *tablewrite.Write {
	e, ok := errors.AsType[*failure.Error](err)
	if !ok || e.Stream == "" {
		return nil
	}
	for _, w := range c.Writes {
		if slices.ContainsFunc(w.Owners(), func(s *revision.Revision) bool { return s.Name == e.Stream }) {
			return w
		}
	}
	return nil
}

// before cuts the checkpoint before a position, nil if nothing of it stands there.
func (c *Checkpoint) before(at batch.Position) []*Checkpoint {
	if c.once() {
		var last batch.Position
		for _, s := range c.States {
			if s.Where < at {
				last = s.Where + 1
			}
		}
		if last == 0 {
			return nil
		}
		return c.cut(last)
	}
	first := c.part(0, at)
	if len(first.Writes)+len(first.States) == 0 {
		return nil
	}
	rest := c.part(at, batch.MaxPosition)
	rest.Drains = c.Drains
	return []*Checkpoint{first, rest}
}
