package checkpoint

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"

	"target-postgres/target/failure"
	"target-postgres/target/revision"
	"target-postgres/target/stats"
	"target-postgres/target/tablewrite"
)

// teller counts a rejected record, and may tell of it.
type teller func(*revision.Revision, *failure.Error)

// silently is a teller that only counts.
func silently(s *revision.Revision, _ *failure.Error) { s.Stats.Rejected.Add(1) }

// ErrWithoutLast is what Last returns to have the checkpoint committed without it.
var ErrWithoutLast = errors.New("the checkpoint is to be committed without what was to be done last")

// withoutLast reports whether the checkpoint is to be tried again without what was to be done last.
func (c *Checkpoint) withoutLast(err error) bool {
	is := errors.Is(err, ErrWithoutLast)
	if is {
		c.Last = nil
	}
	return is
}

// writeLast does what is to be done last in the transaction, with the counts as they will be once that is committed:
// count makes them, and they are taken back.
func (c *Checkpoint) writeLast(ctx context.Context, conn *pgx.Conn, writes []*tablewrite.Write, count func()) error {
	if c.Last == nil {
		return nil
	}
	var streams []*revision.Revision
	for _, w := range slices.Concat(c.Writes, writes) {
		streams = append(streams, w.Owners()...)
	}
	for _, d := range c.Drains {
		streams = append(streams, d.Stream)
	}
	seen := map[*stats.Counters]bool{}
	var restore []func()
	defer func() {
		for _, one := range slices.Backward(restore) {
			one()
		}
	}()
	for _, s := range streams {
		if !seen[s.Stats] {
			seen[s.Stats] = true
			restore = append(restore, s.Stats.Preview())
		}
	}
	count()
	return c.Last(ctx, conn)
}

// count counts what the checkpoint has brought.
func (c *Checkpoint) count(drained []func(teller), tell teller) {
	for _, w := range c.Writes {
		w.CountCommitted(c.Committer.now())
		w.CountOwners()
	}
	for _, count := range drained {
		count(tell)
	}
}
