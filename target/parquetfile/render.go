package parquetfile

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"math"
	"strconv"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

// render appends the i-th value as JSON.
type render func(dst []byte, v *values, i int) []byte

// renderOf chooses how the values of a leaf are written: by its logical type, else by the older converted type, else by
// the physical one.
func (b *builder) renderOf(e *format.SchemaElement, depth int) (render, error) {
	if r := logical(e); r != nil {
		return r, nil
	}
	if r := converted(e); r != nil {
		return r, nil
	}
	switch e.Type.V {
	case format.Boolean:
		return appendBoolean, nil
	case format.Int32, format.Int64:
		return appendInteger, nil
	case format.Int96:
		return appendInt96, nil
	case format.Float:
		return appendFloat, nil
	case format.Double:
		return appendDouble, nil
	case format.ByteArray, format.FixedLenByteArray:
		if depth == 1 && b.base16(e.Name) {
			return appendBase16, nil
		}
		return appendBase64, nil
	}
	return nil, &Error{Column: e.Name, Reason: "its physical type is not known"}
}

// logical is the rendering by the logical type, nil if there is none that changes it.
func logical(e *format.SchemaElement) render {
	switch t := e.LogicalType.Value.(type) {
	case *format.StringType, *format.EnumType:
		return appendText
	case *format.JsonType:
		return appendJSON
	case *format.DecimalType:
		return decimalOf(e, int(t.Scale))
	case *format.IntType:
		if !t.IsSigned {
			return appendUnsigned
		}
		return appendInteger
	case *format.DateType:
		return appendDate
	case *format.TimeType:
		return clockOf(digitsOf(t.Unit))
	case *format.TimestampType:
		return momentOf(digitsOf(t.Unit), t.IsAdjustedToUTC)
	case *format.UUIDType:
		return appendUUID
	case *format.Float16Type:
		return appendFloat16
	case *format.NullType:
		return appendNull
	}
	return nil
}

// converted is the rendering by the converted type of older files.
func converted(e *format.SchemaElement) render {
	if !e.ConvertedType.Valid {
		return nil
	}
	switch e.ConvertedType.V {
	case deprecated.UTF8, deprecated.Enum:
		return appendText
	case deprecated.Json:
		return appendJSON
	case deprecated.Decimal:
		return decimalOf(e, int(e.Scale.V))
	case deprecated.Date:
		return appendDate
	case deprecated.TimeMillis:
		return clockOf(3)
	case deprecated.TimeMicros:
		return clockOf(6)
	case deprecated.TimestampMillis:
		return momentOf(3, true)
	case deprecated.TimestampMicros:
		return momentOf(6, true)
	case deprecated.Uint8, deprecated.Uint16, deprecated.Uint32, deprecated.Uint64:
		return appendUnsigned
	case deprecated.Interval:
		return appendInterval
	}
	return nil
}

func appendNull(dst []byte, _ *values, _ int) []byte { return append(dst, "null"...) }

func appendBoolean(dst []byte, v *values, i int) []byte {
	return strconv.AppendBool(dst, v.bytes[i/8]>>(i%8)&1 == 1)
}

func appendInteger(dst []byte, v *values, i int) []byte {
	return strconv.AppendInt(dst, v.integer(i), 10)
}

func appendUnsigned(dst []byte, v *values, i int) []byte {
	if v.int32 != nil {
		return strconv.AppendUint(dst, uint64(uint32(v.int32[i])), 10)
	}
	return strconv.AppendUint(dst, uint64(v.int64[i]), 10)
}

func appendFloat(dst []byte, v *values, i int) []byte { return appendNumber(dst, float64(v.float[i])) }

func appendDouble(dst []byte, v *values, i int) []byte { return appendNumber(dst, v.double[i]) }

// appendNumber writes the shortest number that is the value. The special ones are those that Python's json writes.
func appendNumber(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, "NaN"...)
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	}
	return strconv.AppendFloat(dst, f, 'g', -1, 64)
}

func appendFloat16(dst []byte, v *values, i int) []byte {
	half := binary.LittleEndian.Uint16(v.text(i))
	exponent, fraction := int(half>>10&0x1f), float64(half&0x3ff)
	f := math.Ldexp(1024+fraction, exponent-25)
	switch exponent {
	case 0:
		f = math.Ldexp(fraction, -24)
	case 0x1f:
		f = math.Inf(1)
		if fraction != 0 {
			f = math.NaN()
		}
	}
	if half>>15 == 1 {
		f = -f
	}
	return appendNumber(dst, f)
}

func appendText(dst []byte, v *values, i int) []byte { return appendQuoted(dst, v.text(i)) }

// appendJSON embeds a document. Text that is no JSON stays a text.
func appendJSON(dst []byte, v *values, i int) []byte {
	if text := v.text(i); json.Valid(text) {
		return append(dst, text...)
	}
	return appendText(dst, v, i)
}

func appendBase64(dst []byte, v *values, i int) []byte {
	return append(base64.StdEncoding.AppendEncode(append(dst, '"'), v.text(i)), '"')
}

func appendBase16(dst []byte, v *values, i int) []byte {
	return append(hex.AppendEncode(append(dst, '"'), v.text(i)), '"')
}

func appendUUID(dst []byte, v *values, i int) []byte {
	id := v.text(i)
	dst = append(dst, '"')
	for at, to := range [...]int{4, 6, 8, 10, 16} {
		from := [...]int{0, 4, 6, 8, 10}[at]
		if from > 0 {
			dst = append(dst, '-')
		}
		dst = hex.AppendEncode(dst, id[from:to])
	}
	return append(dst, '"')
}

// appendQuoted writes a text as a JSON string.
func appendQuoted(dst, text []byte) []byte {
	dst = append(dst, '"')
	done := 0
	for i, c := range text {
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, text[done:i]...)
		done = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		default:
			const digits = "0123456789abcdef"
			dst = append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		}
	}
	return append(append(dst, text[done:]...), '"')
}
