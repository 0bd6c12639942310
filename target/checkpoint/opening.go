package checkpoint

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
	"target-postgres/target/pipeline"
	"target-postgres/target/tablewrite"
)

// copy opens the transaction and sends all rows, the first of them in the message that opens it. Where the server cannot tell
// about the transaction meanwhile, opening takes a message of its own.
func (c *Checkpoint) copy(ctx context.Context, conn *pgx.Conn, turn *pipeline.Ticket) error {
	return c.Committer.Inquirer.AskBy(conn, func(q pgtx.Inquiry) (asked bool, err error) {
		err = c.copyBy(ctx, conn, turn, q)
		return c.begun, err
	})
}

func (c *Checkpoint) copyBy(ctx context.Context, conn *pgx.Conn, turn *pipeline.Ticket, q pgtx.Inquiry) error {
	s := newSending(c, turn)
	defer s.listen(conn)()
	if q.Told && len(c.Loads) > 0 {
		return c.send(ctx, conn, s, append(c.opening(), q.Tell())...)
	}
	tx, err := q.Open(ctx, conn, c.opening())
	if err != nil {
		return failure.FromServer("", "begin a checkpoint", err)
	}
	s.begin(tx)
	return c.send(ctx, conn, s)
}

// send sends all rows, and what is to come first in the message of the first of them. Where nothing is left to do but to
// commit, that is in the message of the last of them, which ends when the checkpoint has its turn.
func (c *Checkpoint) send(ctx context.Context, conn *pgx.Conn, s *sending, first ...string) error {
	for i, l := range c.Loads {
		with := tablewrite.Around{Before: first}
		commits := i == len(c.Loads)-1 && c.merged()
		if commits {
			with.After, with.Wait = append(c.lock(), "COMMIT"), s.wait
		}
		if err := l.Copy(ctx, conn, with); err != nil {
			if s.ending.Load() {
				c.sent.Remember(conn, c.tx)
			}
			pgtx.Rollback(ctx, conn)
			return c.notSent(l, err)
		}
		c.committed, first = commits, nil
	}
	return nil
}

// merged says whether the rows are where they belong as soon as they are copied, all of them.
func (c *Checkpoint) merged() bool {
	return !c.saves() && c.Last == nil && !slices.ContainsFunc(c.Loads, func(l *tablewrite.Write) bool { return !l.Direct || !l.Stream.TakesAll })
}

// notSent says what went wrong with the rows of a load, or with the message that they were in.
func (c *Checkpoint) notSent(l *tablewrite.Write, err error) error {
	switch {
	case !c.begun:
		return failure.FromServer("", "begin a checkpoint", err)
	case l.Spills && failure.SQLState(err) == pgerrcode.UndefinedTable: // nobody but a newer run drops the table
		return c.Committer.StateTable.Overtaken("has begun")
	default:
		return l.CopyError(err)
	}
}

// enoughMemory lets the server sort a batch without a file, which its default of 4 MB is too small for.
const enoughMemory = "SELECT set_config('work_mem', '32MB', true) WHERE pg_size_bytes(current_setting('work_mem')) < 33554432"

// opening opens the transaction, and makes the tables that the rows are copied into.
func (c *Checkpoint) opening() []string {
	statements := []string{c.Committer.config.Begin(), enoughMemory}
	if c.impatient() {
		statements = append(statements, fmt.Sprintf("SET LOCAL lock_timeout TO '%ds'", firstWait))
	}
	if slices.ContainsFunc(c.Loads, (*tablewrite.Write).LooksElsewhere) {
		statements = append(statements, c.lock()...)
	}
	for _, l := range c.Loads {
		if !l.Direct {
			statements = append(statements, l.CreateStaged())
		}
	}
	return statements
}

// impatient says to bound the first wait for a lock, of rows that go straight into a table with a key. Another loader of the same
// table may wait for rows that this one has copied ahead, and hold a key that the rows in their turn ask for: the server does
// not see that the former wait for the latter. A second attempt has nobody ahead of it and waits as long as is set.
func (c *Checkpoint) impatient() bool {
	set := c.Committer.config.LockTimeout
	direct := slices.ContainsFunc(c.Loads, func(l *tablewrite.Write) bool { return l.Direct && len(l.Job.Key) > 0 })
	return direct && !c.patient && c.Committer.config.Connections() > 1 && (set <= 0 || set > firstWait)
}

// firstWait is in seconds.
const firstWait = 5

// lock are the statements that wait for other loaders of the tables that only one may merge into at a time.
func (c *Checkpoint) lock() []string {
	var statements []string
	for _, key := range c.locks() {
		statements = append(statements, pgtx.AdvisoryLock(key))
	}
	return statements
}

// locks are the keys of the tables that only one loader may merge into at a time: those where no unique index settles who
// inserts a key. They are sorted, so that two loaders ask for them in one order.
func (c *Checkpoint) locks() []int64 {
	var keys []int64
	for _, l := range c.Loads {
		unsettled := !l.Job.Unique || l.Job.NullKeys || l.Job.Place != merge.Here
		if l.Job.Mode == merge.History || (len(l.Job.Key) > 0 && unsettled && !l.Direct) {
			keys = append(keys, pgtx.LockKey(l.Job.Target.Schema, l.Job.Target.Table))
		}
	}
	slices.Sort(keys)
	return keys
}
