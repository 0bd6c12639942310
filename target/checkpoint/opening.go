package checkpoint

import (
	_ "embed"
	"fmt"
	"slices"

	"github.com/jackc/pgerrcode"

	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
	"target-postgres/target/tablewrite"
)

// notSent says what went wrong with the rows of a write, or with the message that they were in.
func (c *Checkpoint) notSent(w *tablewrite.Write, err error) error {
	switch {
	case !c.begun:
		return failure.FromServer("", "begin a checkpoint", err)
	case w.Spills && failure.SQLState(err) == pgerrcode.UndefinedTable: // only a newer run drops the table
		return c.Committer.StateTable.FencedOff("has begun")
	default:
		return w.CopyError(err)
	}
}

// fewerWorkersSQL bounds the connections that Citus' coordinator makes to each worker for a transaction of ours, and
// has it keep them for the next one. It would make one for every shard, in every transaction, and each of them takes
// part in the two-phase commit. So many are never busy: the coordinator divides the rows of a transaction in one
// process.
//
//go:embed sql/fewer_workers.sql
var fewerWorkersSQL string

// opening opens the transaction, and makes the tables that the rows are copied into.
func (c *Checkpoint) opening() []string {
	statements := []string{c.Committer.config.Begin(), pgtx.EnoughMemory}
	if slices.ContainsFunc(c.Writes, (*tablewrite.Write).IsSharded) {
		statements = append(statements, fewerWorkersSQL)
	}
	if c.waitsBriefly() {
		statements = append(statements, fmt.Sprintf("SET LOCAL lock_timeout TO '%ds'", firstWait))
	}
	if slices.ContainsFunc(c.Writes, (*tablewrite.Write).LooksElsewhere) {
		statements = append(statements, tablewrite.Locks(c.Writes, true)...)
	}
	for _, w := range c.Writes {
		if !w.Direct {
			statements = append(statements, w.CreateStaged())
		}
	}
	return statements
}

// waitsBriefly reports whether to bound the first wait for a lock, of rows that go straight into a table with a key or
// with chunks. Another loader of the same table may wait for rows that this one has copied ahead, and hold a key or a
// chunk that the rows in their turn ask for: the server does not see that the former wait for the latter. No task is
// ahead of a second attempt, which waits as long as is set.
func (c *Checkpoint) waitsBriefly() bool {
	set := c.Committer.config.LockTimeout
	direct := func(w *tablewrite.Write) bool { return w.Direct && len(w.Job.Key) > 0 || w.MakesChunks() }
	return slices.ContainsFunc(c.Writes, direct) && !c.lockTimedOut && c.Committer.config.Connections() > 1 && (set <= 0 || set > firstWait)
}

// firstWait is in seconds.
const firstWait = 5
