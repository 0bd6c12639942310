package partition

import "strconv"

// Keys are the least and the greatest of the whole numbers of a column. The zero value has seen none.
type Keys struct {
	// From is the least, To the greatest number, if Known is true.
	From, To int64
	// Known is true once there is a number, Others if there is something else, such as NULL.
	Known, Others bool
}

func (k *Keys) add(field []byte) {
	if n, ok := digits(field); ok && k.Known {
		k.From, k.To = min(k.From, n), max(k.To, n)
		return
	}
	n, err := strconv.ParseInt(string(field), 10, 64)
	k.Add(Keys{From: n, To: n, Known: err == nil, Others: err != nil})
}

// digits is the number of a text that is nothing but a few digits, as most keys are.
func digits(text []byte) (n int64, ok bool) {
	if len(text) == 0 || len(text) > 18 { // more may be too large
		return 0, false
	}
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int64(c-'0')
	}
	return n, true
}

// Add adds others.
func (k *Keys) Add(more Keys) {
	k.Others = k.Others || more.Others
	switch {
	case !more.Known:
	case !k.Known:
		k.From, k.To, k.Known = more.From, more.To, true
	default:
		k.From, k.To = min(k.From, more.From), max(k.To, more.To)
	}
}
