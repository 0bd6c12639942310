package protocol

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// skipObject returns the index just past the object that opens at b[i], or -1 if b ends before it is closed. It only
// balances braces and strings: what is between them stays unchecked, square brackets included, which in valid JSON
// cannot be closed by a brace. That is enough to find where a record ends, at a fraction of the cost of validating it,
// which its walker does anyway.
func skipObject(b []byte, i int) int {
	if end := skipFlat(b, i); end > 0 {
		return end
	}
	return skipNested(b, i)
}

// skipFlat is skipObject for an object that has no other inside and no escape, and 0 for any other. Its four searches
// take a fifth of the time of the general loop, because the standard library has them in assembler.
func skipFlat(b []byte, i int) int {
	n := bytes.IndexByte(b[i:], '}')
	if n < 0 {
		return 0
	}
	inside := b[i+1 : i+n]
	if bytes.IndexByte(inside, '{') >= 0 || bytes.IndexByte(inside, '\\') >= 0 {
		return 0
	}
	if bytes.Count(inside, []byte{'"'})%2 != 0 {
		return 0 // the brace is in a string
	}
	return i + n + 1
}

// skipNested works on 64 bytes at a time without branching on their content: one bit a byte says where the quotes are,
// the parity of the quotes up to a byte says whether it is inside a string, and only braces outside strings are looked
// at one by one (the method of Langdale and Lemire's "Parsing Gigabytes of JSON per Second").
func skipNested(b []byte, i int) int {
	var s skipper
	for ; len(b)-i >= 64; i += 64 {
		if n := s.step((*[64]byte)(b[i:])); n > 0 {
			return i + n
		}
	}
	var tail [64]byte
	copy(tail[:], b[i:])
	if n := s.step(&tail); n > 0 {
		return i + n
	}
	return -1
}

// skipper is what one block of 64 bytes tells the next.
type skipper struct {
	depth    int
	inString uint64 // all ones if the block ended inside a string
	escape   uint64 // 1 if it ended with a backslash that escapes the next byte
}

// step goes through a block and returns how many of its bytes belong to the value if the value ends in it, else 0.
func (s *skipper) step(block *[64]byte) int {
	for m := s.braces(block); m != 0; m &= m - 1 {
		at := bits.TrailingZeros64(m)
		switch block[at&63] {
		case '{':
			s.depth++
		case '}':
			if s.depth--; s.depth == 0 {
				return at + 1
			}
		}
	}
	return 0
}

const (
	everyByte = 0x0101010101010101
	lowBits   = 0x7f * everyByte
	highBits  = 0x80 * everyByte
)

// braces returns a bit for every byte of the block that is a brace outside of strings. So are the other bytes from '{'
// to the end of ASCII; step looks closer.
func (s *skipper) braces(block *[64]byte) uint64 {
	var quotes, shapes, slashes uint64
	for k := 0; k < 64; k += 8 {
		w := binary.LittleEndian.Uint64(block[k : k+8])
		low, ascii := w&lowBits, ^w&highBits
		// A sum of seven bits carries into the eighth, never into the next byte:
		// here unless the byte was the one looked for,
		quotes = quotes>>8 | gather(ascii&^(low^'"'*everyByte+lowBits))
		slashes |= ascii &^ (low ^ '\\'*everyByte + lowBits)
		// and here if it is at least '{'.
		shapes = shapes>>8 | gather(ascii&(low+0x05*everyByte))
	}
	if slashes|s.escape != 0 {
		quotes &^= s.escaped(block)
	}
	inside := parity(quotes) ^ s.inString
	s.inString = uint64(int64(inside) >> 63)
	return shapes &^ inside
}

// escaped returns a bit for every byte that a backslash before it escapes.
func (s *skipper) escaped(block *[64]byte) uint64 {
	escaped := s.escape
	s.escape = 0
	for at, b := range block {
		if b != '\\' || escaped>>at&1 == 1 {
			continue
		}
		if at == 63 {
			s.escape = 1
			break
		}
		escaped |= 2 << at
	}
	return escaped
}

// gather packs the highest bits of eight bytes into the highest eight bits.
func gather(m uint64) uint64 {
	return m * 0x0002040810204081 & (0xff << 56)
}

// parity returns, for every bit, the parity of the bits up to and including it.
func parity(m uint64) uint64 {
	m ^= m << 1
	m ^= m << 2
	m ^= m << 4
	m ^= m << 8
	m ^= m << 16
	m ^= m << 32
	return m
}
