package migrate

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
)

// MadeByUs ends the first line of the comment of a table that the program created. stagingPrefix begins the comment of
// a staging table.
const (
	MadeByUs      = "loaded by target-postgres"
	stagingPrefix = "target-postgres "
)

// madeByUs reports whether a table's comment says that the program created it.
func madeByUs(comment string) bool {
	first, _, _ := strings.Cut(comment, "\n")
	return strings.HasSuffix(first, MadeByUs)
}

// comment is that of a table: whose it is, and what the schema says of the stream.
func (s TableSpec) comment() string {
	if s.Description == "" || s.Comment == "" {
		return s.Comment + s.Description
	}
	return s.Comment + "\n" + s.Description
}

// describe keeps the comment of the table to what the schema says of the stream. A comment stays if the schema says
// nothing. A table that the program did not create is not said to be its own.
func (p *Plan) describe(have *pgcatalog.Table, want TableSpec) {
	comment := want.Description
	if madeByUs(have.Comment) {
		first, _, _ := strings.Cut(have.Comment, "\n")
		comment = first + "\n" + want.Description
	}
	if want.Description != "" && !sameComment(have.Comment, comment) {
		p.After = append(p.After, fmt.Sprintf("COMMENT ON TABLE %s IS %s", have, pgtx.Literal(comment)))
	}
}

// described is the comment that a column is to have: what the schema says of the field, if it says something.
func (c *Column) described(comment string) string {
	if !c.Described || sameComment(comment, c.Description) {
		return comment
	}
	return c.Description
}

// named is the comment of a column that another program made, or that lost its own: it names the field, too, if
// that has another name, so that no other field of a later run gets the column.
func (c *Column) named(have *pgcatalog.Table, comment string) string {
	if !have.Owned {
		return comment
	}
	if c.Field != c.Name && FieldOf(comment) == "" {
		comment = marked(comment, plain(fieldLine(c.Field)))
	}
	if c.Rival && !hasMark(comment, recordMark) {
		comment = marked(comment, recordMark)
	}
	return comment
}

// sameComment reports whether a comment is there, be it in a database that lacks some of its characters.
func sameComment(have, want string) bool { return have == want || have == plain(want) }

// plain is a text that every database can store.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf {
			return r
		}
		return '?'
	}, text)
}
