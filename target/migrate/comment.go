package migrate

import (
	"fmt"
	"strings"

	"target-postgres/target/comments"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
)

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
	if comments.Ours(have.Comment) {
		first, _, _ := strings.Cut(have.Comment, "\n")
		comment = first + "\n" + want.Description
	}
	if want.Description != "" && !comments.Same(have.Comment, comment) {
		p.After = append(p.After, fmt.Sprintf("COMMENT ON TABLE %s IS %s", have, pgtx.Literal(comment)))
	}
}

// described is the comment that a column is to have: what the schema says of the field, if it says something.
func (c *Column) described(comment string) string {
	if !c.Described || comments.Same(comment, c.Description) {
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
	if c.Named != "" && comments.FieldOf(comment) == "" {
		comment = comments.With(comment, c.Named)
	}
	if c.Mark != "" && comments.MarkOf(comment) == "" {
		comment = comments.With(comment, c.Mark)
	}
	return comment
}
