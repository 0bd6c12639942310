package typemap

import (
	"strings"
	"testing"
)

func TestAirbyteNames(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 70)
	for name, want := range map[string]string{
		"users":            "users",
		"MixedCase":        "MixedCase",
		"my-table.x":       "my_table_x",
		"user!email@home":  "user_email_home",
		"two  spaces\t\nx": "two_spaces_x", // a run of white space is one underscore
		"a - b":            "a___b",
		"1st":              "_1st",
		"0":                "_0",
		" a":               "_a",
		"a\r\nb":           "a_b",
		"_1st":             "_1st",
		"café":             "cafe",
		"cafe\u0301":       "cafe",
		"ﬁeld":             "field", // NFKD takes ligatures apart
		"½":                "_1_2",  // and fractions, and only then looks for a digit
		"naïve Ünïcødé":    "naive_Unic_de",
		"日本":               "__",
		"😀":                "_", // one character, though two of Java's
		"a\x00b":           "a_b",
		"a\xffb":           "a_b",
		`id~!@#$%^&*()`:    "id___________",
		"a\u00a0b":         "a_b", // NFKD makes it a plain space

		strings.Repeat("a", 63): strings.Repeat("a", 63),
		// The suffixes are what a Java program printed. One is negative and short.
		long:                                   strings.Repeat("a", 54) + "_" + "20717984",
		strings.Repeat("é", 40):                strings.Repeat("e", 40),
		"1" + strings.Repeat("b", 63):          "_1" + strings.Repeat("b", 52) + "_" + "05196464",
		"n600" + strings.Repeat("z", 60):       "n600" + strings.Repeat("z", 50) + "_" + "-6885624",
		"col " + strings.Repeat("x", 60) + "é": "col_" + strings.Repeat("x", 50) + "_" + "38220314",
	} {
		if got := AirbyteName(name); got != want {
			t.Errorf("AirbyteName(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestJavaHashIsJavas(t *testing.T) {
	t.Parallel()
	// Values that Java's documentation and its well-known collisions give.
	for s, want := range map[string]int32{
		"":            0,
		"a":           97,
		"hello":       99162322,
		"Aa":          2112,
		"BB":          2112,
		"hello world": 1794106052,
		// The classic string whose hash is Integer.MIN_VALUE.
		"polygenelubricants": -2147483648,
	} {
		if got := javaHash(s); got != want {
			t.Errorf("javaHash(%q) = %d, want %d", s, got, want)
		}
	}
}

func TestAirbyteNamesOfNothingAreStable(t *testing.T) {
	t.Parallel()
	empty, accent := AirbyteName(""), AirbyteName("\u0301")
	if !strings.HasPrefix(empty, "default_name_") || empty != AirbyteName("") {
		t.Errorf("AirbyteName of the empty name = %q, then %q", empty, AirbyteName(""))
	}
	if empty == accent {
		t.Errorf("two names of which nothing is left are both %q", empty)
	}
}

func FuzzAirbyteName(f *testing.F) {
	for _, seed := range []string{"", "a b", "ﷺ", "9" + strings.Repeat("é", 70), "\xff\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		got := AirbyteName(name)
		if got == "" || len(got) > maxIdentifier || got[0] >= '0' && got[0] <= '9' {
			t.Fatalf("AirbyteName(%q) = %q", name, got)
		}
		if strings.Trim(got, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != "" {
			t.Fatalf("AirbyteName(%q) = %q has other characters", name, got)
		}
		if name != "" && Identifier(got) != got {
			t.Fatalf("AirbyteName(%q) = %q is not an identifier", name, got)
		}
	})
}
