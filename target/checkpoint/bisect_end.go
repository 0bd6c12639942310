package checkpoint

import (
	"context"

	"target-postgres/target/batch"
	"target-postgres/target/bisect"
	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
	"target-postgres/target/tablewrite"
)

// keep takes note of rows that the transaction has.
func (s *bisection) keep(writes []*tablewrite.Write) {
	for _, l := range writes {
		s.works[l.Stream.Stats] = true
		if !l.Direct {
			s.merged++
		}
	}
	s.kept = append(s.kept, writes...)
}

// commit writes down the rejected rows and commits.
func (s *bisection) commit(ctx context.Context) error {
	for i, r := range s.rejections {
		if err := s.setAside(ctx, r, i); err != nil {
			return err
		}
	}
	if s.failure == nil {
		if err := s.c.writeLast(ctx, s.conn, s.kept, func() { s.count(silently) }); err != nil {
			return err
		}
	}
	_, err := s.conn.Exec(ctx, pgtx.CommitByTheRole)
	if err != nil {
		s.c.bisected = s
		s.c.sent.Remember(s.conn, s.c.tx)
		return bisect.OfRows(failure.FromServer("", "commit a checkpoint", err), bisect.RefusedError{Late: true})
	}
	s.c.keep()
	return nil
}

// setAside puts a rejected row into the table of rejected records.
func (s *bisection) setAside(ctx context.Context, r rejection, n int) error {
	for _, bare := range []bool{false, true} {
		l, err := s.c.rejectedRow(r, bare)
		if err != nil && !bare {
			continue
		}
		if err != nil {
			return err
		}
		if !l.Direct {
			l.Job.Staged.Table = tablewrite.StagedName(len(s.c.Writes) + n)
			if _, err := s.conn.Exec(ctx, l.CreateStaged()); err != nil {
				return failure.FromServer(l.Stream.Name, "set a rejected record aside", err)
			}
		}
		writes := []*tablewrite.Write{l}
		err = s.try(ctx, writes)
		if err == nil {
			s.keep(writes)
			return nil
		}
		if bisect.By(err) == nil {
			return err
		}
		if f := (&Checkpoint{Writes: writes}).whole(); bare || failure.Untranslatable(err) {
			return s.bare(ctx, f.Writes()[0], err)
		}
	}
	return nil
}

// count counts what the transaction did.
func (s *bisection) count(tell teller) {
	for _, l := range s.kept {
		l.CountCommitted(s.c.Committer.now())
	}
	for _, count := range s.drained {
		count(tell)
	}
	for _, r := range s.rejections {
		tell(r.load.Owner(0), r.reason)
	}
}

// finish counts and logs what the transaction did, emits the states that it covers, and returns what ends the run.
func (s *bisection) finish() error {
	c := s.c
	c.bisected = nil
	s.count(c.Committer.Rejects.Settle)
	states := c.States
	for i, state := range states {
		if s.failure != nil && state.Where >= s.failedAt {
			states = states[:i]
			break
		}
	}
	if err := c.Emit(states); err != nil {
		return err
	}
	if s.failure == nil {
		c.recycle()
		return nil
	}
	rest := c.part(s.failedAt, batch.MaxPosition)
	c.Writes, c.States, c.Drains = rest.Writes, rest.States, nil
	return s.failure
}
