package jsonscan

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func TestAValueIsScannedToItsEnd(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text   string
		kind   Kind
		traits Traits
	}{
		{`null`, KindNull, 0},
		{`true`, KindTrue, 0},
		{`false`, KindFalse, 0},
		{`0`, KindNumber, 0},
		{`-0`, KindNumber, MinusZero},
		{`-0.0`, KindNumber, Fraction},
		{`-0e0`, KindNumber, Exponent},
		{`-12`, KindNumber, 0},
		{`1234567`, KindNumber, 0},
		{`12345678`, KindNumber, 0},
		{`123456789012`, KindNumber, 0},
		{`-1234567.1234567`, KindNumber, Fraction},
		{`-1234567.12345678`, KindNumber, Fraction},
		{`12345678.5`, KindNumber, Fraction},
		{`0.5`, KindNumber, Fraction},
		{`7e5`, KindNumber, Exponent},
		{`12.50`, KindNumber, Fraction},
		{`1E+9`, KindNumber, Exponent},
		{`1.5e-9`, KindNumber, Fraction | Exponent},
		{strings.Repeat("9", LongNumber), KindNumber, 0},
		{strings.Repeat("9", LongNumber+1), KindNumber, Long},
		{`NaN`, KindNumber, Special},
		{`Infinity`, KindNumber, Special},
		{`-Infinity`, KindNumber, Special},
		{`{"NaN":[1.5,NaN]}`, KindObject, Fraction | Special},
		{`""`, KindString, 0},
		{`"123456"`, KindString, 0},
		{`"1234567"`, KindString, 0},
		{`"12345678"`, KindString, 0},
		{`"\\"`, KindString, Escaped},
		{`"0123456789 no escape in twenty bytes"`, KindString, 0},
		{`"a\tb"`, KindString, Escaped},
		{`"a\u0000"`, KindString, Escaped | Unicode},
		{"\"\x7f\u2028é\"", KindString, 0},
		{`{}`, KindObject, 0},
		{`[ ]`, KindArray, 0},
		{`{"a":[1,{"b":null}] , "c" : {} }`, KindObject, 0},
		{`{"\u0041":1}`, KindObject, Escaped | Unicode},
		{`[[[1.5]],"\n",2e1]`, KindArray, Escaped | Fraction | Exponent},
	}
	for _, tt := range tests {
		want := Token{End: 2 + len(tt.text), Kind: tt.kind, Traits: tt.traits}
		for _, after := range []string{" ,", ",", "]" + strings.Repeat(" ", 30), "}" + strings.Repeat("1", 30), "," + strings.Repeat(`"`, 30)} {
			if got, err := Scan([]byte("  "+tt.text+after), 2); err != nil || got != want {
				t.Errorf("Scan(%.40s) before %s = %+v, %v; want %+v", tt.text, after, got, err, want)
			}
		}
		end, kind, err := Value([]byte(tt.text), 0)
		if err != nil || end != len(tt.text) || kind != tt.kind {
			t.Errorf("Value(%.40s) = %d, %d, %v", tt.text, end, kind, err)
		}
	}
}

func TestMalformedTextIsNamedByItsOffset(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text   string
		offset int
		reason string
	}{
		{``, 0, "ends in the middle"},
		{`"abc`, 4, "ends in the middle"},
		{`"abc\`, 5, "ends in the middle"},
		{`"\u12`, 5, "ends in the middle"},
		{`"\u12g4"`, 1, "escape sequence"},
		{`"\x41"`, 1, "escape sequence"},
		{"\"a\nb\"", 2, "control character"},
		{"\"0123456789\x00\"", 11, "control character"},
		{`-`, 1, "ends in the middle"},
		{`-a`, 1, "lacks a digit"},
		{`1.`, 2, "ends in the middle"},
		{`1.e5`, 2, "lacks a digit"},
		{`1e`, 2, "ends in the middle"},
		{`1e+x`, 3, "lacks a digit"},
		{`01`, 0, "leading zero"},
		{`-01`, 1, "leading zero"},
		{`nul`, 0, "not true, false or null"},
		{`True`, 0, "value was expected"},
		{`Nan`, 0, "value was expected"},
		{`Infinix`, 0, "value was expected"},
		{`-Inf`, 1, "lacks a digit"},
		{`+Infinity`, 0, "value was expected"},
		{`]`, 0, "value was expected"},
		{`{"a"}`, 4, "colon"},
		{`{"a":}`, 5, "value was expected"},
		{`{"a":1,}`, 7, "key in quotes"},
		{`{a:1}`, 1, "key in quotes"},
		{`{"a":1 "b":2}`, 7, "comma or closing"},
		{`{"a":1]`, 6, "comma or closing"},
		{`[1}`, 2, "comma or closing"},
		{`[1,]`, 3, "value was expected"},
		{`[1`, 2, "ends in the middle"},
		{`{"a":`, 5, "ends in the middle"},
		{`{"a"`, 4, "ends in the middle"},
		{`{`, 1, "ends in the middle"},
		{`{"a":1,`, 7, "ends in the middle"},
	}
	for _, tt := range tests {
		_, _, err := Value([]byte(tt.text), 0)
		var bad *SyntaxError
		if !errors.As(err, &bad) {
			t.Errorf("Value(%q): error %v, want a *SyntaxError", tt.text, err)
			continue
		}
		if bad.Offset != tt.offset || !strings.Contains(bad.Error(), tt.reason) {
			t.Errorf("Value(%q): %v, want offset %d and %q", tt.text, bad, tt.offset, tt.reason)
		}
	}
}

func TestStringWantsAnOpeningQuote(t *testing.T) {
	t.Parallel()
	for _, text := range []string{``, `x`, `1`} {
		if _, _, err := String([]byte(text), 0); err == nil {
			t.Errorf("String(%q) has no error", text)
		}
	}
	end, escaped, err := String([]byte(`:"a\"b":`), 1)
	if end != 7 || !escaped || err != nil {
		t.Errorf("String = %d, %t, %v; want 7, true, nil", end, escaped, err)
	}
}

func TestASpecialByteIsFoundAtEveryOffset(t *testing.T) {
	t.Parallel()
	for n := range 40 {
		pad := strings.Repeat("é¿ÿ\u0080", n)[:n] // bytes with the high bit set, which must not mislead the eight-at-once test
		for _, tail := range []string{`"`, `\"x"`, "\x1f\"", "\x00\"", `!"`, `]"`, "\x20\"", "\x7f\""} {
			text := `"` + pad + tail
			end, _, err := String([]byte(text), 0)
			if valid := json.Valid([]byte(text)); valid != (err == nil) || valid && end != len(text) {
				t.Errorf("String(%q) = %d, %v; encoding/json says valid=%t", text, end, err, valid)
			}
		}
	}
}

func TestDepthIsLimitedByMemoryOnly(t *testing.T) {
	t.Parallel()
	for _, depth := range []int{1, 63, 64, 65, 511, 512, 513, 1000, 100_000} {
		text := strings.Repeat(`[{"a":`, depth) + `1e5` + strings.Repeat(`}]`, depth)
		got, err := Scan([]byte(text), 0)
		if err != nil || got.End != len(text) || got.Traits != Exponent {
			t.Errorf("depth %d: %+v, %v", depth, got, err)
		}
		if _, err := Scan([]byte(text[:len(text)-1]), 0); err == nil {
			t.Errorf("depth %d: a missing bracket is not noticed", depth)
		}
		swapped := text[:len(text)-2] + "]}"
		if _, err := Scan([]byte(swapped), 0); err == nil {
			t.Errorf("depth %d: swapped brackets are not noticed", depth)
		}
	}
}

func TestScanningAllocatesNothing(t *testing.T) {
	text := []byte(`{"a":` + strings.Repeat(`[{"b":`, 200) + `"x\u0041"` + strings.Repeat(`}]`, 200) + `,"c":-1.5e9}`)
	allocs := testing.AllocsPerRun(100, func() {
		if _, _, err := Value(text, 0); err != nil {
			t.Fatal(err)
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations a document, want none", allocs)
	}
}

func TestColonMaySitBetweenSpaces(t *testing.T) {
	t.Parallel()
	if next, err := Colon([]byte(" \t\r\n: 1"), 0); next != 5 || err != nil {
		t.Errorf("Colon = %d, %v; want 5", next, err)
	}
	for _, text := range []string{``, `  `, `=`, "\v:"} {
		if _, err := Colon([]byte(text), 0); err == nil {
			t.Errorf("Colon(%q) has no error", text)
		}
	}
}
