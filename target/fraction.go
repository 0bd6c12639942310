package target

import (
	"slices"

	"target-postgres/target/batch"
)

// fraction is the part of a checkpoint's rows that stands between two places of the input. It copies no rows.
type fraction struct {
	shares []share
	// refused is the server's answer to these rows where it is known without trying them, nil otherwise.
	refused error
	// next is the other half of what this one is the first half of, together the server's answer to both: if this one is
	// taken, that was about next.
	next     *fraction
	together error
}

// share is one load's part of a fraction: its rows from one index to before another.
type share struct {
	load     *load
	spans    []batch.Span
	from, to int
}

// whole is all of a checkpoint's rows.
func (c *checkpoint) whole() *fraction {
	f := &fraction{}
	for _, l := range c.loads {
		f.shares = append(f.shares, share{load: l, spans: l.batch.Spans(), to: l.batch.Rows()})
	}
	return f
}

func (f *fraction) rows() int {
	n := 0
	for _, s := range f.shares {
		n += s.to - s.from
	}
	return n
}

// between is the part from one position to before another.
func (f *fraction) between(from, before batch.Position) *fraction {
	part := &fraction{}
	for _, s := range f.shares {
		at := s.load.batch.RowsAt[:s.to]
		start, _ := slices.BinarySearch(at[s.from:], from)
		end, _ := slices.BinarySearch(at[s.from:], before)
		if start < end {
			part.shares = append(part.shares, share{load: s.load, spans: s.spans, from: s.from + start, to: s.from + end})
		}
	}
	return part
}

// none is the fraction without rows: what the server says to it is not about a row.
func (f *fraction) none() *fraction {
	none := &fraction{}
	for _, s := range f.shares {
		none.shares = append(none.shares, share{load: s.load, spans: s.spans, from: s.from, to: s.from})
	}
	return none
}

// split cuts the fraction before and after the row that the server refused, or in the middle if the server did not say which.
func (f *fraction) split(err error) []*fraction {
	if where, known := refusedRow(err); known {
		if row := f.between(where, where+1); row.rows() > 0 {
			parts := []*fraction{f.between(0, where), row, f.between(where+1, batch.MaxPosition)}
			return slices.DeleteFunc(parts, func(p *fraction) bool { return p.rows() == 0 })
		}
	}
	where := f.middle()
	first, second := f.between(0, where), f.between(where, batch.MaxPosition)
	first.next, first.together = second, err
	return []*fraction{first, second}
}

// middle is a position with rows on both sides.
func (f *fraction) middle() batch.Position {
	if len(f.shares) == 1 {
		s := f.shares[0]
		return s.load.batch.RowsAt[(s.from+s.to)/2]
	}
	all := make([]batch.Position, 0, f.rows())
	for _, s := range f.shares {
		all = append(all, s.load.batch.RowsAt[s.from:s.to]...)
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// loads are the fraction's rows as the server gets them.
func (f *fraction) loads() []*load {
	loads := make([]*load, len(f.shares))
	for i, s := range f.shares {
		loads[i] = s.load.with(s.load.batch.Cut(s.spans, s.from, s.to))
	}
	return loads
}

// row is the fraction's nth row by itself.
func (f *fraction) row(n int) *fraction {
	for _, s := range f.shares {
		if n < s.to-s.from {
			return &fraction{shares: []share{{load: s.load, spans: s.spans, from: s.from + n, to: s.from + n + 1}}}
		}
		n -= s.to - s.from
	}
	return &fraction{}
}

// of is the part of the fraction that is of one stream.
func (f *fraction) of(s *stream) *fraction {
	return &fraction{shares: slices.DeleteFunc(slices.Clone(f.shares), func(other share) bool { return other.load.stream != s })}
}
