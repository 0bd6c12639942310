package typemap

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode/utf8"
)

const (
	// maxIdentifier is how many bytes of a name PostgreSQL keeps. It cuts longer ones silently, so that two columns can
	// become one.
	maxIdentifier = 63
	// hashDigits is how many hexadecimal digits of a name's SHA-256 stand in for what does not fit.
	hashDigits = 8
)

// Quote returns name as a quoted SQL identifier. A NUL byte, which would end the statement, is removed; a name that
// went through [Identifier] has none.
func Quote(name string) string {
	name = strings.ReplaceAll(name, "\x00", "")
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// Identifier returns the name that PostgreSQL is to know name by. A name of up to 63 bytes stays as it is, case and
// all. A longer one keeps its beginning, cut between characters, and ends in "_" and 8 hexadecimal digits of the
// SHA-256 of the whole name; so does the empty name, which PostgreSQL does not accept. NUL and bytes that are not UTF-8
// become U+FFFD. The result is always a valid identifier and, given to Identifier again, comes back unchanged.
func Identifier(name string) string {
	if clean := storable(name); clean != "" && len(clean) <= maxIdentifier {
		return clean
	}
	return hashed(name, name, hashDigits)
}

// storable replaces what PostgreSQL cannot have in a name.
func storable(name string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(name, "\uFFFD"), "\x00", "\uFFFD")
}

// hashed returns the beginning of base, "_", and the first digits of whole's hash, in at most 63 bytes.
func hashed(base, whole string, digits int) string {
	sum := sha256.Sum256([]byte(whole))
	suffix := "_" + hex.EncodeToString(sum[:])[:digits]
	return cut(storable(base), maxIdentifier-len(suffix)) + suffix
}

// cut returns the longest beginning of s of at most n bytes that ends between two characters.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
