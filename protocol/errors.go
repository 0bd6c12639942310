package protocol

import (
	"errors"
	"fmt"
	"strings"
)

// ErrInterrupted is returned by Reader.Next once for every Reader.Interrupt that found it waiting for input. Nothing is
// lost: the next call goes on where this one stopped.
var ErrInterrupted = errors.New("reading was interrupted")

// ErrClosed is returned by Reader.Next after Reader.Close.
var ErrClosed = errors.New("reader is closed")

// LineError says that a line of the input is not a message, or not a complete one. Everything before the line has been
// returned.
type LineError struct {
	Line   int64  // counted from 1, blank lines included
	Reason string // what is wrong, without values from records
	Hint   string // what to do about it, empty if nothing particular
	Stream Stream // where the line got as far as naming one
	// OtherProtocol says that the line is a message of the protocol that this Reader does not read: the command is
	// wrong, and the input is not.
	OtherProtocol bool

	noise    bool   // the line may be none of the sender's messages
	encoding bool   // the line may be a message in another encoding than UTF-8
	line     []byte // the line, where it was not decoded
}

// Error returns one sentence that names the line and, where known, the stream.
func (e *LineError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "line %d: ", e.Line)
	if e.Stream.Name != "" {
		fmt.Fprintf(&b, "stream %q: ", e.Stream)
	}
	b.WriteString(e.Reason)
	if e.Hint != "" {
		b.WriteString("; ")
		b.WriteString(e.Hint)
	}
	return b.String()
}

// badLine makes the LineError of a decoder, which does not know the number of the line it works on; Reader.Next fills
// that in.
func badLine(format string, args ...any) *LineError {
	return &LineError{Reason: fmt.Sprintf(format, args...)}
}

// missingKey is the error for a required key that is absent. The words in brackets are the Singer SDK's, which other
// tools look for, with the content of the line left out.
func missingKey(message, key, kind string) *LineError {
	return badLine("%s message needs %q, %s (Line is missing required %s key(s): {...})", withArticle(message), key, kind, key)
}

// withArticle is the type of a message with the article that it takes.
func withArticle(message string) string {
	if strings.HasPrefix(message, "A") {
		return "an " + message
	}
	return "a " + message
}

// syntaxError wraps a scanner's error, whose text never quotes the input.
func syntaxError(err error) *LineError {
	bad := badLine("%v", err)
	bad.noise = true
	return bad
}

// sanitize makes a name from the input fit for an error message: short, and without characters that could be anything
// but a name.
func sanitize(name []byte) string {
	const limit = 40
	out := make([]byte, 0, limit+3)
	for i, c := range name {
		if i == limit {
			return string(append(out, "..."...))
		}
		if c != '_' && c != '-' && c != '.' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			c = '?'
		}
		out = append(out, c)
	}
	return string(out)
}
