package typemap

import (
	"math/big"
	"strings"
	"testing"
)

func TestIntegersBeyondInt64AreNumeric(t *testing.T) {
	t.Parallel()
	testColumns(t, SchemaOptions{}, []columnCase{
		{`{"type":"integer","minimum":0}`, "bigint"},
		{`{"type":"integer","minimum":-32768,"maximum":32767}`, "bigint"},
		{`{"type":"integer","maximum":9223372036854775807}`, "bigint"},
		{`{"type":"integer","maximum":9223372036854775808}`, "numeric"},
		{`{"type":"integer","maximum":9223372036854775807.9}`, "bigint"},
		{`{"type":"integer","maximum":18446744073709551615}`, "numeric"},
		{`{"type":"integer","maximum":1.8446744073709551615e19}`, "numeric"},
		{`{"type":"integer","minimum":-9223372036854775808}`, "bigint"},
		{`{"type":"integer","minimum":-9223372036854775808.5}`, "bigint"},
		{`{"type":"integer","minimum":-9223372036854775809}`, "numeric"},
		{`{"type":"integer","minimum":-1e400}`, "numeric"},
		{`{"type":"integer","minimum":1e19}`, "numeric"}, // everything it admits is beyond
		{`{"type":"integer","maximum":-1e19}`, "numeric"},
		{`{"type":"integer","minimum":1e19,"maximum":1e20}`, "numeric"},
		{`{"type":"integer","exclusiveMaximum":9223372036854775808}`, "bigint"},
		{`{"type":"integer","exclusiveMaximum":9223372036854775809}`, "numeric"},
		{`{"type":"integer","exclusiveMinimum":-9223372036854775809}`, "bigint"},
		{`{"type":"integer","exclusiveMinimum":-9223372036854775810}`, "numeric"},
		{`{"type":"integer","maximum":"18446744073709551615"}`, "bigint"}, // not a bound
		{`{"type":["null","integer"],"maximum":18446744073709551615}`, "numeric"},
		{`{"type":["string","integer"],"maximum":18446744073709551615}`, "text"},
	})
}

func TestDraft4ExclusiveBoundsAreBooleans(t *testing.T) {
	t.Parallel()
	testColumns(t, SchemaOptions{}, []columnCase{
		{`{"type":"integer","maximum":9223372036854775808,"exclusiveMaximum":true}`, "bigint"},
		{`{"type":"integer","maximum":9223372036854775808,"exclusiveMaximum":false}`, "numeric"},
		{`{"type":"integer","minimum":-9223372036854775809,"exclusiveMinimum":true}`, "bigint"},
		{`{"type":"integer","minimum":-9223372036854775809,"exclusiveMinimum":false}`, "numeric"},
	})
}

func TestBoundsInUnions(t *testing.T) {
	t.Parallel()
	testColumns(t, SchemaOptions{}, []columnCase{
		{`{"anyOf":[{"type":"integer","maximum":5},{"type":"integer","maximum":1e30}]}`, "numeric"},
		{`{"anyOf":[{"type":"integer"},{"type":"integer","maximum":1e30}]}`, "numeric"},
		{`{"anyOf":[{"type":"integer","maximum":5},{"type":"integer"}]}`, "bigint"},
		// A bound beside another type is not about this one's integers.
		{`{"anyOf":[{"type":"integer","maximum":5},{"type":"null","maximum":1e30}]}`, "bigint"},
		{`{"maximum":5,"anyOf":[{"type":"integer","maximum":1e30},{"type":"null"}]}`, "bigint"},
	})
}

func TestInt64SideIsExact(t *testing.T) {
	t.Parallel()
	limit := new(big.Int).Lsh(big.NewInt(1), 63) // 2^63
	for delta := int64(-3); delta <= 3; delta++ {
		bound := new(big.Int).Add(limit, big.NewInt(delta))
		want := 0
		if bound.Cmp(limit) >= 0 {
			want = 1
		}
		for _, literal := range []string{bound.String(), bound.String() + ".0", bound.String() + "0e-1", "0." + strings.Repeat("0", 30) + bound.String() + "e49"} {
			if got := int64Side(literal, true, false); got != want {
				t.Errorf("int64Side(%s) = %d, want %d", literal, got, want)
			}
		}
	}
}
