package checkpoint

import (
	"context"

	"github.com/jackc/pgx/v5"

	"target-postgres/target/batch"
	"target-postgres/target/bisect"
	"target-postgres/target/failure"
	"target-postgres/target/isolate"
	"target-postgres/target/pgtx"
	"target-postgres/target/tablewrite"
)

// bisection is a transaction of a checkpoint that has all of its rows but those that the server refuses.
type bisection struct {
	*isolate.Search
	c *Checkpoint
	// drained count the rows that were drained.
	drained []func(teller)
}

// bisect commits the checkpoint without the rows that the server refuses. The error says which row ends the run, or why
// nothing could be committed. The checkpoint then keeps what is not committed: everything from that row on, or all of
// it if its rows must not be committed before their STATE.
func (c *Checkpoint) bisect(ctx context.Context, conn *pgx.Conn, cause error) error {
	defer c.Committer.ending.Search()()
	c.lockTimedOut = true
	strict := bisect.By(cause).Late
	var last *bisection // ended at a row that those after it did not let in
	for {
		s := &bisection{c: c, Search: c.search(conn)}
		s.Strict = strict
		if last != nil {
			s.Before = last.FailedAt
		}
		if !c.saves() {
			s.Renew = s.renew
		}
		err := s.begin(ctx)
		if err == nil {
			err = s.Run(ctx, cause)
		}
		if err == nil && s.Rewinds {
			pgtx.Rollback(ctx, conn)
			last = s
			continue
		}
		if err == nil && s.Failure == nil && last != nil {
			s.Failure, s.FailedAt = last.Failure, last.FailedAt
		}
		if err == nil && s.Failure != nil && (c.once() || s.savedTooMuch()) {
			err = s.Failure
		} else if err == nil {
			err = s.commit(ctx)
			if err == nil {
				return s.finish()
			}
		}
		pgtx.Rollback(ctx, conn)
		if refused := bisect.By(err); refused == nil || !refused.Late || strict {
			return err
		}
		strict = true
	}
}

// search is a search among the rows of the checkpoint.
func (c *Checkpoint) search(conn *pgx.Conn) *isolate.Search {
	k := c.Committer
	return isolate.New(isolate.Transaction{
		Conn: conn, Writes: c.Writes, Rejects: c.Rejects, Aside: c.Aside, Records: k.Rejects, Pool: k.pool,
		LogsServer: k.config.LogServerMessages, MayReject: c.claim, CopyError: c.notSent,
	})
}

// savedTooMuch reports whether the transaction has saved a STATE that covers the row at which the run ends. The rows
// before it are then committed by themselves, with the STATE before it.
func (s *bisection) savedTooMuch() bool {
	n := len(s.c.States)
	return s.c.saves() && n > 0 && s.c.States[n-1].Where >= s.FailedAt
}

// begin opens the transaction, makes the tables that rows are staged in, and does what comes before the rows.
func (s *bisection) begin(ctx context.Context) error {
	statements := s.c.opening()
	for _, w := range s.c.Writes {
		if w.Direct { // it may come to take the long way
			statements = append(statements, w.CreateStaged())
		}
	}
	statements = append(statements, tablewrite.Locks(s.c.Writes, true)...)
	err := s.c.Committer.Inquirer.AskBy(s.Conn, func(q pgtx.Inquiry) (asked bool, err error) {
		s.c.begun = false
		tx, err := q.Open(ctx, s.Conn, statements)
		if err == nil {
			s.c.begins(tx)
		}
		return s.c.begun, err
	})
	if err != nil {
		return failure.FromServer("", "begin a checkpoint", err)
	}
	s.drained, err = s.c.save(ctx, s.Conn)
	return err
}

// renew commits what the transaction has, and begins another.
func (s *bisection) renew(ctx context.Context) error {
	if _, err := s.Conn.Exec(ctx, pgtx.CommitByTheRole); err != nil {
		return bisect.OfRows(failure.FromServer("", "commit a checkpoint", err), bisect.RefusedError{Late: true})
	}
	return s.begin(ctx)
}

// commit writes down the rejected rows and commits.
func (s *bisection) commit(ctx context.Context) error {
	if err := s.SetAside(ctx); err != nil {
		return err
	}
	if s.Failure == nil {
		if err := s.c.writeLast(ctx, s.Conn, s.Kept, func() { s.count(silently) }); err != nil {
			return err
		}
	}
	_, err := s.Conn.Exec(ctx, pgtx.CommitByTheRole)
	if err != nil {
		s.c.bisected = s
		s.c.sent.Remember(s.Conn, s.c.tx)
		return bisect.OfRows(failure.FromServer("", "commit a checkpoint", err), bisect.RefusedError{Late: true})
	}
	s.c.keep()
	return nil
}

// count counts what the transaction did.
func (s *bisection) count(tell teller) {
	for _, w := range s.Kept {
		w.CountCommitted(s.c.Committer.now())
	}
	for _, count := range s.drained {
		count(tell)
	}
	for _, r := range s.Rejections {
		tell(r.Write.Owner(0), r.Reason)
	}
}

// finish counts and logs what the transaction did, emits the states that it covers, and returns what ends the run.
func (s *bisection) finish() error {
	c := s.c
	c.bisected = nil
	s.count(c.Committer.Rejects.Settle)
	states := c.States
	for i, state := range states {
		if s.Failure != nil && state.Where >= s.FailedAt {
			states = states[:i]
			break
		}
	}
	if err := c.Emit(states); err != nil {
		return err
	}
	if s.Failure == nil {
		c.recycle()
		return nil
	}
	rest := c.part(s.FailedAt, batch.MaxPosition)
	c.Writes, c.States, c.Drains = rest.Writes, rest.States, nil
	return s.Failure
}
