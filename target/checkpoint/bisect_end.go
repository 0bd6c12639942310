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
	if err := s.setAllAside(ctx); err != nil {
		return err
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

// asideOnce is how many rejected rows are sent together, and how many bytes of them.
const (
	asideOnce      = 500
	asideOnceBytes = 1 << 20
)

// setAllAside puts the rejected rows into the table of rejected records: many at once, and one by one where that table
// refuses any of them.
func (s *bisection) setAllAside(ctx context.Context) error {
	for n := 0; n < len(s.rejections); {
		rows, refused := &batch.Batch{}, error(nil)
		some := s.rejections[n:min(n+asideOnce, len(s.rejections))]
		for i := 0; i < len(some) && refused == nil; i++ {
			if refused = s.c.addRejected(rows, some[i], false); rows.Size > asideOnceBytes {
				some = some[:i+1]
			}
		}
		if refused == nil {
			if refused = s.insertRejected(ctx, s.c.rejected(rows), len(s.rejections)+n); refused != nil && bisect.By(refused) == nil {
				return refused
			}
		}
		for i := 0; i < len(some) && refused != nil; i++ {
			if err := s.setAside(ctx, some[i], n+i); err != nil {
				return err
			}
		}
		n += len(some)
	}
	return nil
}

// setAside puts a rejected row into the table of rejected records.
func (s *bisection) setAside(ctx context.Context, r rejection, n int) error {
	for _, bare := range []bool{false, true} {
		rows := &batch.Batch{}
		err := s.c.addRejected(rows, r, bare)
		if err != nil && !bare {
			continue
		}
		if err != nil {
			return err
		}
		l := s.c.rejected(rows)
		if err = s.insertRejected(ctx, l, n); err == nil || bisect.By(err) == nil {
			return err
		}
		if f := (&Checkpoint{Writes: []*tablewrite.Write{l}}).whole(); bare || failure.Untranslatable(err) {
			return s.bare(ctx, f.Writes()[0], err)
		}
	}
	return nil
}

// insertRejected brings a load into the table of rejected records. n tells its staging table from those of others.
func (s *bisection) insertRejected(ctx context.Context, l *tablewrite.Write, n int) error {
	if !l.Direct {
		l.Job.Staged.Table = tablewrite.StagedName(len(s.c.Writes) + n)
		if _, err := s.conn.Exec(ctx, l.CreateStaged()); err != nil {
			return failure.FromServer(l.Stream.Name, "set a rejected record aside", err)
		}
	}
	writes := []*tablewrite.Write{l}
	err := s.try(ctx, writes)
	if err == nil {
		s.keep(writes)
	}
	return err
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
