package checkpoint

import (
	"context"
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

// This file is the life of a transaction, from the first byte of its rows to the STATE that leaves, in the order in
// which it happens:
//
//  1. copy makes partitions, opens the transaction and sends the rows. The pipeline calls it ahead of the checkpoint's turn where that is allowed.
//  2. In its turn the pipeline calls run, and that commit: where nothing was copied ahead, it begins with copy.
//  3. finish saves the STATE (cover.go), brings in rows that waited (drain.go), and has merge bring in all others and send COMMIT.
//  4. keep notes which transaction has committed.
//  5. recycle gives the memory of the rows back, and Emit lets the STATEs leave.
//
// The faults have files of their own: settle.go for a COMMIT without an answer, bisect.go for rows that the server
// refuses, retry.go for what another attempt mends.

// copy opens the transaction and sends all rows, the first of them in the message that opens it. Where the server
// cannot tell about the transaction meanwhile, opening takes a message of its own.
func (c *Checkpoint) copy(ctx context.Context, conn *pgx.Conn, turn *pipeline.Ticket) error {
	if err := c.partition(ctx, conn, turn); err != nil {
		return err
	}
	return c.Committer.Inquirer.AskBy(conn, func(q pgtx.Inquiry) (asked bool, err error) {
		err = c.copyBy(ctx, conn, turn, q)
		return c.begun, err
	})
}

// partition makes the partitions that the rows need.
func (c *Checkpoint) partition(ctx context.Context, conn *pgx.Conn, turn *pipeline.Ticket) error {
	if c.Partitions == nil {
		return nil
	}
	if err := c.Partitions(ctx, conn, !turn.HasCome()); err != nil {
		return err
	}
	c.Partitions = nil
	if !turn.HasCome() && slices.ContainsFunc(c.Writes, waits) { // what they need could not be made
		return errInTheWay
	}
	return nil
}

func (c *Checkpoint) copyBy(ctx context.Context, conn *pgx.Conn, turn *pipeline.Ticket, q pgtx.Inquiry) error {
	s := newSending(c, turn)
	defer s.listen(conn)()
	if q.Told && len(c.Writes) > 0 {
		return c.send(ctx, conn, s, append(c.opening(), q.Tell())...)
	}
	tx, err := q.Open(ctx, conn, c.opening())
	if err != nil {
		return failure.FromServer("", "begin a checkpoint", err)
	}
	s.begin(tx)
	return c.send(ctx, conn, s)
}

// send sends all rows, and what is to come first in the message of the first of them. Where nothing is left to do but
// to commit, that is in the message of the last of them, which ends when the checkpoint has its turn.
func (c *Checkpoint) send(ctx context.Context, conn *pgx.Conn, s *sending, first ...string) error {
	for i, w := range c.Writes {
		with := tablewrite.Around{Before: first, LooksUp: true, LastLook: true}
		commits := i == len(c.Writes)-1 && c.merged()
		if commits {
			with.After, with.Wait = append(c.closing(), "COMMIT"), s.wait
		}
		if err := w.Copy(ctx, conn, with); err != nil {
			if s.ending.Load() {
				c.sent.Remember(conn, c.tx)
			}
			pgtx.Rollback(ctx, conn)
			return c.notSent(w, err)
		}
		c.committed, first = commits, nil
	}
	return c.noteParts(ctx, conn, s.turn)
}

// merged reports whether the rows are where they belong as soon as they are copied, all of them.
func (c *Checkpoint) merged() bool {
	return !c.saves() && c.Last == nil && !slices.ContainsFunc(c.Writes, func(w *tablewrite.Write) bool { return !w.Direct || !w.Stream.PlainTable })
}

// run commits the checkpoint and emits its states. It may return parts that are to be committed in its place.
func (c *Checkpoint) run(ctx context.Context, conn *pgx.Conn, turn *pipeline.Ticket) ([]*Checkpoint, error) {
	err := c.commit(ctx, conn, turn)
	switch {
	case err == nil && c.bisected != nil:
		return nil, c.bisected.finish()
	case err == nil:
		c.recycle()
		return nil, c.Emit(c.States)
	case tablewrite.Unkey(c.Writes, err, c.Committer.log), c.withoutLast(err), tablewrite.GoOnInCSV(c.Writes, err, c.Committer.log),
		tablewrite.SendAll(c.Writes, err, c.Committer.log):
		return []*Checkpoint{c}, nil
	case tablewrite.IsUnmeasured(err):
		return []*Checkpoint{c}, tablewrite.Measure(ctx, conn, c.Writes)
	case isOfWaiting(err):
		return nil, err
	case bisect.By(err) == nil:
		c.lockTimedOut = c.lockTimedOut || failure.SQLState(err) == pgerrcode.LockNotAvailable
		return nil, err
	case tablewrite.FallBackToStaging(c.Writes, err), c.raced(err):
		return []*Checkpoint{c}, nil
	}
	turn.Prepared = false
	turn.AbortOthers()
	if err = c.bisect(ctx, conn, err); tablewrite.Unkey(c.Writes, err, c.Committer.log) || c.withoutLast(err) {
		return []*Checkpoint{c}, nil
	}
	return nil, err
}

// commit loads all batches in one transaction, which is open already when they were copied ahead.
func (c *Checkpoint) commit(ctx context.Context, conn *pgx.Conn, turn *pipeline.Ticket) error {
	if len(c.Writes) == 0 && !c.saves() && c.Last == nil {
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
	c.count(drained, c.Committer.Rejects.Settle)
	return nil
}

// finish does what comes after copying the rows. The functions that it returns count the rows that it brought in beside
// them.
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

// begins takes note of the open transaction. Checkpoints after this one may go ahead once that is done: they tell the
// rows of the run from those of others.
func (c *Checkpoint) begins(tx pgtx.Transaction) {
	c.tx, c.begun = tx, true
	for _, w := range c.Writes {
		if w.Stream.KeysApart() {
			w.Stream.Ours.Add(tx.RowID())
		}
	}
}

// closing are the statements that begin the end of the transaction.
func (c *Checkpoint) closing() []string {
	return append(tablewrite.Locks(c.Writes, false), tablewrite.LastLook(c.Writes)...)
}

// merge brings all staged rows into their tables and commits.
func (c *Checkpoint) merge(ctx context.Context, conn *pgx.Conn, drained []func(teller)) error {
	all := tablewrite.NewScript(c.closing()...)
	for _, w := range c.Writes {
		if err := all.Add(ctx, conn, w); err != nil {
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

// keep remembers what the next transaction can tell by that the server has lost nothing since.
func (c *Checkpoint) keep() {
	if c.saves() {
		c.Committer.StateTable.Last = c.Committer.StateTable.RowID(c.tx)
	}
	c.Committer.Ran(c.tx)
}

// recycle gives the memory of the rows back.
func (c *Checkpoint) recycle() {
	for _, w := range c.Writes {
		w.Batch.Recycle(c.Committer.pool)
	}
}

// Emit writes states out: for Singer the newest of them, for Airbyte each one. It fails if the output is closed.
func (c *Checkpoint) Emit(states []state.Message) error {
	defer c.Committer.ending.Begin("waiting for a reader of standard output")()
	for i, s := range states {
		var err error
		switch {
		case s.Scope != 0:
			err = c.Committer.writer.AirbyteState(s.Raw, s.Records, s.Rejected)
		case i == len(states)-1:
			err = c.Committer.writer.SingerState(s.Raw)
		}
		if err != nil {
			return &failure.Error{Blame: failure.Program, Reason: "emit STATE", Err: err, Hint: "the program that reads the output has closed it"}
		}
		c.Committer.Emitted.Store(c.Committer.now().UnixNano())
	}
	return nil
}
