package typemap

import (
	"strings"
	"testing"
)

func TestIntegersAreExactUpToTheLimitsOfTheirType(t *testing.T) {
	t.Parallel()
	stores(t, Column{Type: BigInt}, PlanOptions{}, []stored{
		{`0`, `0`, ``},
		{`-0`, `0`, ``},
		{`-1`, `-1`, ``},
		{`999999999999999999`, `999999999999999999`, ``},
		{`9223372036854775807`, `9223372036854775807`, ``},
		{`-9223372036854775808`, `-9223372036854775808`, ``},
		{`1.0`, `1`, ``},
		{`-0.0`, `0`, ``},
		{`0e-99999`, `0`, ``},
		{`1e3`, `1000`, ``},
		{`1.50e1`, `15`, ``},
		{`120E-1`, `12`, ``},
		{`9.223372036854775807e18`, `9223372036854775807`, ``},
		{`-922337203685477580800e-2`, `-9223372036854775808`, ``},
		{`1.` + strings.Repeat("0", 20000), `1`, ``},
		{`"42"`, `42`, ``},
		{`"-4.20e1"`, `-42`, ``},
		{`"\u0034\u0032"`, `42`, ``},
		{`null`, ``, `null`},
	})
	stores(t, Column{Type: Integer}, PlanOptions{}, []stored{
		{`2147483647`, `2147483647`, ``},
		{`-2147483648`, `-2147483648`, ``},
		{`999999999`, `999999999`, ``},
	})
	stores(t, Column{Type: SmallInt}, PlanOptions{}, []stored{
		{`32767`, `32767`, ``},
		{`-32768`, `-32768`, ``},
		{`9999`, `9999`, ``},
	})
}

func TestWhatIsNoIntegerNamesTheTypeThatHoldsIt(t *testing.T) {
	t.Parallel()
	refuses(t, Column{Type: BigInt}, PlanOptions{}, []refused{
		{`9223372036854775808`, "outside the range of bigint", "numeric"},
		{`-9223372036854775809`, "outside the range of bigint", "numeric"},
		{`18446744073709551615`, "outside the range of bigint", "numeric"},
		{`99999999999999999999`, "outside the range of bigint", "numeric"},
		{`1` + strings.Repeat("0", 30), "outside the range of bigint", "numeric"},
		{`1e400`, "outside the range of bigint", "numeric"},
		{`1e131072`, "more digits than PostgreSQL's numeric", "text"},
		{`1e99999999999999999999`, "more digits than PostgreSQL's numeric", "text"},
		{`1e-99999`, "more digits than PostgreSQL's numeric", "text"},
		{`1.5`, "not whole", "numeric"},
		{`1e-1`, "not whole", "numeric"},
		{`"1.5"`, "not whole", "numeric"},
		{`"9223372036854775808"`, "outside the range of bigint", "numeric"},
		{`"NaN"`, "NaN or infinite", "numeric"},
		{`NaN`, "NaN or infinite", "numeric"},
		{`-Infinity`, "NaN or infinite", "numeric"},
		{`"+"`, "not a whole number", "text"},
		{`"7 8"`, "not a whole number", "text"},
		{`"7,0"`, "not a whole number", "text"},
		{`"0x1f"`, "not a whole number", "text"},
		{`"seven"`, "the text is not a whole number", "text"},
		{`""`, "the text is empty", "text"},
		{`"[7]"`, "the text is not a whole number", "text"},
		{`true`, "a boolean", "text"},
		{`{"a":1}`, "an object", "jsonb"},
		{`[1]`, "an array", "jsonb"},
	})
	refuses(t, Column{Type: Integer}, PlanOptions{}, []refused{
		{`2147483648`, "outside the range of integer", "bigint"},
		{`-2147483649`, "outside the range of integer", "bigint"},
		{`9223372036854775807`, "outside the range of integer", "bigint"},
		{`9223372036854775808`, "outside the range of integer", "numeric"},
	})
	refuses(t, Column{Type: SmallInt}, PlanOptions{}, []refused{
		{`32768`, "outside the range of smallint", "bigint"},
		{`-32769`, "outside the range of smallint", "bigint"},
	})
}

func TestNumericKeepsEveryDigit(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("1234567890", 4)
	whole, fraction := strings.Repeat("9", 131072), "0."+strings.Repeat("7", 16383)
	stores(t, Column{Type: Numeric}, PlanOptions{}, []stored{
		{`517.0`, `517.0`, ``},
		{`-0`, `-0`, `0`},
		{`" 7"`, `7`, ``},
		{`"+7.5\n"`, `+7.5`, `7.5`},
		{`"-.5"`, `-.5`, `-0.5`},
		{`"007."`, `007.`, `7`},
		{long, long, ``},
		{long + `.` + long, long + `.` + long, ``},
		{`12345678901234567890.123456789`, `12345678901234567890.123456789`, ``},
		{`1e400`, `1e400`, `1` + strings.Repeat("0", 400)},
		{`1e-400`, `1e-400`, `0.` + strings.Repeat("0", 399) + `1`},
		{`-2.50E+3`, `-2.50E+3`, `-2500`},
		{`1e131071`, `1e131071`, `1` + strings.Repeat("0", 131071)},
		{whole, whole, ``},
		{fraction, fraction, ``},
		{`1e-16383`, `1e-16383`, `0.` + strings.Repeat("0", 16382) + `1`},
		{`0e5`, `0`, ``},
		{`0e1073741822`, `0`, ``},
		{`0e1073741823`, `0`, ``},
		{`0e-99999999999999`, `0`, ``},
		{`12.5` + strings.Repeat("0", 20000), `12.5`, ``},
		{`"12.50"`, `12.50`, ``},
		{`"1e3"`, `1e3`, `1000`},
		{`"NaN"`, `NaN`, ``},
		{`"nan"`, `NaN`, ``},
	})
	stores(t, Column{Type: NumericOf(5, 2)}, PlanOptions{}, []stored{
		{`999`, `999`, `999.00`},
		{`999.99`, `999.99`, ``},
		{`-999.9900`, `-999.9900`, `-999.99`},
		{`0.01`, `0.01`, ``},
		{`99999e-2`, `99999e-2`, `999.99`},
		{`0.000`, `0.000`, `0.00`},
		{`"NaN"`, `NaN`, ``},
	})
}

func TestNumericWithLimitsRefusesWhatItWouldRound(t *testing.T) {
	t.Parallel()
	refuses(t, Column{Type: NumericOf(5, 2)}, PlanOptions{}, []refused{
		{`1000`, "more digits than numeric(5,2) keeps", "numeric"},
		{`-1000`, "more digits than numeric(5,2) keeps", "numeric"},
		{`0.001`, "more digits than numeric(5,2) keeps", "numeric"},
		{`999.995`, "more digits than numeric(5,2) keeps", "numeric"},
		{`1e400`, "more digits than numeric(5,2) keeps", "numeric"},
		{`"1000"`, "more digits than numeric(5,2) keeps", "numeric"},
		{`"Infinity"`, "infinite", "numeric"},
	})
	refuses(t, Column{Type: NumericOf(2, -3)}, PlanOptions{}, []refused{
		{`100000`, "more digits", "numeric"},
		{`1500`, "more digits", "numeric"},
	})
	refuses(t, Column{Type: NumericOf(2, 5)}, PlanOptions{}, []refused{
		{`1`, "more digits", "numeric"},
		{`0.001`, "more digits", "numeric"},
		{`0.000001`, "more digits", "numeric"},
	})
	for typ, fits := range map[Type][]string{
		NumericOf(2, -3): {`99000`, `1e3`, `0`},
		NumericOf(2, 5):  {`0.00099`, `0.00001`, `0`},
	} {
		w := compileOne(Column{Type: typ}, PlanOptions{})
		for _, json := range fits {
			if got, err := field(w, json); err != nil || got != json {
				t.Errorf("%s in %s is written as %q, %v", json, typ, got, err)
			}
		}
	}
}

func TestWhatIsNoNumberNamesTheTypeThatHoldsIt(t *testing.T) {
	t.Parallel()
	refuses(t, Column{Type: Numeric}, PlanOptions{}, []refused{
		{`1e131072`, "more digits", "text"},
		{`1e-16384`, "more digits", "text"},
		{strings.Repeat("9", 131073), "more digits", "text"},
		{`0.` + strings.Repeat("0", 16383) + `1`, "more digits", "text"},
		{`"twelve"`, "the text is not a number", "text"},
		{`"1,5"`, "the text is not a number", "text"},
		{`""`, "the text is empty, not a number", "text"},
		{`false`, "a boolean, not a number", "text"},
		{`[]`, "an array, not a number", "jsonb"},
	})
}

func TestInfiniteNumbersAreLeftToTheServer(t *testing.T) {
	t.Parallel()
	for _, typ := range []Type{Numeric, Double, Real} {
		w := compileOne(Column{Type: typ}, PlanOptions{})
		for json, want := range map[string]string{
			`NaN`: `NaN`, `Infinity`: `Infinity`, `-Infinity`: `-Infinity`, `" infinity "`: `Infinity`,
			`"Infinity"`: `Infinity`, `"inf"`: `Infinity`, `"+Infinity"`: `Infinity`, `"-INFINITY"`: `-Infinity`, `"NaN"`: `NaN`,
		} {
			if got, err := field(w, json); got != want || err != nil {
				t.Errorf("%s in %s is written as %q, %v; want %s", json, typ, got, err, want)
			}
		}
	}
}

func TestFloatsTakeWhatIsInTheirRange(t *testing.T) {
	t.Parallel()
	stores(t, Column{Type: Double, Want: Double}, PlanOptions{}, []stored{
		{`0.1`, `0.1`, ``},
		{`-0.0`, `-0.0`, `-0`},
		{`1.7976931348623157e308`, `1.7976931348623157e308`, `1.7976931348623157e+308`},
		{`5e-324`, `5e-324`, ``},
		{`9007199254740993`, `9007199254740993`, `9.007199254740992e+15`},
		{`1` + strings.Repeat("0", 305), `1` + strings.Repeat("0", 305), `1e+305`},
		{`"Infinity"`, `Infinity`, ``},
		{`"NaN"`, `NaN`, ``},
		{`"2.5"`, `2.5`, ``},
	})
	stores(t, Column{Type: Real}, PlanOptions{}, []stored{
		{`0.1`, `0.1`, ``},
		{`3.4028234e38`, `3.4028234e38`, `3.4028235e+38`},
		{`1e-45`, `1e-45`, ``},
	})
	refuses(t, Column{Type: Double}, PlanOptions{}, []refused{
		{`1e400`, "outside the range of double precision", "numeric"},
		{`-1e400`, "outside the range of double precision", "numeric"},
		{`1e-400`, "outside the range of double precision", "numeric"},
		{`1` + strings.Repeat("0", 400), "outside the range of double precision", "numeric"},
		{`1e200000`, "outside the range of double precision", "text"},
		{`"x"`, "the text is not a number", "text"},
		{`true`, "a boolean", "text"},
		{`{}`, "an object", "jsonb"},
	})
	refuses(t, Column{Type: Real}, PlanOptions{}, []refused{
		{`1e39`, "outside the range of real", "numeric"},
		{`1e-60`, "outside the range of real", "numeric"},
	})
}

// A float column that an older schema made is not to swallow digits of the integers that the schema asks for now.
func TestAFloatColumnKeepsWholeNumbersExactly(t *testing.T) {
	t.Parallel()
	stores(t, Column{Type: Double, Want: BigInt}, PlanOptions{}, []stored{
		{`9007199254740992`, `9007199254740992`, `9.007199254740992e+15`},
		{`1152921504606846976`, `1152921504606846976`, `1.152921504606847e+18`},
		{`-0`, `-0`, ``},
		{`0.1`, `0.1`, ``},
		{`0e0`, `0e0`, `0`},
		{`1e20`, `1e20`, `1e+20`},
		{`15e-1`, `15e-1`, `1.5`},
	})
	stores(t, Column{Type: Double, Want: Numeric}, PlanOptions{}, []stored{
		{`1e+30`, `1e+30`, ``},
		{`1e300`, `1e300`, `1e+300`},
	})
	refuses(t, Column{Type: Double, Want: Numeric}, PlanOptions{}, []refused{
		{`9007199254740993`, "more digits than double precision keeps", "numeric"},
		{`12345678901234567890`, "more digits than double precision keeps", "numeric"},
	})
	refuses(t, Column{Type: Real, Want: BigInt}, PlanOptions{}, []refused{
		{`16777217`, "more digits than real keeps", "numeric"},
	})
}
