package pgtx

import (
	"testing"
)

func TestATextInSQLIsOneLiteral(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":              "''",
		"it's":          "'it''s'",
		`back\slash`:    `E'back\\slash'`,
		"two\nlines":    "'two\nlines'",
		"nul\x00inside": "'nulinside'",
	} {
		if got := Literal(text); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}
