package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// jsonError says what is wrong with a text that should be a JSON object. It names the line and what was expected there,
// and repeats nothing of the text, which may hold a password.
type jsonError struct {
	line         int
	reason, hint string
}

// Error names the line.
func (f *jsonError) Error() string { return fmt.Sprintf("line %d: %s", f.line, f.reason) }

// noObject reports what a text is that does not even begin as a JSON object does, nil for one that does.
func noObject(data []byte) *jsonError {
	text := bytes.TrimLeft(data, " \t\r\n")
	fault := &jsonError{line: lineOf(data, len(data)-len(text)), hint: `write it as {"name": value, …}`}
	switch {
	case len(text) == 0:
		fault.reason = "a JSON object is expected, and there is nothing"
	case text[0] == '{':
		return nil
	case text[0] == '[':
		fault.reason = "a JSON object is expected, and this is a list"
	case bytes.HasPrefix(text, []byte("\xff\xfe")), bytes.HasPrefix(text, []byte("\xfe\xff")), bytes.IndexByte(text[:min(len(text), 64)], 0) >= 0:
		fault.reason, fault.hint = "JSON is expected in UTF-8, and this is in another encoding", "save the file as UTF-8"
	case json.Valid(text):
		fault.reason = "a JSON object is expected, and this is a single value"
	case isYAML(text):
		fault.reason = "JSON is expected, and this looks like YAML"
	default:
		fault.reason = "JSON is expected, an object that begins with {"
	}
	return fault
}

// isYAML reports whether the first line that is no comment is a name with a colon, or a list's first item.
func isYAML(text []byte) bool {
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
			continue
		case line == "---" || strings.HasPrefix(line, "- "):
			return true
		}
		name, _, found := strings.Cut(line, ":")
		return found && !strings.ContainsAny(name, " \t{")
	}
	return false
}

// expectations are what encoding/json looks for, in its own words, and what a person would say.
var expectations = []struct{ theirs, ours string }{
	{"looking for beginning of object key string", `a name in double quotes is expected`},
	{"looking for beginning of value", "a value is expected: a text in double quotes, a number, true, false, null, a list or an object"},
	{"after object key:value pair", "a comma or } is expected after a value"},
	{"after object key", "a colon is expected after a name"},
	{"after array element", "a comma or ] is expected in a list"},
	{"in string escape code", `a text has a backslash that begins no escape: write \\ for a backslash`},
	{`in \u hexadecimal`, `four hexadecimal digits are expected after \u`},
	{"in string literal", `a text goes on beyond its line, or has a control character in it: write \n for a line break`},
	{"in literal", "a word is expected to be true, false or null; a text stands in double quotes"},
	{"in numeric literal", "a number is not complete"},
	{"after decimal point", "a number is not complete"},
	{"in exponent", "a number is not complete"},
}

// faultOf translates what encoding/json says.
func faultOf(data []byte, err error) *jsonError {
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return &jsonError{line: lineOf(data, len(data)), reason: "this is not JSON: the object is not complete, a } is missing"}
	}
	at := max(int(syntax.Offset)-1, 0)
	fault := &jsonError{line: lineOf(data, at), reason: "this is not JSON"}
	if strings.Contains(syntax.Error(), "unexpected end") {
		fault.reason = "this is not JSON: the object is not complete, a } is missing"
	}
	for _, e := range expectations {
		if strings.Contains(syntax.Error(), e.theirs) {
			fault.reason = "this is not JSON: " + e.ours
			break
		}
	}
	if at < len(data) && strings.IndexByte("TFN", data[at]) >= 0 && strings.Contains(fault.reason, "a value is expected") {
		fault.hint = "write true, false and null in lower case"
	}
	if before := bytes.TrimRight(data[:min(at, len(data))], " \t\r\n"); at < len(data) && bytes.HasSuffix(before, []byte(",")) &&
		(data[at] == '}' || data[at] == ']') {
		fault.hint = "leave out the comma before it"
	}
	return fault
}

// lineOf is the line of a byte, counted from 1.
func lineOf(data []byte, at int) int {
	return 1 + bytes.Count(data[:min(at, len(data))], []byte("\n"))
}
