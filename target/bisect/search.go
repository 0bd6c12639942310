package bisect

import (
	"context"
	"math/bits"
)

// Search finds the rows that the server refuses, in the order of the input. It tries windows of rows: one that the
// server takes stays, and the next one is larger; one that it refuses is halved until its first bad row stands alone.
// The window after that is half as large as the distance between the last two bad rows. So the rows are sent three or
// four times over, however many of them are bad, and each bad row costs some small statements more.
// (docs/adr/0021-refused-rows.md)
type Search struct {
	Rows Rows
	// Guessed is true where [Rows.StoppedAt] mostly knows the first bad row of a window, so that larger ones cost no
	// more.
	Guessed bool
	// waiting are the rows that another one may let in that comes later.
	waiting Stretches
	// streak counts the rows that were put off since the server last took some.
	streak int64
	// backwards is true while the last row comes first. All rows are mirrored then.
	backwards bool
}

// Rows are rows that are brought in within a transaction.
type Rows interface {
	// Take brings rows in. If the server refuses them, the transaction is as it was before.
	Take(ctx context.Context, rows Stretches) error
	// StoppedAt is the row at which COPY stopped, if the error says so.
	StoppedAt(refused error) (row int64, known bool)
	// MayWait reports whether a row is tried again later, and parts others into those that would be refused for the
	// same reason and those that may be what the row lacks.
	MayWait(row int64, refused error, others Stretches) (waits bool, same, rest Stretches)
	// Decide says what becomes of a row that the server refuses by itself, and reports whether the search ends there.
	// late is true for a row that was put off.
	Decide(ctx context.Context, row int64, refused error, late bool) (over bool, err error)
}

// oneRow is asked about a row that the server refuses by itself. rest are the rows after it that are still to be tried;
// it returns those of them that are.
type oneRow func(ctx context.Context, row int64, refused error, rest Stretches) (left Stretches, over bool, err error)

// Run brings in the rows that the server takes and has it decided about the others. refused is what the server said to
// all of them together, nil if they were not tried.
func (s *Search) Run(ctx context.Context, all Stretches, refused error) error {
	if err := s.through(ctx, all, refused, s.first); err != nil {
		return err
	}
	return s.again(ctx)
}

// through tries rows until all of them are taken or asked about, or the search is over.
func (s *Search) through(ctx context.Context, rest Stretches, refused error, ask oneRow) error {
	width, passed := rest.Count(), int64(0)
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
			rest, passed = after, passed+window.Count()
			width += width/2 + 1
			continue
		case By(refused) == nil:
			return refused
		}
		n, err := s.divide(ctx, window, refused)
		refused = nil
		if err != nil && By(err) == nil {
			return err
		}
		tried, _ := rest.cut(n)
		_, rest = rest.cut(n)
		passed += n
		width = max(1, passed/2)
		if s.Guessed {
			width = max(1, passed*2)
		}
		if err == nil {
			continue
		}
		passed = 0
		var over bool
		if rest, over, err = ask(ctx, tried.Last(), err, rest); err != nil || over {
			return err
		}
	}
	return nil
}

// take brings rows in.
func (s *Search) take(ctx context.Context, rows Stretches) error {
	err := s.Rows.Take(ctx, s.inOrder(rows))
	if err == nil {
		s.streak = 0
	}
	return err
}

// inOrder are rows in the order of the input.
func (s *Search) inOrder(rows Stretches) Stretches {
	if s.backwards {
		return rows.mirrored()
	}
	return rows
}

func (s *Search) numberOf(row int64) int64 {
	if s.backwards {
		return -row
	}
	return row
}

// divide looks for the first bad row of a window that the server has refused, and brings in those before it. It returns
// how many rows it is done with. The error is about the last of these, nil if the server takes that one, too.
func (s *Search) divide(ctx context.Context, window Stretches, refused error) (done int64, _ error) {
	if window.Count() == 1 {
		return 1, refused
	}
	for {
		n, stopped := max(1, window.Count()/2), false
		if row, known := s.Rows.StoppedAt(refused); known {
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
		case By(err) == nil:
			return 0, err
		case n == 1:
			return done + 1, err
		default:
			window, refused = part, err
		}
	}
}

// first puts a row off or has it decided about it.
func (s *Search) first(ctx context.Context, row int64, refused error, rest Stretches) (left Stretches, over bool, err error) {
	left, off := s.putOff(row, refused, rest, s.streak)
	if off {
		return left, false, nil
	}
	if over, err = s.Rows.Decide(ctx, row, refused, false); over {
		s.waiting = s.waiting.until(row)
	}
	return left, over, err
}

// putOff puts a row off, and some of the rest with it. Where row after row is refused for want of others these are more
// and more: all the children of a parent that comes after them, say.
func (s *Search) putOff(row int64, refused error, rest Stretches, untried int64) (left Stretches, some bool) {
	others, after := rest.cut(untried)
	waits, same, on := s.Rows.MayWait(s.numberOf(row), refused, s.inOrder(others))
	if !waits {
		return rest, false
	}
	same, on = s.inOrder(same), s.inOrder(on)
	s.waiting = s.waiting.With(One(row)).With(same)
	s.streak += 1 + same.Count()
	return on.With(after), true
}

// fewWaiting is how many rows that were put off are all tried again, one by one if need be.
const fewWaiting = 1000

// again brings in the rows that were put off and that the server takes by now, and has it decided about the others. A
// row mostly lacks one that comes after it, so the rounds begin backwards. They go on until one brings nothing in; that
// there are as many of them as it takes to halve the rows to one bounds what the search costs.
func (s *Search) again(ctx context.Context) error {
	for rounds := bits.Len64(uint64(s.waiting.Count())) + 1; rounds > 0 && len(s.waiting) > 0; rounds-- {
		s.backwards = !s.backwards
		tried := s.waiting.Count()
		waiting := s.inOrder(s.waiting)
		s.waiting, s.streak = nil, 0
		if err := s.through(ctx, waiting, nil, s.later); err != nil {
			return err
		}
		if s.waiting = s.inOrder(s.waiting); s.waiting.Count() == tried {
			break
		}
	}
	s.backwards = false
	return s.through(ctx, s.waiting, nil, func(ctx context.Context, row int64, refused error, rest Stretches) (Stretches, bool, error) {
		over, err := s.Rows.Decide(ctx, row, refused, true)
		return rest, over, err
	})
}

// later puts a row off once more.
func (s *Search) later(_ context.Context, row int64, refused error, rest Stretches) (left Stretches, over bool, err error) {
	untried := s.streak
	if s.waiting.Count()+rest.Count() < fewWaiting {
		untried = 0
	}
	left, off := s.putOff(row, refused, rest, untried)
	if !off {
		s.waiting = s.waiting.With(One(row)) // it is refused for another reason by now
	}
	return left, false, nil
}
