package checkpoint

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/bisect"
	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
	"target-postgres/target/tablewrite"
)

// begin opens the transaction, makes the tables that rows are staged in, and does what comes before the rows.
func (s *bisection) begin(ctx context.Context) error {
	s.scratch = nil
	statements := s.c.opening()
	for _, l := range s.c.Writes {
		if l.Direct { // it may come to take the long way
			statements = append(statements, l.CreateStaged())
		}
	}
	statements = append(statements, tablewrite.Locks(s.c.Writes)...)
	err := s.c.Committer.Inquirer.AskBy(s.conn, func(q pgtx.Inquiry) (asked bool, err error) {
		s.c.tx, err = q.Open(ctx, s.conn, statements)
		s.c.begun = err == nil
		return s.c.begun, err
	})
	if err != nil {
		return failure.FromServer("", "begin a checkpoint", err)
	}
	s.drained, err = s.c.save(ctx, s.conn)
	return err
}

// renew commits what the transaction has, and goes on in another: every attempt that is kept leaves the locks of the
// tables that it made, of which a server has a bounded number. That is for rows that may be sent again without being
// doubled.
func (s *bisection) renew(ctx context.Context) error {
	again := func(l *tablewrite.Write) bool {
		return len(l.Job.Key) > 0 && l.Job.Mode != merge.Append && l.Job.Unique
	}
	if s.merged < mostMerged || s.c.saves() || !slices.ContainsFunc(s.c.Writes, again) || slices.ContainsFunc(s.c.Writes, func(l *tablewrite.Write) bool { return !again(l) }) {
		return nil
	}
	s.merged = 0
	if _, err := s.conn.Exec(ctx, pgtx.CommitByTheRole); err != nil {
		return bisect.OfRows(failure.FromServer("", "commit a checkpoint", err), bisect.RefusedError{Late: true})
	}
	return s.begin(ctx)
}

// mostMerged is how many merges the locks of one transaction are enough for.
const mostMerged = 100

// try brings rows into the transaction. If the server refuses them the transaction is as it was before.
func (s *bisection) try(ctx context.Context, writes []*tablewrite.Write) error {
	err := s.attempt(ctx, writes, true)
	if err != nil && tablewrite.FallBackToStaging(writes, err) {
		err = s.attempt(ctx, writes, true)
	}
	return err
}

// probe reports what the server says to the rows of a fraction, and leaves the transaction as it was.
func (s *bisection) probe(ctx context.Context, f *tablewrite.Fraction) error {
	return s.attempt(ctx, f.Writes(), false)
}

func (s *bisection) attempt(ctx context.Context, writes []*tablewrite.Write, keep bool) error {
	err := s.send(ctx, writes, keep)
	if tablewrite.IsUnmeasured(err) {
		if _, undo := s.conn.Exec(ctx, bisect.RollbackTo); undo != nil {
			return failure.FromServer("", "look for the row that the server refuses", undo)
		}
		if err := tablewrite.Measure(ctx, s.conn, writes); err != nil {
			return err
		}
		err = s.send(ctx, writes, keep)
	}
	if err == nil && keep {
		return nil
	}
	if err != nil && bisect.By(err) == nil {
		return err
	}
	if _, undo := s.conn.Exec(ctx, bisect.RollbackTo); undo != nil {
		return failure.FromServer("", "look for the row that the server refuses", undo)
	}
	return err
}

// send sends the rows within a savepoint, which is released at the end if they are to be kept. The tables that they are
// staged in are emptied before it: in the subtransaction that made a table TRUNCATE empties its files, in any other it
// makes new ones.
func (s *bisection) send(ctx context.Context, writes []*tablewrite.Write, keep bool) error {
	var stale []string
	for _, l := range writes {
		if !l.Direct && l != s.c.Rejects {
			stale = append(stale, l.Job.Staged.SQL())
		}
	}
	before := append(s.scratch.Empty(stale), bisect.Savepoint)
	if s.strict {
		before = append(before, "SET CONSTRAINTS ALL DEFERRED")
	}
	for _, l := range writes {
		if err := l.Copy(ctx, s.conn, tablewrite.Around{Before: before}); err != nil {
			return s.c.notSent(l, err)
		}
		before = nil
	}
	return s.merge(ctx, s.conn, writes, keep)
}

// merge brings the staged rows into their tables.
func (s *bisection) merge(ctx context.Context, conn *pgx.Conn, writes []*tablewrite.Write, keep bool) error {
	made := s.scratch.Attempt()
	start := func() *tablewrite.Script {
		one := tablewrite.NewScript()
		one.Made = made
		return one
	}
	all := start()
	for _, l := range writes {
		if err := all.Add(ctx, conn, l); err != nil {
			return err
		}
		if all.Long() {
			if err := all.Run(ctx, conn); err != nil {
				return err
			}
			all = start()
		}
	}
	if s.strict {
		all.Texts = append(all.Texts, merge.RolePath, "SET CONSTRAINTS ALL IMMEDIATE", merge.PinnedPath)
	}
	if keep {
		all.Texts = append(all.Texts, append(made.Drop(), bisect.Release)...)
	}
	if err := all.Run(ctx, conn); err != nil || !keep {
		return err
	}
	s.scratch = s.scratch.After(made)
	return nil
}
