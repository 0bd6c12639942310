// Package pathname decides whether a text that was given for a path may be repeated in a message. It promises that no
// part of a key is: a key that lost its first line, or its line breaks, is a path to an operating system.
package pathname

import "strings"

const (
	// longest is longer than any path in a setting.
	longest = 1024
	// secretRun is how long a mixture of upper case, lower case and digits is taken for a part of a key, longRun is
	// that in a text that begins as a path does: a key begins with a letter, unless its beginning is lost.
	secretRun = 24
	longRun   = 60
	// shortestKey is less than the length of any key. Its alphabet lacks what most names of files have.
	shortestKey = 40
)

// Printable reports whether a text is the path of a file and nothing else.
func Printable(text string) bool {
	if text == "" || len(text) > longest || strings.Contains(text, "-----") || strings.ContainsAny(text, "\r\n\x00") {
		return false
	}
	most := secretRun
	if strings.ContainsAny(text[:1], `/.~\`) || strings.HasPrefix(text[1:], `:\`) {
		most = longRun
	} else if len(text) >= shortestKey && !strings.ContainsAny(text, `._-\`) {
		return false
	}
	notBase64 := func(r rune) bool { return !isBase64(r) }
	for run := range strings.FieldsFuncSeq(text, notBase64) {
		if len(run) >= most && mixed(run) {
			return false
		}
	}
	return true
}

// isBase64 leaves out the slash, which separates the names of a path. It is rare enough in a key.
func isBase64(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '+' || r == '='
}

func mixed(run string) bool {
	return strings.ContainsAny(run, "0123456789") && strings.ToLower(run) != run && strings.ToUpper(run) != run
}
