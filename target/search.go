package target

import (
	"context"
	"math/bits"
)

// search finds the rows that the server refuses, in the order of the input. It tries windows of rows: one that the server takes
// stays, and the next one is larger; one that it refuses is halved until its first bad row stands alone. The window after that is
// half as large as the distance between the last two bad rows. So the rows are sent three or four times over, however many of them
// are bad, and each bad row costs some small statements more. (docs/adr/0021-refused-rows.md)
type search struct {
	rows searched
	// waiting are the rows that another one may let in that comes later.
	waiting stretches
	// streak counts the rows that were put off since the server last took some.
	streak int64
	// backwards is true while the last row comes first. All rows are mirrored then.
	backwards bool
}

// searched are rows that are brought in within a transaction.
type searched interface {
	// take brings rows in. If the server refuses them, the transaction is as it was before.
	take(ctx context.Context, rows stretches) error
	// stoppedAt is the row at which COPY stopped, if the error says so.
	stoppedAt(refused error) (row int64, known bool)
	// mayWait reports whether a row is tried again later, and parts others into those that would be refused for the same reason and those
	// that may be what the row lacks.
	mayWait(row int64, refused error, others stretches) (waits bool, same, rest stretches)
	// decide says what becomes of a row that the server refuses by itself, and reports whether the search ends there. late is true
	// for a row that was put off.
	decide(ctx context.Context, row int64, refused error, late bool) (over bool, err error)
}

// alone is asked about a row that the server refuses by itself. rest are the rows after it that are still to be tried; it returns
// those of them that are.
type alone func(ctx context.Context, row int64, refused error, rest stretches) (left stretches, over bool, err error)

// run brings in the rows that the server takes and has it decided about the others. refused is what the server said to all of them
// together, nil if they were not tried.
func (s *search) run(ctx context.Context, all stretches, refused error) error {
	if err := s.through(ctx, all, refused, s.first); err != nil {
		return err
	}
	return s.again(ctx)
}

// through tries rows until all of them are taken or asked about, or the search is over.
func (s *search) through(ctx context.Context, rest stretches, refused error, ask alone) error {
	width, passed := rest.rows(), int64(0)
	if width == 1 {
		refused = nil // it was about more than this row
	}
	for len(rest) > 0 {
		window, after := rest.cut(width)
		if refused == nil {
			refused = s.take(ctx, window)
		}
		switch {
		case refused == nil:
			rest, passed = after, passed+window.rows()
			width += width/2 + 1
			continue
		case refusedBy(refused) == nil:
			return refused
		}
		n, err := s.divide(ctx, window, refused)
		refused = nil
		if err != nil && refusedBy(err) == nil {
			return err
		}
		tried, _ := rest.cut(n)
		_, rest = rest.cut(n)
		passed += n
		width = max(1, passed/2)
		if err == nil {
			continue
		}
		passed = 0
		var over bool
		if rest, over, err = ask(ctx, tried.last(), err, rest); err != nil || over {
			return err
		}
	}
	return nil
}

// take brings rows in.
func (s *search) take(ctx context.Context, rows stretches) error {
	err := s.rows.take(ctx, s.inOrder(rows))
	if err == nil {
		s.streak = 0
	}
	return err
}

// inOrder are rows in the order of the input.
func (s *search) inOrder(rows stretches) stretches {
	if s.backwards {
		return rows.mirrored()
	}
	return rows
}

func (s *search) numberOf(row int64) int64 {
	if s.backwards {
		return -row
	}
	return row
}

// divide looks for the first bad row of a window that the server has refused, and brings in those before it. It returns how many rows
// it is done with. The error is about the last of these, nil if the server takes that one, too.
func (s *search) divide(ctx context.Context, window stretches, refused error) (done int64, _ error) {
	if window.rows() == 1 {
		return 1, refused
	}
	for {
		n, stopped := max(1, window.rows()/2), false
		if row, known := s.rows.stoppedAt(refused); known {
			if before := window.before(s.numberOf(row)); before >= 0 {
				n, stopped = max(1, before), before == 0
			}
		}
		part, rest := window.cut(n)
		err := s.take(ctx, part)
		switch {
		case err == nil:
			done, window = done+n, rest
			if stopped || len(rest) == 0 {
				return done, nil
			}
		case refusedBy(err) == nil:
			return 0, err
		case n == 1:
			return done + 1, err
		default:
			window, refused = part, err
		}
	}
}

// first puts a row off or has it decided about it.
func (s *search) first(ctx context.Context, row int64, refused error, rest stretches) (left stretches, over bool, err error) {
	left, off := s.putOff(row, refused, rest, s.streak)
	if off {
		return left, false, nil
	}
	if over, err = s.rows.decide(ctx, row, refused, false); over {
		s.waiting = s.waiting.until(row)
	}
	return left, over, err
}

// putOff puts a row off, and some of the rest with it. Where row after row is refused for want of others these are more and more: all
// the children of a parent that comes after them, say.
func (s *search) putOff(row int64, refused error, rest stretches, untried int64) (left stretches, some bool) {
	others, after := rest.cut(untried)
	waits, same, on := s.rows.mayWait(s.numberOf(row), refused, s.inOrder(others))
	if !waits {
		return rest, false
	}
	same, on = s.inOrder(same), s.inOrder(on)
	s.waiting = s.waiting.with(stretches{{row, row + 1}}).with(same)
	s.streak += 1 + same.rows()
	return on.with(after), true
}

// fewWaiting is how many rows that were put off are all tried again, one by one if need be.
const fewWaiting = 1000

// again brings in the rows that were put off and that the server takes by now, and has it decided about the others. What a row lacks
// mostly comes after it, so that the rounds begin backwards. They go on until one brings nothing in; that there are as many of them as
// it takes to halve the rows to one bounds what the search costs.
func (s *search) again(ctx context.Context) error {
	for rounds := bits.Len64(uint64(s.waiting.rows())) + 1; rounds > 0 && len(s.waiting) > 0; rounds-- {
		s.backwards = !s.backwards
		tried := s.waiting.rows()
		waiting := s.inOrder(s.waiting)
		s.waiting, s.streak = nil, 0
		if err := s.through(ctx, waiting, nil, s.later); err != nil {
			return err
		}
		if s.waiting = s.inOrder(s.waiting); s.waiting.rows() == tried {
			break
		}
	}
	s.backwards = false
	return s.through(ctx, s.waiting, nil, func(ctx context.Context, row int64, refused error, rest stretches) (stretches, bool, error) {
		over, err := s.rows.decide(ctx, row, refused, true)
		return rest, over, err
	})
}

// later puts a row off once more.
func (s *search) later(_ context.Context, row int64, refused error, rest stretches) (left stretches, over bool, err error) {
	untried := s.streak
	if s.waiting.rows()+rest.rows() < fewWaiting {
		untried = 0
	}
	left, off := s.putOff(row, refused, rest, untried)
	if !off {
		s.waiting = s.waiting.with(stretches{{row, row + 1}}) // it is refused for another reason by now
	}
	return left, false, nil
}
