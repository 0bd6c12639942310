package typemap

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestQuote(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"users":       `"users"`,
		"Select":      `"Select"`,
		`a"b`:         `"a""b"`,
		`"`:           `""""`,
		`a\b'c`:       `"a\b'c"`,
		"a\x00\"; --": `"a""; --"`,
		"é b":         `"é b"`,
	} {
		if got := Quote(name); got != want {
			t.Errorf("Quote(%q) = %s, want %s", name, got, want)
		}
	}
}

func TestIdentifierKeepsNamesUpTo63Bytes(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a", "camelCase", "with space", "select", `q"uote`, "é", "a.b-c:d", strings.Repeat("x", 63), strings.Repeat("é", 31)} {
		if got := Identifier(name); got != name {
			t.Errorf("Identifier(%q) = %q", name, got)
		}
	}
}

func TestIdentifierShortensLongNames(t *testing.T) {
	t.Parallel()
	// The hashes are those of sha256sum.
	for name, want := range map[string]string{
		strings.Repeat("x", 64):               strings.Repeat("x", 54) + "_7ce100971f64e7001e8fe5a51973ecdf"[:9],
		strings.Repeat("é", 32):               strings.Repeat("é", 27) + "_" + firstHash(t, strings.Repeat("é", 32)),
		"a" + strings.Repeat("é", 32):         "a" + strings.Repeat("é", 26) + "_" + firstHash(t, "a"+strings.Repeat("é", 32)),
		strings.Repeat("日", 22):               strings.Repeat("日", 18) + "_" + firstHash(t, strings.Repeat("日", 22)),
		"😀" + strings.Repeat("x", 49) + "😀😀😀": "😀" + strings.Repeat("x", 49) + "_" + firstHash(t, "😀"+strings.Repeat("x", 49)+"😀😀😀"),
		"": "_e3b0c442", // the hash of nothing
	} {
		if got := Identifier(name); got != want {
			t.Errorf("Identifier(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestIdentifierReplacesWhatANameCannotHold(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"a\x00b": "a\uFFFDb",
		"a\xffb": "a\uFFFDb",
		"\x00":   "\uFFFD",
	} {
		if got := Identifier(name); got != want {
			t.Errorf("Identifier(%q) = %q, want %q", name, got, want)
		}
	}
	// Replacing can make a name too long, and the hash still tells two apart.
	a, b := Identifier(strings.Repeat("x", 62)+"\x00"), Identifier(strings.Repeat("x", 62)+"\x01\x00")
	if len(a) > 63 || len(b) > 63 || a == b {
		t.Errorf("Identifier gives %q and %q", a, b)
	}
}

func firstHash(t *testing.T, name string) string {
	t.Helper()
	id := hashed("", name, hashDigits)
	if len(id) != 9 {
		t.Fatalf("hash %q", id)
	}
	return id[1:]
}

func FuzzIdentifier(f *testing.F) {
	for _, seed := range []string{"", "a", strings.Repeat("é", 40), "\xff\xfe", "a\x00", strings.Repeat("日本", 30), `"`} {
		f.Add(seed, "other")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		id := Identifier(a)
		if id == "" || len(id) > 63 || !utf8.ValidString(id) || strings.Contains(id, "\x00") {
			t.Fatalf("Identifier(%q) = %q is no identifier", a, id)
		}
		if again := Identifier(id); again != id {
			t.Fatalf("Identifier(%q) = %q, and of that %q", a, id, again)
		}
		if len(a) <= 63 && a != "" && utf8.ValidString(a) && !strings.Contains(a, "\x00") && id != a {
			t.Fatalf("Identifier(%q) = %q changes a good name", a, id)
		}
		names := []string{a, b, strings.ToUpper(a), id}
		got := Identifiers(names, []string{b}, strings.ToLower)
		seen := map[string]bool{b: true}
		for i, id := range got {
			if seen[id] || len(id) > 63 || id == "" || Identifier(id) != id {
				t.Fatalf("Identifiers(%q) = %q: the name %d is taken or bad", names, got, i)
			}
			seen[id] = true
		}
		if diff := cmp.Diff(got, Identifiers(names, []string{b}, strings.ToLower)); diff != "" {
			t.Fatalf("Identifiers(%q) differs from itself:\n%s", names, diff)
		}
	})
}
