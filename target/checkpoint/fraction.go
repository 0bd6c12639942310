package checkpoint

import (
	"slices"

	"target-postgres/target/batch"
	"target-postgres/target/stream"
	"target-postgres/target/tablewrite"
)

// fraction is the part of a checkpoint's rows that stands between two places of the input. It copies no rows.
type fraction struct {
	shares []share
}

// share is one load's part of a fraction: its rows from one index to before another.
type share struct {
	load     *tablewrite.Write
	spans    []batch.Span
	from, to int
}

// whole is all of a checkpoint's rows.
func (c *Checkpoint) whole() *fraction {
	f := &fraction{}
	for _, l := range c.Loads {
		f.shares = append(f.shares, share{load: l, spans: l.Batch.Spans(), to: l.Batch.Rows()})
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
		at := s.load.Batch.RowsAt[:s.to]
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

// order is where the fraction's rows stand, in the order of the input.
func (f *fraction) order() []batch.Position {
	all := make([]batch.Position, 0, f.rows())
	for _, s := range f.shares {
		all = append(all, s.load.Batch.RowsAt[s.from:s.to]...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// pick are the rows at some places of the input, which are copied.
func (f *fraction) pick(places []batch.Position) []*tablewrite.Write {
	var loads []*tablewrite.Write
	for _, s := range f.shares {
		some := s.load.Batch.Cut(s.spans, s.from, s.to)
		some = some.Without(func(i int) bool { _, found := slices.BinarySearch(places, some.RowsAt[i]); return !found })
		if some.Rows() > 0 {
			loads = append(loads, s.load.With(some))
		}
	}
	return loads
}

// loads are the fraction's rows as the server gets them.
func (f *fraction) loads() []*tablewrite.Write {
	loads := make([]*tablewrite.Write, len(f.shares))
	for i, s := range f.shares {
		loads[i] = s.load.With(s.load.Batch.Cut(s.spans, s.from, s.to))
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
func (f *fraction) of(s *stream.View) *fraction {
	return &fraction{shares: slices.DeleteFunc(slices.Clone(f.shares), func(other share) bool { return !other.load.Stream.Is(s) })}
}
