package pgtx

import (
	"strings"

	"target-postgres/merge"
	"target-postgres/typemap"
)

// Qualified is the quoted name of a table with its schema.
func Qualified(schema, name string) string {
	return merge.Name{Schema: schema, Table: name}.SQL()
}

// QuoteAll returns quoted names, separated by commas.
func QuoteAll(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = typemap.Quote(name)
	}
	return strings.Join(quoted, ", ")
}

// Literal quotes text for SQL. A backslash is a backslash under every standard_conforming_strings.
func Literal(text string) string {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\x00", ""), "'", "''")
	if strings.Contains(text, `\`) {
		return "E'" + strings.ReplaceAll(text, `\`, `\\`) + "'"
	}
	return "'" + text + "'"
}
