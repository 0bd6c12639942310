package checkpoint

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/bisect"
	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
	"target-postgres/target/pipeline"
	"target-postgres/target/state"
	"target-postgres/target/tablewrite"
)

// The life of a transaction, in the order in which it happens:
//
//  1. Task gives the checkpoint to the pipeline.
//  2. copy opens the transaction and copies the rows, ahead of the checkpoint's turn where that is allowed (opening.go).
//  3. In its turn, run calls commit. settled asks first what became of a COMMIT that was lost (settle.go).
//  4. finish has the STATE saved and rows that waited brought in (cover.go, drain.go), and merge brings in all others and commits.
//     Where the server refuses rows, bisect does the same without them (bisect.go).
//  5. keep notes that the transaction is committed, and the rows are counted.
//  6. recycle gives the memory back, and Emit lets the STATEs leave (state.go).

// Checkpoint is a point in the input at which all batches go to the database together, in one transaction, and the
// states that wait for it leave.
type Checkpoint struct {
	Committer *Committer
	Loads     []*tablewrite.Write
	States    []state.Message
	// Aside is true for rows that go where they wait for their STATE, drains bring such rows into their tables.
	Aside  bool
	Drains []Drain
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
	// Rejects is a load into the table of rejected records, nil unless on_bad_record asks for it.
	Rejects *tablewrite.Write
	// Last is done in the transaction after everything else, nil for nothing.
	Last func(ctx context.Context, conn *pgx.Conn) error
	// bisected is a search for refused rows whose COMMIT may have been lost, nil unless there was one.
	bisected *bisection
}

// Task is the checkpoint's way into the database. Its rows are copied while the merge before it still runs.
func (c *Checkpoint) Task() pipeline.Task {
	work := []*Checkpoint{c}
	j := pipeline.Task{Commit: func(ctx context.Context, conn *pgx.Conn, turn *pipeline.Ticket) error {
		for {
			work[0].withoutFailed()
			more, err := work[0].run(ctx, conn, turn)
			if err != nil {
				more, err = work[0].contain(c.Committer.remedy(ctx, conn, err))
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
			c.Committer.Unsent = append(c.Committer.Unsent, work...)
		}
	}
	// With a state table every transaction has the last word on which run it is of, and begins when its turn has come.
	if c.Committer.StateTable == nil && len(c.Loads) > 0 && !slices.ContainsFunc(c.Loads, (*tablewrite.Write).Waits) {
		j.Prepare = func(ctx context.Context, conn *pgx.Conn, turn *pipeline.Ticket) error {
			c.withoutFailed()
			if slices.ContainsFunc(c.Loads, (*tablewrite.Write).Waits) {
				return errInTheWay
			}
			return c.copy(ctx, conn, turn)
		}
		j.WritesAhead, j.GaveWay = slices.ContainsFunc(c.Loads, (*tablewrite.Write).RunsIntoOthers), c.gaveWay
	}
	return j
}

// errInTheWay keeps rows from being copied ahead that would be in the way of those before them.
var errInTheWay = errors.New("the rows wait for those before them")

// gaveWay has the batches of its streams copied one after the other from now on.
func (c *Checkpoint) gaveWay() {
	for _, l := range c.Loads {
		if l.RunsIntoOthers() && l.Stream.InTheWay.CompareAndSwap(false, true) {
			c.Committer.log.Info("batches are copied one after the other from now on: one that was copied ahead kept a lock from the one before it",
				"stream", l.Stream.Name)
		}
	}
}

// run commits the checkpoint and emits its states. It may return parts that are to be committed in its place.
func (c *Checkpoint) run(ctx context.Context, conn *pgx.Conn, turn *pipeline.Ticket) ([]*Checkpoint, error) {
	err := c.commit(ctx, conn, turn)
	switch {
	case err == nil && c.bisected != nil:
		return nil, c.bisected.settle()
	case err == nil:
		c.recycle()
		return nil, c.Emit(c.States)
	case c.unkey(err), c.withoutLast(err):
		return []*Checkpoint{c}, nil
	case tablewrite.IsUnmeasured(err):
		return []*Checkpoint{c}, tablewrite.Measure(ctx, conn, c.Loads)
	case isOfWaiting(err):
		return nil, err
	case bisect.By(err) == nil:
		c.patient = c.patient || failure.SQLState(err) == pgerrcode.LockNotAvailable
		return nil, err
	case c.undirect(err), c.raced(err):
		return []*Checkpoint{c}, nil
	}
	turn.Prepared = false
	turn.AbortOthers()
	if err = c.bisect(ctx, conn, err); c.unkey(err) || c.withoutLast(err) {
		return []*Checkpoint{c}, nil
	}
	return nil, err
}

// recycle gives the memory of the rows back.
func (c *Checkpoint) recycle() {
	for _, l := range c.Loads {
		l.Batch.Recycle(c.Committer.pool)
	}
}

// rows counts the rows of all streams.
func (c *Checkpoint) rows() int {
	n := 0
	for _, l := range c.Loads {
		n += l.Batch.Rows()
	}
	return n
}

// commit loads all batches in one transaction, which is open already when they were copied ahead.
func (c *Checkpoint) commit(ctx context.Context, conn *pgx.Conn, turn *pipeline.Ticket) error {
	if len(c.Loads) == 0 && !c.saves() && c.Last == nil {
		return nil
	}
	settled := false
	if !turn.Prepared && !c.committed {
		var err error
		if settled, err = c.settled(ctx, conn); err != nil {
			return err
		}
		if settled && c.bisected != nil {
			c.keep()
			return nil
		}
		c.bisected = nil
		if !settled {
			err = c.copy(ctx, conn, turn)
		}
		if err != nil {
			return err
		}
	}
	var drained []func(teller)
	if !c.committed && !settled {
		var err error
		if drained, err = c.finish(ctx, conn); err != nil {
			return err
		}
	}
	c.keep()
	c.count(drained, c.Committer.TellReject)
	return nil
}

// finish does what comes after copying the rows. What it returns counts what it brought in beside them.
func (c *Checkpoint) finish(ctx context.Context, conn *pgx.Conn) (drained []func(teller), err error) {
	drained, err = c.save(ctx, conn)
	if err != nil {
		pgtx.Rollback(ctx, conn)
		return nil, err
	}
	if err := c.merge(ctx, conn, drained); err != nil {
		c.sent.Remember(conn, c.tx)
		pgtx.Rollback(ctx, conn)
		return nil, err
	}
	return drained, nil
}

// merge brings all staged rows into their tables and commits.
func (c *Checkpoint) merge(ctx context.Context, conn *pgx.Conn, drained []func(teller)) error {
	all := tablewrite.NewScript(c.lock()...)
	for _, l := range c.Loads {
		if err := all.Add(ctx, conn, l); err != nil {
			return err
		}
		if all.Long() {
			if err := all.Run(ctx, conn); err != nil {
				return err
			}
			all = tablewrite.NewScript()
		}
	}
	if c.Last != nil {
		if err := all.Run(ctx, conn); err != nil {
			return err
		}
		if err := c.writeLast(ctx, conn, nil, func() { c.count(drained, silently) }); err != nil {
			return err
		}
		all = tablewrite.NewScript()
	}
	all.Texts = append(all.Texts, merge.RolePath, pgtx.Commit)
	return all.Run(ctx, conn)
}
