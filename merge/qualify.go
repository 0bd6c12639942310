package merge

import (
	"slices"
	"strings"
)

// qualify names the schema of every operator, function and type of pg_catalog in a statement of this package's, which
// leaves nothing in it to be found through the search_path. It knows the SQL of these templates, not all of SQL: names
// of tables and columns are quoted there, and IS DISTINCT FROM and IN, whose operators cannot be named, are left to
// [view.distinct].
func qualify(sql string) string {
	q := qualifier{rest: sql}
	for q.rest != "" {
		q.next()
	}
	return q.out.String()
}

type qualifier struct {
	rest string
	out  strings.Builder
	// depth counts parentheses, setDepth is that of the SET clause that the place is in, -1 outside of one. There the
	// first = of an item assigns.
	inSet, assigns  bool
	depth, setDepth int
	// last is the token before, comments and space left out.
	last string
}

// next copies a token.
func (q *qualifier) next() {
	switch c := q.rest[0]; {
	case c == ' ' || c == '\n':
		q.take(1)
	case strings.HasPrefix(q.rest, "--"):
		q.take(end(q.rest, strings.IndexByte(q.rest, '\n')))
	case c == '"' || c == '\'':
		q.copy(quotedLength(q.rest))
	case isWord(c):
		q.word()
	case strings.HasPrefix(q.rest, "::"):
		q.copy(2)
	case strings.IndexByte("=<>|+-/", c) >= 0:
		q.operator()
	default:
		q.punctuation(c)
	}
}

// take copies n bytes that are no token.
func (q *qualifier) take(n int) {
	q.out.WriteString(q.rest[:n])
	q.rest = q.rest[n:]
}

// copy copies a token of n bytes.
func (q *qualifier) copy(n int) {
	q.last = q.rest[:n]
	q.take(n)
}

func (q *qualifier) punctuation(c byte) {
	switch c {
	case '(':
		q.depth++
	case ')':
		q.depth--
	case ',':
		q.assigns = q.inSet && q.depth == q.setDepth
	}
	q.copy(1)
}

func (q *qualifier) word() {
	n := 1
	for n < len(q.rest) && isWord(q.rest[n]) {
		n++
	}
	switch word := q.rest[:n]; {
	case word == "OPERATOR":
		q.named()
		return
	case word == "SET":
		q.inSet, q.assigns, q.setDepth = true, true, q.depth
	case q.depth == q.setDepth && slices.Contains([]string{"FROM", "WHERE", "RETURNING"}, word):
		q.inSet, q.assigns = false, false
	case q.last == "::" && slices.Contains(types, word),
		strings.HasPrefix(q.rest[n:], "(") && slices.Contains(functions, word) && q.last != ".":
		q.out.WriteString("pg_catalog.")
	}
	q.copy(n)
}

// named copies an operator whose schema is named, in quotes or without.
func (q *qualifier) named() {
	n := len("OPERATOR(")
	if q.rest[n] == '"' {
		n += quotedLength(q.rest[n:])
	}
	q.copy(n + strings.IndexByte(q.rest[n:], ')') + 1)
}

// operator copies an operator, of several characters perhaps.
func (q *qualifier) operator() {
	n := 1
	for n < len(q.rest) && strings.IndexByte("=<>|", q.rest[n]) >= 0 {
		n++
	}
	number := q.rest[0] == '-' && n < len(q.rest) && q.rest[n] >= '0' && q.rest[n] <= '9'
	if (q.assigns && q.rest[:n] == "=") || number {
		q.assigns = false
		q.copy(n)
		return
	}
	q.out.WriteString("OPERATOR(pg_catalog.")
	q.copy(n)
	q.out.WriteByte(')')
}

// types are the types that the templates name, but for those that SQL has keywords for: these are always PostgreSQL's
// own.
var types = []string{"text"}

// functions are those that the templates call. A word that looks like one and is not here is a keyword, such as
// coalesce.
var functions = []string{
	"bool_or", "count", "first_value", "lag", "last_value", "lead", "max", "min", "now", "nth_value", "rank", "row_number",
}

func isWord(c byte) bool {
	return c == '_' || c == '$' || c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
}

// quotedLength is the length of the name or text that s begins with, quotes included.
func quotedLength(s string) int {
	for i := 1; i < len(s); i++ {
		if s[i] != s[0] {
			continue
		}
		if i+1 == len(s) || s[i+1] != s[0] {
			return i + 1
		}
		i++
	}
	return len(s)
}

// end is an index into s, or its end.
func end(s string, i int) int {
	if i < 0 {
		return len(s)
	}
	return i
}
