package isolate

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/bisect"
	"target-postgres/target/failure"
	"target-postgres/target/fraction"
	"target-postgres/target/tablewrite"
)

// renew commits what the transaction has, and goes on in another: every attempt that is kept leaves the locks of the
// tables that it made, of which a server has a bounded number. That is for rows that may be sent again without being
// doubled.
func (s *Search) renew(ctx context.Context) error {
	again := func(w *tablewrite.Write) bool {
		return len(w.Job.Key) > 0 && w.Job.Mode != merge.Append && w.Job.Unique
	}
	if s.merged < mostMerged || s.Renew == nil || slices.ContainsFunc(s.Writes, func(w *tablewrite.Write) bool { return !again(w) }) {
		return nil
	}
	s.merged, s.scratch = 0, nil
	return s.Renew(ctx)
}

// mostMerged is how many merges the locks of one transaction are enough for.
const mostMerged = 100

// try brings rows into the transaction. If the server refuses them the transaction is as it was before.
func (s *Search) try(ctx context.Context, writes []*tablewrite.Write) error {
	err := s.attempt(ctx, writes, true)
	if err != nil && tablewrite.FallBackToStaging(writes, err) {
		err = s.attempt(ctx, writes, true)
	}
	return err
}

// probe reports what the server says to the rows of a fraction, and leaves the transaction as it was.
func (s *Search) probe(ctx context.Context, f *fraction.Fraction) error {
	return s.attempt(ctx, f.Writes(), false)
}

func (s *Search) attempt(ctx context.Context, writes []*tablewrite.Write, keep bool) error {
	err := s.send(ctx, writes, keep)
	if tablewrite.IsUnmeasured(err) {
		if _, undo := s.Conn.Exec(ctx, bisect.RollbackTo); undo != nil {
			return failure.FromServer("", "look for the row that the server refuses", undo)
		}
		if err := tablewrite.Measure(ctx, s.Conn, writes); err != nil {
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
	if _, undo := s.Conn.Exec(ctx, bisect.RollbackTo); undo != nil {
		return failure.FromServer("", "look for the row that the server refuses", undo)
	}
	return err
}

// send sends the rows within a savepoint, which is released at the end if they are to be kept. The tables that they are
// staged in are emptied before it: in the subtransaction that made a table TRUNCATE empties its files, in any other it
// makes new ones.
func (s *Search) send(ctx context.Context, writes []*tablewrite.Write, keep bool) error {
	var stale []string
	for _, w := range writes {
		if !w.Direct && w != s.Rejects {
			stale = append(stale, w.Job.Staged.SQL())
		}
	}
	before := append(s.scratch.Empty(stale), bisect.Savepoint)
	if s.Strict {
		before = append(before, "SET CONSTRAINTS ALL DEFERRED")
	}
	for _, w := range writes {
		if err := w.Copy(ctx, s.Conn, tablewrite.Around{Before: before}); err != nil {
			return s.CopyError(w, err)
		}
		before = nil
	}
	return s.merge(ctx, s.Conn, writes, keep)
}

// merge brings the staged rows into their tables.
func (s *Search) merge(ctx context.Context, conn *pgx.Conn, writes []*tablewrite.Write, keep bool) error {
	made := s.scratch.Attempt()
	start := func() *tablewrite.Script {
		one := tablewrite.NewScript()
		one.Made = made
		return one
	}
	all := start()
	for _, w := range writes {
		if err := all.Add(ctx, conn, w); err != nil {
			return err
		}
		if all.Long() {
			if err := all.Run(ctx, conn); err != nil {
				return err
			}
			all = start()
		}
	}
	if s.Strict {
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
