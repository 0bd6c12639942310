package target

import (
	"slices"
)

// stretch are the rows with the numbers from one to before another. They are numbered from 0 in the order of the input.
type stretch struct{ from, to int64 }

// stretches are rows in the order of the input, as few stretches as possible.
type stretches []stretch

// rows counts them.
func (s stretches) rows() int64 {
	n := int64(0)
	for _, one := range s {
		n += one.to - one.from
	}
	return n
}

// cut parts the first n rows from those after them.
func (s stretches) cut(n int64) (first, rest stretches) {
	for i, one := range s {
		if size := one.to - one.from; n >= size {
			n -= size
			continue
		}
		first, rest = slices.Clone(s[:i]), slices.Clone(s[i:])
		if n > 0 {
			first = append(first, stretch{one.from, one.from + n})
			rest[0].from += n
		}
		return first, rest
	}
	return s, nil
}

// with adds rows that come after all others. It changes s.
func (s stretches) with(more stretches) stretches {
	for _, one := range more {
		if last := len(s) - 1; last >= 0 && s[last].to == one.from {
			s[last].to = one.to
		} else {
			s = append(s, one)
		}
	}
	return s
}

// before is how many of the rows come before one of them. It is -1 if that is none of them.
func (s stretches) before(row int64) int64 {
	n := int64(0)
	for _, one := range s {
		if row >= one.from && row < one.to {
			return n + row - one.from
		}
		n += one.to - one.from
	}
	return -1
}

// last is the number of the last row.
func (s stretches) last() int64 { return s[len(s)-1].to - 1 }

// until are the rows that come before one.
func (s stretches) until(row int64) stretches {
	var some stretches
	for _, one := range s {
		if one.to = min(one.to, row); one.from < one.to {
			some = append(some, one)
		}
	}
	return some
}

// mirrored are the rows in the other direction, each with its number times -1.
func (s stretches) mirrored() stretches {
	other := make(stretches, 0, len(s))
	for _, one := range slices.Backward(s) {
		other = append(other, stretch{1 - one.to, 1 - one.from})
	}
	return other
}
