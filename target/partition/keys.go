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
	n, err := strconv.ParseInt(string(field), 10, 64)
	k.Add(Keys{From: n, To: n, Known: err == nil, Others: err != nil})
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
