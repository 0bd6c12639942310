package typemap

import "encoding/binary"

// head is what stands before a property's value: all from the end of the value before it, or from the record's brace
// on. For a text of 8 to 24 bytes, the most usual length, it keeps the text as words, because comparing those costs
// less than a call. The words overlap if the text is shorter than they are.
type head struct {
	text                string // "" is that of no property
	first, middle, last uint64
	at                  int // where middle is
}

func newHead(text []byte) head {
	h := head{text: string(text)}
	if n := len(text); n >= 8 {
		h.at = min(8, n-8)
		h.first, h.middle, h.last = word(text, 0), word(text, h.at), word(text, n-8)
	}
	return h
}

// is reports whether the head stands at b[i].
func (h *head) is(b []byte, i int) bool {
	n := len(h.text)
	if n > len(b)-i {
		return false
	}
	if n < 8 || n > 24 {
		return n > 0 && string(b[i:i+n]) == h.text
	}
	return word(b, i)^h.first|word(b, i+h.at)^h.middle|word(b, i+n-8)^h.last == 0
}

func word(b []byte, i int) uint64 { return binary.LittleEndian.Uint64(b[i:]) }
