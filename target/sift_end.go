package target

import (
	"context"

	"target-postgres/target/batch"
	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
)

// keep takes note of rows that the transaction has.
func (s *sifting) keep(loads []*load) {
	for _, l := range loads {
		s.works[l.stream.stats] = true
		if !l.direct {
			s.merged++
		}
	}
	s.kept = append(s.kept, loads...)
}

// commit writes down the rejected rows and commits.
func (s *sifting) commit(ctx context.Context) error {
	for i, r := range s.rejections {
		if err := s.setAside(ctx, r, i); err != nil {
			return err
		}
	}
	_, err := s.conn.Exec(ctx, pgtx.CommitByTheRole)
	if err != nil {
		s.c.sifted = s
		s.c.sent.Remember(s.conn, s.c.tx)
		return ofRows(failure.FromServer("", "commit a checkpoint", err), refusedError{late: true})
	}
	s.c.keep()
	return nil
}

// setAside puts a rejected row into the table of rejected records.
func (s *sifting) setAside(ctx context.Context, r rejection, n int) error {
	for _, bare := range []bool{false, true} {
		l, err := s.c.rejectedRow(r, bare)
		if err != nil && !bare {
			continue
		}
		if err != nil {
			return err
		}
		if !l.direct {
			l.job.Staged.Table = stagedName(len(s.c.loads) + n)
			if _, err := s.conn.Exec(ctx, l.createStaged()); err != nil {
				return failure.FromServer(l.stream.name, "set a rejected record aside", err)
			}
		}
		loads := []*load{l}
		err = s.try(ctx, loads)
		if err == nil {
			s.keep(loads)
			return nil
		}
		if refusedBy(err) == nil {
			return err
		}
		if f := (&checkpoint{loads: loads}).whole(); bare || failure.Untranslatable(err) {
			return s.bare(ctx, f.loads()[0], err)
		}
	}
	return nil
}

// settle counts and logs what the transaction did, emits the states that it covers, and returns what ends the run.
func (s *sifting) settle() error {
	c := s.c
	c.sifted = nil
	for _, l := range s.kept {
		l.stream.stats.loaded(l, c.committer.now())
	}
	for _, count := range s.drained {
		count()
	}
	for _, r := range s.rejections {
		c.committer.tellReject(r.load.owner(0), r.reason)
	}
	states := c.states
	for i, state := range states {
		if s.failure != nil && state.where >= s.failedAt {
			states = states[:i]
			break
		}
	}
	if err := c.emit(states); err != nil {
		return err
	}
	if s.failure == nil {
		c.recycle()
		return nil
	}
	rest := c.part(s.failedAt, batch.MaxPosition)
	c.loads, c.states, c.drains = rest.loads, rest.states, nil
	return s.failure
}
