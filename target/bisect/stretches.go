package bisect

import (
	"slices"
)

// Stretch are the rows with the numbers from one to before another. They are numbered from 0 in the order of the input.
type Stretch struct{ From, To int64 }

// Stretches are rows in the order of the input, as few stretches as possible.
type Stretches []Stretch

// One is a row by itself.
func One(row int64) Stretches { return Stretches{{row, row + 1}} }

// Count counts the rows.
func (s Stretches) Count() int64 {
	n := int64(0)
	for _, one := range s {
		n += one.To - one.From
	}
	return n
}

// Has reports whether a row is one of them.
func (s Stretches) Has(row int64) bool {
	at, _ := slices.BinarySearchFunc(s, row, func(one Stretch, row int64) int {
		switch {
		case one.To <= row:
			return -1
		case one.From > row:
			return 1
		}
		return 0
	})
	return at < len(s) && s[at].From <= row && row < s[at].To
}

// cut parts the first n rows from those after them.
func (s Stretches) cut(n int64) (first, rest Stretches) {
	for i, one := range s {
		if size := one.To - one.From; n >= size {
			n -= size
			continue
		}
		first, rest = slices.Clone(s[:i]), slices.Clone(s[i:])
		if n > 0 {
			first = append(first, Stretch{one.From, one.From + n})
			rest[0].From += n
		}
		return first, rest
	}
	return s, nil
}

// With adds rows that come after all others. It changes s.
func (s Stretches) With(more Stretches) Stretches {
	for _, one := range more {
		if last := len(s) - 1; last >= 0 && s[last].To == one.From {
			s[last].To = one.To
		} else {
			s = append(s, one)
		}
	}
	return s
}

// before is how many of the rows come before one of them. It is -1 if that is none of them.
func (s Stretches) before(row int64) int64 {
	n := int64(0)
	for _, one := range s {
		if row >= one.From && row < one.To {
			return n + row - one.From
		}
		n += one.To - one.From
	}
	return -1
}

// Last is the number of the last row. There must be one.
func (s Stretches) Last() int64 { return s[len(s)-1].To - 1 }

// until are the rows that come before one.
func (s Stretches) until(row int64) Stretches {
	var some Stretches
	for _, one := range s {
		if one.To = min(one.To, row); one.From < one.To {
			some = append(some, one)
		}
	}
	return some
}

// mirrored are the rows in the other direction, each with its number times -1.
func (s Stretches) mirrored() Stretches {
	other := make(Stretches, 0, len(s))
	for _, one := range slices.Backward(s) {
		other = append(other, Stretch{1 - one.To, 1 - one.From})
	}
	return other
}
