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
	switch {
	case err != nil:
		k.Others = true
		return
	case !k.Known:
		k.From, k.To, k.Known = n, n, true
	}
	k.From, k.To = min(k.From, n), max(k.To, n)
}
