package typemap

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// SnakeCase returns the name that naming: snake_case gives to a schema, table or column called name. docs/shaping.md
// has the rules. SQL can say the result without quotes, unless it is a word of SQL's own, and SnakeCase does not change
// it again. Of names that become one it does not keep them apart: [Identifiers] does.
func SnakeCase(name string) string {
	runes := []rune(norm.NFKC.String(strings.ToValidUTF8(name, " ")))
	var b strings.Builder
	gap := false
	for from := 0; from < len(runes); {
		to := from
		for to < len(runes) && (isWord(runes[to]) || to > from && unicode.IsMark(runes[to])) {
			to++
		}
		switch {
		case to > from:
			if gap && b.Len() > 0 && !strings.HasSuffix(b.String(), "_") {
				b.WriteByte('_')
			}
			writeWord(&b, runes[from:to])
			gap = false
		case runes[from] == '_':
			b.WriteByte('_')
			gap = false
			to++
		default:
			gap = true
			to++
		}
		from = to
	}
	s := norm.NFKC.String(b.String())
	if s == "" || strings.Trim(s, "_") == "" && s != name {
		sum := sha256.Sum256([]byte(name))
		return "_" + hex.EncodeToString(sum[:])[:hashDigits]
	}
	if s[0] >= '0' && s[0] <= '9' {
		return "_" + s
	}
	return s
}

// isWord reports whether a character is a letter or digit, of any script.
func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// writeWord writes a run of letters and digits in small letters. An underscore parts the words in it, which begin with
// capitals: where one follows a small letter or a digit, and before the last capital of several, which begins the next
// word. A plural s is no such word, and without small letters there is one word only.
func writeWord(b *strings.Builder, run []rune) {
	mixed := false
	for _, r := range run {
		mixed = mixed || unicode.IsLower(r)
	}
	before := ' ' // the character before, marks aside
	for i, r := range run {
		if mixed && unicode.IsUpper(r) && startsWord(before, run[i+1:]) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
		if !unicode.IsMark(r) {
			before = r
		}
	}
}

// startsWord reports whether a capital begins a word, after the character before it and before those after it.
func startsWord(before rune, after []rune) bool {
	switch {
	case unicode.IsLower(before), unicode.IsDigit(before):
		return true
	case !unicode.IsUpper(before) || len(after) == 0 || !unicode.IsLower(after[0]):
		return false
	}
	plural := after[0] == 's' && (len(after) == 1 || !unicode.IsLower(after[1]))
	return !plural
}
