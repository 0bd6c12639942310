package isolate

import (
	"context"

	"target-postgres/target/bisect"
	"target-postgres/target/failure"
	"target-postgres/target/tablewrite"
)

// point asks COPY which of some rows the server is going to refuse, once it has refused one. It returns nil if there is
// no such row, or COPY cannot tell. After a guess that proved wrong it is not asked again.
func (s *Search) point(ctx context.Context, writes []*tablewrite.Write) error {
	if s.refused == nil || s.misled {
		return nil
	}
	for _, w := range writes {
		if !w.Pointable() {
			continue
		}
		if _, err := s.Conn.Exec(ctx, bisect.Savepoint); err != nil {
			return failure.FromServer("", "look for the row that the server refuses", err)
		}
		guess := w.Point(ctx, s.Conn, s.refused)
		if _, err := s.Conn.Exec(ctx, bisect.RollbackTo); err != nil {
			return failure.FromServer("", "look for the row that the server refuses", err)
		}
		if guess != nil {
			s.guess = bisect.By(guess).Guess
			return guess
		}
	}
	return nil
}

// proves takes note of a guess that was wrong: the server takes the row by itself.
func (s *Search) proves(rows bisect.Stretches) {
	if rows.Count() == 1 && s.order[rows[0].From] == s.guess {
		s.misled = true
	}
}
