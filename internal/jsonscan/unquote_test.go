package jsonscan

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestUnquoteDecodesEveryEscape(t *testing.T) {
	t.Parallel()
	tests := []struct {
		raw, want string
		replaced  int
	}{
		{`""`, "", 0},
		{`"plain"`, "plain", 0},
		{`"\"\\\/\b\f\n\r\t"`, "\"\\/\b\f\n\r\t", 0},
		{`"\u0041\u00e9\u20AC"`, "Aé€", 0},
		{`"\ud83d\ude00"`, "😀", 0},
		{`"\uD83D\uDE00!"`, "😀!", 0},
		{`"\u0000"`, "\ufffd", 1},
		{`"a\u0000b\u0000"`, "a\ufffdb\ufffd", 2},
		{`"\ud83d"`, "\ufffd", 1},
		{`"\ud83dx"`, "\ufffdx", 1},
		{`"\ud83d\u0041"`, "\ufffdA", 1},
		{`"\ude00\ud83d"`, "\ufffd\ufffd", 2},
		{`"\ud83d\ud83d\ude00"`, "\ufffd😀", 1},
		{`"\ufffd"`, "\ufffd", 0},
		{`"\\u0000"`, `\u0000`, 0},
		{`"\\\u0000"`, "\\\ufffd", 1},
	}
	for _, tt := range tests {
		got, replaced := Unquote([]byte("dst:"), []byte(tt.raw))
		if string(got) != "dst:"+tt.want || replaced != tt.replaced {
			t.Errorf("Unquote(%s) = %q, %d; want %q, %d", tt.raw, got, replaced, "dst:"+tt.want, tt.replaced)
		}
	}
}

func TestStorableOverwritesWhatPostgreSQLCannotHold(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text, want string
		replaced   int
	}{
		{`{"a":1}`, `{"a":1}`, 0},
		{`{"a\u0000":"\u0000"}`, `{"a\ufffd":"\ufffd"}`, 2},
		{`["\ud83d\ude00","\ud83d","\ude00x"]`, `["\ud83d\ude00","\ufffd","\ufffdx"]`, 2},
		{`["\\u0000","\\\u0000"]`, `["\\u0000","\\\ufffd"]`, 1},
		{`["\u00001"]`, `["\ufffd1"]`, 1},
		{`"\""\""\u0000"`, `"\""\""\ufffd"`, 1}, // quotes doubled for CSV
	}
	for _, tt := range tests {
		text := []byte(tt.text)
		if replaced := Storable(text); string(text) != tt.want || replaced != tt.replaced {
			t.Errorf("Storable(%s) = %s, %d; want %s, %d", tt.text, text, replaced, tt.want, tt.replaced)
		}
	}
}

// FuzzScan holds the scanner against encoding/json: the same texts are valid,
// special numbers aside,
// and strings decode to the same text, U+0000 aside.
func FuzzScan(f *testing.F) {
	seeds := []string{
		`[NaN,{"Infinity":-Infinity}]`, `-Infinity`, `"NaN`, `Infinix`,
		`{"a":[1,2.5e-3,"x\u0000\ud83d"],"b":{"c":null}}`, `"\ud83d\ude00"`, `-0`, `1e400`, `[[[]]]`, `{"a":1,}`,
		"\"\x01\"", `tru`, ` { } `, `[1,]`, `"\u00g0"`, `{"a" : "b" , "c":[{},[]]}`, `0123`, "\"\xff\"", `""`,
	}
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		start := Space(text, 0)
		token, err := Scan(text, start)
		valid := err == nil && Space(text, token.End) == len(text)
		strict := text
		if valid {
			strict, _ = AppendStrict(nil, text, "null")
		}
		if valid != json.Valid(strict) {
			t.Fatalf("valid = %t (%v), encoding/json says %t", valid, err, !valid)
		}
		if !valid {
			return
		}
		raw := text[start:token.End]
		if has := strings.Contains(string(raw), `\`); has != (token.Traits&Escaped != 0) {
			t.Fatalf("traits %b, a backslash present: %t", token.Traits, has)
		}
		storable := append([]byte(nil), raw...)
		if Storable(storable) > 0 && token.Traits&Unicode == 0 {
			t.Fatalf("a character was replaced in a text without \\u")
		}
		if token.Kind != KindString {
			return
		}
		var want string
		if err := json.Unmarshal(storable, &want); err != nil {
			t.Fatalf("no longer valid: %v", err)
		}
		got, _ := Unquote(nil, raw)
		if utf8.Valid(text) && string(got) != want || strings.Contains(want, "\x00") {
			t.Fatalf("Unquote = %q, encoding/json says %q", got, want)
		}
	})
}

func BenchmarkScanString(b *testing.B) {
	for _, n := range []int{3, 20, 1 << 20} {
		text := []byte(`"` + strings.Repeat("x", n) + `"`)
		b.Run(strconv.Itoa(n)+" bytes", func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if _, _, err := String(text, 0); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
