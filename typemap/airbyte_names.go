package typemap

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// airbyteKept is how much of a name Airbyte keeps when it is too long.
const airbyteKept = 54

// AirbyteName returns the name that Airbyte's own Postgres destination gives to a stream, namespace or column called
// name, so that its tables can be taken over: accents are dropped, any character but an ASCII letter, digit or
// underscore becomes an underscore (a run of white space becomes one), a leading digit gets one in front, and a name of
// more than 63 characters keeps 54, "_", and the last 8 characters of Java's String.hashCode(). The result is ASCII and
// at most 63 bytes.
//
// Airbyte makes up a random name if nothing of the name is left. Here the result is then derived from the name, so that
// the next run finds it.
func AirbyteName(name string) string {
	s := alphanumeric(name)
	switch {
	case s == "":
		sum := sha256.Sum256([]byte(name))
		return "default_name_" + hex.EncodeToString(sum[:])[:hashDigits]
	case s[0] >= '0' && s[0] <= '9':
		s = "_" + s
	}
	if len(s) <= maxIdentifier {
		return s
	}
	hash := strconv.Itoa(int(javaHash(s)))
	return s[:airbyteKept] + "_" + hash[max(0, len(hash)-8):]
}

// alphanumeric is what Airbyte calls toAlphanumericAndUnderscore.
func alphanumeric(name string) string {
	var b strings.Builder
	space := false
	for _, r := range norm.NFKD.String(strings.ToValidUTF8(name, "\uFFFD")) {
		if unicode.Is(unicode.M, r) {
			continue
		}
		wasSpace := space
		space = r == ' ' || r >= '\t' && r <= '\r'
		switch {
		case space && wasSpace:
		case r == '_' || r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			b.WriteRune(r)
		default:
			b.WriteByte('_')
		}
	}
	return b.String()
}

// javaHash is Java's String.hashCode of an ASCII string.
func javaHash(s string) int32 {
	var h int32
	for _, c := range []byte(s) {
		h = 31*h + int32(c)
	}
	return h
}
