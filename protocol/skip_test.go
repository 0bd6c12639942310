package protocol

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// skipSlowly is what skipObject has to agree with. That a backslash outside of a string, which is no JSON, hides quotes
// but not braces is of no use.
func skipSlowly(b string) int {
	depth, inString := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == '\\':
			if inString || i+1 < len(b) && !strings.ContainsRune("{}", rune(b[i+1])) {
				i++
			}
		case c == '"':
			inString = !inString
		case inString:
		case c == '{':
			depth++
		case c == '}':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}

func TestTheEndOfARecordIsFound(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 61)
	tests := map[string]string{
		"empty":                            `{}`,
		"nested":                           `{"a":{"b":[{},[]]},"c":{}}`,
		"brackets in strings":              `{"a":"}]{[","}":1}`,
		"escaped quotes":                   `{"a":"\"}","b":"\\","c":"\\\"}"}`,
		"a string over a block's end":      `{"a":"` + long + `}` + long + `"}`,
		"a backslash at a block's end":     `{"` + strings.Repeat("x", 61) + `\"}":1}`,
		"two backslashes at a block's end": `{"` + strings.Repeat("x", 60) + `\\":"}"}`,
		"backslashes over a block's end":   `{"` + strings.Repeat(`\\`, 100) + `\"}":1}`,
		"what resembles a bracket":         "{\"a\":{\"_\":1},\"\x7f|~^\":\"Y_y\"}",
		"not ASCII":                        `{"é\"` + strings.Repeat("é", 40) + `":"ûüýÛÝ}"}`,
		"exactly a block":                  `{"` + strings.Repeat("x", 57) + `":1}`,
		"deep":                             strings.Repeat(`{"a":[`, 1000) + strings.Repeat(`]}`, 1000),
	}
	for name, object := range tests {
		for before := range 70 {
			line := strings.Repeat(" ", before) + object
			if got := skipObject([]byte(line+`, "}":"}"}`), before); got != len(line) {
				t.Errorf("%s, %d bytes into the line: ends at %d, want %d", name, before, got, len(line))
				break
			}
		}
		for cut := range len(object) {
			if got := skipObject([]byte(object[:cut]), 0); got != -1 {
				t.Errorf("%s, cut after %d bytes: ends at %d, want -1", name, cut, got)
				break
			}
		}
	}
}

func TestFastAndSlowSkippingAgree(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	pieces := []string{`{`, `}`, `[`, `]`, `"`, `"`, `\`, `\\`, `\"`, `a`, `_`, `12345678`, "\xff", "\xdb", "\x00", `,`, "é", strings.Repeat("z", 50)}
	for range 20_000 {
		var b strings.Builder
		b.WriteString(`{`)
		for range random.IntN(60) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		if got, want := skipObject([]byte(b.String()), 0), skipSlowly(b.String()); got != want {
			t.Fatalf("%q ends at %d, want %d", b.String(), got, want)
		}
	}
}
