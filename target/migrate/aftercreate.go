package migrate

import (
	"strings"

	"target-postgres/target/pgtx"
	"target-postgres/typemap"
)

// The setting after_create is SQL of the user's own, run in the transaction that creates a table: what it makes of the
// table is read again afterwards, so that the merge goes by that.

// expandAfterCreate puts the table's name into the SQL. {table} is for where a name stands, {table_literal} for where a
// function wants the name as a text.
func expandAfterCreate(sql, schema, name string) string {
	table := pgtx.Qualified(schema, name)
	return strings.NewReplacer("{table}", table, "{table_literal}", pgtx.Literal(table), "{schema}", typemap.Quote(schema)).Replace(sql)
}
