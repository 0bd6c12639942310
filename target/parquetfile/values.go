package parquetfile

import (
	"github.com/parquet-go/parquet-go/encoding"
)

// values are those of a page or a dictionary, in the form of their physical type. NULLs are not among them.
type values struct {
	kind    encoding.Kind
	int32   []int32
	int64   []int64
	float   []float32
	double  []float64
	int96   [][3]uint32
	bytes   []byte // of booleans one bit each, of byte arrays and of those of fixed length all of them
	offsets []uint32
	size    int
}

// valuesOf takes the values out of a page.
func valuesOf(data encoding.Values) values {
	v := values{kind: data.Kind()}
	switch v.kind {
	case encoding.Boolean:
		v.bytes = data.Boolean()
	case encoding.Int32:
		v.int32 = data.Int32()
	case encoding.Int64:
		v.int64 = data.Int64()
	case encoding.Int96:
		for _, each := range data.Int96() {
			v.int96 = append(v.int96, each)
		}
	case encoding.Float:
		v.float = data.Float()
	case encoding.Double:
		v.double = data.Double()
	case encoding.ByteArray:
		v.bytes, v.offsets = data.ByteArray()
	case encoding.FixedLenByteArray:
		v.bytes, v.size = data.FixedLenByteArray()
	}
	return v
}

// text is the i-th byte array, of fixed length or not.
func (v *values) text(i int) []byte {
	if v.kind == encoding.ByteArray {
		return v.bytes[v.offsets[i]:v.offsets[i+1]]
	}
	return v.bytes[i*v.size : (i+1)*v.size]
}

// integer is the i-th integer, of either width.
func (v *values) integer(i int) int64 {
	if v.kind == encoding.Int32 {
		return int64(v.int32[i])
	}
	return v.int64[i]
}
