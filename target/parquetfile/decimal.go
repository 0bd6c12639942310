package parquetfile

import (
	"encoding/binary"
	"math/big"
	"math/bits"
	"strconv"

	"github.com/parquet-go/parquet-go/format"
)

// decimalOf renders the decimals of a leaf: integers, or big-endian ones in two's complement, with the point before the
// last digits.
func decimalOf(e *format.SchemaElement, scale int) render {
	if e.Type.V == format.Int32 || e.Type.V == format.Int64 {
		return func(dst []byte, v *values, i int) []byte {
			n := v.integer(i)
			negative := n < 0
			magnitude := uint64(n)
			if negative {
				magnitude = -magnitude
			}
			var digits [20]byte
			return appendScaled(dst, strconv.AppendUint(digits[:0], magnitude, 10), negative, scale)
		}
	}
	return func(dst []byte, v *values, i int) []byte {
		var buffer [64]byte
		digits, negative := digitsOfBytes(buffer[:0], v.text(i))
		return appendScaled(dst, digits, negative, scale)
	}
}

// digitsOfBytes writes the magnitude of a big-endian integer in two's complement.
func digitsOfBytes(dst, text []byte) (digits []byte, negative bool) {
	negative = len(text) > 0 && text[0] >= 0x80
	if len(text) > 16 {
		n := new(big.Int).SetBytes(text)
		if negative {
			n.Sub(new(big.Int).Lsh(big.NewInt(1), uint(8*len(text))), n)
		}
		return n.Append(dst, 10), negative
	}
	var wide [16]byte
	if negative {
		for i := range wide[:16-len(text)] {
			wide[i] = 0xff
		}
	}
	copy(wide[16-len(text):], text)
	high, low := binary.BigEndian.Uint64(wide[:8]), binary.BigEndian.Uint64(wide[8:])
	if negative {
		var borrow uint64
		low, borrow = bits.Sub64(0, low, 0)
		high, _ = bits.Sub64(0, high, borrow)
	}
	return appendUint128(dst, high, low), negative
}

// appendUint128 writes an integer of 128 bits, nineteen digits at a time.
func appendUint128(dst []byte, high, low uint64) []byte {
	const unit, places = 1e19, 19
	if high == 0 {
		return strconv.AppendUint(dst, low, 10)
	}
	upper, rest := high/unit, high%unit
	middle, end := bits.Div64(rest, low, unit)
	dst = appendUint128(dst, upper, middle)
	from := len(dst)
	dst = append(dst, "0000000000000000000"...)
	for i := from + places - 1; end > 0; i-- {
		dst[i] = byte('0' + end%10)
		end /= 10
	}
	return dst
}

// appendScaled writes a number whose last digits, as many as scale says, are behind the point.
func appendScaled(dst, digits []byte, negative bool, scale int) []byte {
	if negative {
		dst = append(dst, '-')
	}
	if scale <= 0 {
		dst = append(dst, digits...)
		if scale < 0 {
			dst = strconv.AppendInt(append(dst, 'e'), int64(-scale), 10)
		}
		return dst
	}
	if len(digits) <= scale {
		dst = append(dst, '0', '.')
		for range scale - len(digits) {
			dst = append(dst, '0')
		}
		return append(dst, digits...)
	}
	dst = append(dst, digits[:len(digits)-scale]...)
	dst = append(dst, '.')
	return append(dst, digits[len(digits)-scale:]...)
}
