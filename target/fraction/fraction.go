package fraction

import (
	"slices"

	"target-postgres/target/batch"
	"target-postgres/target/revision"
	"target-postgres/target/tablewrite"
)

// Fraction is the part of a checkpoint's rows that stands between two places of the input. It copies no rows.
type Fraction struct {
	// Shares are those of each write that has rows in it.
	Shares []Share
}

// Share is the part of a fraction that one write has: its rows from one index to before another.
type Share struct {
	Write *tablewrite.Write
	// Spans are where all rows of the write are in its batch.
	Spans []batch.Span
	// From is the index of the first row of the share, To that after its last.
	From, To int
}

// Of is all rows of some writes.
func Of(writes []*tablewrite.Write) *Fraction {
	f := &Fraction{}
	for _, w := range writes {
		f.Shares = append(f.Shares, Share{Write: w, Spans: w.Batch.Spans(), To: w.Batch.Rows()})
	}
	return f
}

// Rows counts the rows.
func (f *Fraction) Rows() int {
	n := 0
	for _, s := range f.Shares {
		n += s.To - s.From
	}
	return n
}

// Between is the part from one position to before another.
func (f *Fraction) Between(from, before batch.Position) *Fraction {
	part := &Fraction{}
	for _, s := range f.Shares {
		at := s.Write.Batch.RowsAt[:s.To]
		start, _ := slices.BinarySearch(at[s.From:], from)
		end, _ := slices.BinarySearch(at[s.From:], before)
		if start < end {
			part.Shares = append(part.Shares, Share{Write: s.Write, Spans: s.Spans, From: s.From + start, To: s.From + end})
		}
	}
	return part
}

// None is the fraction without rows: what the server says to it is not about a row.
func (f *Fraction) None() *Fraction {
	none := &Fraction{}
	for _, s := range f.Shares {
		none.Shares = append(none.Shares, Share{Write: s.Write, Spans: s.Spans, From: s.From, To: s.From})
	}
	return none
}

// Order is where the fraction's rows stand, in the order of the input.
func (f *Fraction) Order() []batch.Position {
	all := make([]batch.Position, 0, f.Rows())
	for _, s := range f.Shares {
		all = append(all, s.Write.Batch.RowsAt[s.From:s.To]...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Pick are the rows at some places of the input, which are copied.
func (f *Fraction) Pick(places []batch.Position) []*tablewrite.Write {
	var writes []*tablewrite.Write
	for _, s := range f.Shares {
		some := s.Write.Batch.Cut(s.Spans, s.From, s.To)
		some = some.Without(func(i int) bool { _, found := slices.BinarySearch(places, some.RowsAt[i]); return !found })
		if some.Rows() > 0 {
			writes = append(writes, s.part(some))
		}
	}
	return writes
}

// Writes are the fraction's rows as the server gets them.
func (f *Fraction) Writes() []*tablewrite.Write {
	writes := make([]*tablewrite.Write, len(f.Shares))
	for i, s := range f.Shares {
		writes[i] = s.part(s.Write.Batch.Cut(s.Spans, s.From, s.To))
	}
	return writes
}

// part writes some rows of a share, as CSV: what the server says of a line then tells which row it is about.
func (s *Share) part(rows *batch.Batch) *tablewrite.Write {
	part := s.Write.With(rows)
	part.InCSV = true
	return part
}

// Row is the fraction's nth row by itself, counted from 0.
func (f *Fraction) Row(n int) *Fraction {
	for _, s := range f.Shares {
		if n < s.To-s.From {
			return &Fraction{Shares: []Share{{Write: s.Write, Spans: s.Spans, From: s.From + n, To: s.From + n + 1}}}
		}
		n -= s.To - s.From
	}
	return &Fraction{}
}

// OfStream is the part of the fraction that is of one stream.
func (f *Fraction) OfStream(s *revision.Revision) *Fraction {
	return &Fraction{Shares: slices.DeleteFunc(slices.Clone(f.Shares), func(other Share) bool { return !other.Write.Stream.Is(s) })}
}
