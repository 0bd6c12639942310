package target

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
)

const (
	savepoint  = "SAVEPOINT fraction"
	release    = "RELEASE SAVEPOINT fraction"
	rollbackTo = "ROLLBACK TO SAVEPOINT fraction; RELEASE SAVEPOINT fraction"
)

// begin opens the transaction, makes the tables that rows are staged in, and does what comes before the rows.
func (s *sifting) begin(ctx context.Context) error {
	s.scratch = nil
	statements := s.c.opening()
	for _, l := range s.c.loads {
		if l.direct { // it may come to take the long way
			statements = append(statements, l.createStaged())
		}
	}
	statements = append(statements, s.c.lock()...)
	err := s.c.committer.inquirer.AskBy(s.conn, func(q pgtx.Inquiry) (asked bool, err error) {
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

// renew commits what the transaction has, and goes on in another: every attempt that is kept leaves the locks of the tables that it
// made, of which a server has a bounded number. That is for rows that may be sent again without being doubled.
func (s *sifting) renew(ctx context.Context) error {
	again := func(l *load) bool { return len(l.job.Key) > 0 && l.job.Mode != merge.Append && l.job.Unique }
	if s.merged < mostMerged || s.c.saves() || !slices.ContainsFunc(s.c.loads, again) || slices.ContainsFunc(s.c.loads, func(l *load) bool { return !again(l) }) {
		return nil
	}
	s.merged = 0
	if _, err := s.conn.Exec(ctx, pgtx.CommitByTheRole); err != nil {
		return ofRows(failure.FromServer("", "commit a checkpoint", err), refusedError{late: true})
	}
	return s.begin(ctx)
}

// mostMerged is how many merges the locks of one transaction are enough for.
const mostMerged = 100

// try brings rows into the transaction. If the server refuses them the transaction is as it was before.
func (s *sifting) try(ctx context.Context, loads []*load) error {
	err := s.attempt(ctx, loads, true)
	if err != nil && undirect(loads, err) {
		err = s.attempt(ctx, loads, true)
	}
	return err
}

// probe reports what the server says to the rows of a fraction, and leaves the transaction as it was.
func (s *sifting) probe(ctx context.Context, f *fraction) error {
	return s.attempt(ctx, f.loads(), false)
}

func (s *sifting) attempt(ctx context.Context, loads []*load, keep bool) error {
	err := s.send(ctx, loads, keep)
	if isUnmeasured(err) {
		if _, undo := s.conn.Exec(ctx, rollbackTo); undo != nil {
			return failure.FromServer("", "look for the row that the server refuses", undo)
		}
		if err := measure(ctx, s.conn, loads); err != nil {
			return err
		}
		err = s.send(ctx, loads, keep)
	}
	if err == nil && keep {
		return nil
	}
	if err != nil && refusedBy(err) == nil {
		return err
	}
	if _, undo := s.conn.Exec(ctx, rollbackTo); undo != nil {
		return failure.FromServer("", "look for the row that the server refuses", undo)
	}
	return err
}

// send sends the rows within a savepoint, which is released at the end if they are to be kept. The tables that they are staged in are
// emptied before it: in the subtransaction that made a table TRUNCATE empties its files, in any other it makes new ones.
func (s *sifting) send(ctx context.Context, loads []*load, keep bool) error {
	var stale []string
	for _, l := range loads {
		if !l.direct && l != s.c.rejects {
			stale = append(stale, l.job.Staged.SQL())
		}
	}
	before := append(s.scratch.empty(stale), savepoint)
	if s.strict {
		before = append(before, "SET CONSTRAINTS ALL DEFERRED")
	}
	for _, l := range loads {
		if err := l.copy(ctx, s.conn, around{before: before}); err != nil {
			return s.c.notSent(l, err)
		}
		before = nil
	}
	return s.merge(ctx, s.conn, loads, keep)
}

// merge brings the staged rows into their tables.
func (s *sifting) merge(ctx context.Context, conn *pgx.Conn, loads []*load, keep bool) error {
	made := s.scratch.attempt()
	start := func() *script {
		one := newScript()
		one.made = made
		return one
	}
	all := start()
	for _, l := range loads {
		if err := all.add(ctx, conn, l); err != nil {
			return err
		}
		if all.long() {
			if err := all.run(ctx, conn); err != nil {
				return err
			}
			all = start()
		}
	}
	if s.strict {
		all.texts = append(all.texts, merge.RolePath, "SET CONSTRAINTS ALL IMMEDIATE", merge.PinnedPath)
	}
	if keep {
		all.texts = append(all.texts, append(made.drop(), release)...)
	}
	if err := all.run(ctx, conn); err != nil || !keep {
		return err
	}
	s.scratch = s.scratch.after(made)
	return nil
}
