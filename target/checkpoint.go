package target

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
	"target-postgres/target/pipeline"
)

// checkpoint is a point in the input at which all batches go to the database together, in one transaction, and the
// states that wait for it leave.
type checkpoint struct {
	committer *Committer
	loads     []*load
	states    []state
	// aside is true for rows that go where they wait for their STATE, drains bring such rows into their tables.
	aside  bool
	drains []drain
	// sent is the transaction whose COMMIT was sent on a connection that then broke.
	sent pgtx.InDoubt
	// tx is the open transaction, begun true once it is known which one that is.
	tx    pgtx.Transaction
	begun bool
	// committed is true once the message that copied the rows has committed them.
	committed bool
	// patient is true once the checkpoint has waited in vain for a lock that its own followers may have kept from it.
	patient bool
	// races counts the attempts that a key inserted by somebody else may have ended.
	races int
	// rejects is a load into the table of rejected records, nil unless on_bad_record asks for it.
	rejects *load
	// sifted is a search for refused rows whose COMMIT may have been lost, nil unless there was one.
	sifted *sifting
}

// checkpoint hands everything that waits to the pipeline, and reads on while it works.
func (t *Target) checkpoint() error {
	t.due.Store(false)
	t.age.Reset(t.config.BatchAge())
	if t.now().Sub(t.measuredAt) >= measureEvery {
		t.measure()
	}
	c := &checkpoint{committer: t.committer, states: t.ledger.cut()}
	c.drains = t.drains(c.states)
	t.waiting = 0
	for _, s := range t.order {
		s.settleKeys()
		if ready := t.ready(s, c.states); ready.Rows() > 0 {
			l := newLoad(s, len(c.loads), ready)
			c.loads = append(c.loads, l)
			s.keys.Send(l.direct, t.config.Connections()-1)
		}
		if s.rows() > 0 {
			t.waiting += s.batch.Size
		}
	}
	c.rejects = t.rejectLoad()
	if err := t.submit(c); err != nil {
		return err
	}
	return t.makeRoom()
}

// submit hands a checkpoint to the pipeline.
func (t *Target) submit(c *checkpoint) error {
	if len(c.loads)+len(c.states)+len(c.drains) == 0 {
		return nil
	}
	err := t.pipeline.Submit(c.job())
	if err != nil {
		t.unsubmitted = append(t.unsubmitted, c)
	}
	return err
}

// job is the checkpoint's way into the database. Its rows are copied while the merge before it still runs.
func (c *checkpoint) job() pipeline.Task {
	work := []*checkpoint{c}
	j := pipeline.Task{Commit: func(ctx context.Context, conn *pgx.Conn, turn *pipeline.Ticket) error {
		for {
			work[0].withoutFailed()
			more, err := work[0].run(ctx, conn, turn)
			if err != nil {
				more, err = work[0].contain(tellRemedy(ctx, conn, c.committer.config, err))
			}
			if err != nil {
				return err
			}
			if work = append(more, work[1:]...); len(work) == 0 {
				return nil
			}
			turn.Prepared = false
			turn.AbortOthers()
		}
	}}
	j.Done = func(err error) {
		if err != nil {
			c.committer.unsent = append(c.committer.unsent, work...)
		}
	}
	// With a state table every transaction has the last word on which run it is of, and begins when its turn has come.
	if c.committer.stateTable == nil && len(c.loads) > 0 && !slices.ContainsFunc(c.loads, (*load).waits) {
		j.Prepare = func(ctx context.Context, conn *pgx.Conn, turn *pipeline.Ticket) error {
			c.withoutFailed()
			if slices.ContainsFunc(c.loads, (*load).waits) {
				return errInTheWay
			}
			return c.copy(ctx, conn, turn)
		}
		j.WritesAhead, j.GaveWay = slices.ContainsFunc(c.loads, (*load).runsIntoOthers), c.gaveWay
	}
	return j
}

// errInTheWay keeps rows from being copied ahead that would be in the way of those before them.
var errInTheWay = errors.New("the rows wait for those before them")

// gaveWay has the batches of its streams copied one after the other from now on.
func (c *checkpoint) gaveWay() {
	for _, l := range c.loads {
		if l.runsIntoOthers() && l.stream.inTheWay.CompareAndSwap(false, true) {
			c.committer.log.Info("batches are copied one after the other from now on: one that was copied ahead kept a lock from the one before it",
				"stream", l.stream.name)
		}
	}
}

// run commits the checkpoint and emits its states. It may return parts that are to be committed in its place.
func (c *checkpoint) run(ctx context.Context, conn *pgx.Conn, turn *pipeline.Ticket) ([]*checkpoint, error) {
	err := c.commit(ctx, conn, turn)
	switch {
	case err == nil && c.sifted != nil:
		return nil, c.sifted.settle()
	case err == nil:
		c.recycle()
		return nil, c.emit(c.states)
	case c.unkey(err):
		return []*checkpoint{c}, nil
	case isUnmeasured(err):
		return []*checkpoint{c}, measure(ctx, conn, c.loads)
	case isOfWaiting(err):
		return nil, err
	case refusedBy(err) == nil:
		c.patient = c.patient || failure.SQLState(err) == pgerrcode.LockNotAvailable
		return nil, err
	case c.undirect(err), c.raced(err):
		return []*checkpoint{c}, nil
	}
	turn.Prepared = false
	turn.AbortOthers()
	if err = c.sift(ctx, conn, err); c.unkey(err) {
		return []*checkpoint{c}, nil
	}
	return nil, err
}

// recycle gives the memory of the rows back.
func (c *checkpoint) recycle() {
	for _, l := range c.loads {
		l.batch.Recycle(c.committer.pool)
	}
}

// rows counts the rows of all streams.
func (c *checkpoint) rows() int {
	n := 0
	for _, l := range c.loads {
		n += l.batch.Rows()
	}
	return n
}

// commit loads all batches in one transaction, which is open already when they were copied ahead.
func (c *checkpoint) commit(ctx context.Context, conn *pgx.Conn, turn *pipeline.Ticket) error {
	if len(c.loads) == 0 && !c.saves() {
		return nil
	}
	settled := false
	if !turn.Prepared && !c.committed {
		var err error
		if settled, err = c.settled(ctx, conn); err != nil {
			return err
		}
		if settled && c.sifted != nil {
			c.keep()
			return nil
		}
		c.sifted = nil
		if !settled {
			err = c.copy(ctx, conn, turn)
		}
		if err != nil {
			return err
		}
	}
	var drained []func()
	if !c.committed && !settled {
		var err error
		if drained, err = c.finish(ctx, conn); err != nil {
			return err
		}
	}
	c.keep()
	for _, l := range c.loads {
		l.stream.stats.loaded(l, c.committer.now())
		l.countOwners()
	}
	for _, count := range drained {
		count()
	}
	return nil
}

// finish does what comes after copying the rows. What it returns counts what it brought in beside them.
func (c *checkpoint) finish(ctx context.Context, conn *pgx.Conn) (drained []func(), err error) {
	drained, err = c.save(ctx, conn)
	if err != nil {
		pgtx.Rollback(ctx, conn)
		return nil, err
	}
	if err := c.merge(ctx, conn); err != nil {
		c.sent.Remember(conn, c.tx)
		pgtx.Rollback(ctx, conn)
		return nil, err
	}
	return drained, nil
}

// merge brings all staged rows into their tables and commits.
func (c *checkpoint) merge(ctx context.Context, conn *pgx.Conn) error {
	all := newScript(c.lock()...)
	for _, l := range c.loads {
		if err := all.add(ctx, conn, l); err != nil {
			return err
		}
		if all.long() {
			if err := all.run(ctx, conn); err != nil {
				return err
			}
			all = newScript()
		}
	}
	all.texts = append(all.texts, merge.RolePath, pgtx.Commit)
	return all.run(ctx, conn)
}
