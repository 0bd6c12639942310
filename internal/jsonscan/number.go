package jsonscan

import (
	"encoding/binary"
	"math/bits"
)

// scanNumber validates the number at b[i], which is a digit or a minus sign.
func scanNumber(b []byte, i int) (end int, traits Traits, err error) {
	j := i
	if b[j] == '-' {
		j++
	}
	first := j
	j = digits(b, j)
	if j == first && special(b[i:]) > 0 {
		return i + special(b[i:]), Special, nil
	}
	switch {
	case j == first:
		return 0, 0, numberError(b, j)
	case b[first] == '0':
		if j > first+1 {
			return 0, 0, &SyntaxError{Offset: first, Reason: "a number has a leading zero"}
		}
		if first > i {
			traits = MinusZero
		}
	}
	if j < len(b) && (b[j] == '.' || b[j]|0x20 == 'e') {
		if j, traits, err = scanFraction(b, j); err != nil {
			return 0, 0, err
		}
	}
	if j-i > LongNumber {
		traits |= Long
	}
	return j, traits, nil
}

// scanFraction validates what follows a number's whole part: ".5", "e10", ".5e-10".
func scanFraction(b []byte, j int) (end int, traits Traits, err error) {
	if b[j] == '.' {
		traits |= Fraction
		first := j + 1
		if j = digits(b, first); j == first {
			return 0, 0, numberError(b, j)
		}
	}
	if j < len(b) && b[j]|0x20 == 'e' {
		traits |= Exponent
		j++
		if j < len(b) && (b[j] == '+' || b[j] == '-') {
			j++
		}
		first := j
		if j = digits(b, first); j == first {
			return 0, 0, numberError(b, j)
		}
	}
	return j, traits, nil
}

// digits returns the index of the first byte at or after i that is no digit. It tests eight bytes at once: a processor
// cannot foresee how many digits come.
func digits(b []byte, i int) int {
	for ; i+8 <= len(b); i += 8 {
		if n := leadingDigits(binary.LittleEndian.Uint64(b[i:])); n < 8 {
			return i + n
		}
	}
	for i < len(b) && b[i]-'0' <= 9 {
		i++
	}
	return i
}

// leadingDigits returns how many of the eight bytes, from the lowest on, are digits before one is not. A sum can only
// disturb bytes above a true hit.
func leadingDigits(w uint64) int {
	w ^= '0' * lows
	return bits.TrailingZeros64((w+(0x7f-9)*lows|w)&highs) >> 3
}

func numberError(b []byte, i int) error {
	if i >= len(b) {
		return truncated(b)
	}
	return &SyntaxError{Offset: i, Reason: "a number lacks a digit"}
}
