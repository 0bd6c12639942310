package merge

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"target-postgres/typemap"
)

// HashOf is the hash of a version: of its key and of the columns whose change makes a version. Each value stands with
// the name of its column and its length, in the order of the names, and a NULL is left out: neither the order of the
// fields nor a new column without a value gives another hash. It has as many digits as the hash of a surrogate key.
func (v *view) HashOf(alias string) string {
	columns := slices.DeleteFunc(slices.Clone(v.job.Columns), func(c Column) bool {
		hashed := func(n name) bool { return n.quoted == quote(c.Name) }
		return !slices.ContainsFunc(v.Key, hashed) && !slices.ContainsFunc(v.tracked, hashed)
	})
	slices.SortFunc(columns, func(a, b Column) int { return cmp.Compare(a.Name, b.Name) })
	values := make([]string, len(columns))
	for i, c := range columns {
		text := alias + "." + quote(c.Name) + "::text"
		if c.Type.Kind == typemap.KindNumeric {
			text = "pg_catalog.trim_scale(" + alias + "." + quote(c.Name) + ")::text" // 1.0 and 1.00 are one value
		}
		values[i] = fmt.Sprintf("%s || pg_catalog.length(%[2]s)::text || ':' || %[2]s", literal(c.Name+":"), text)
	}
	return "pg_catalog.left(pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.array_to_string(ARRAY[" +
		strings.Join(values, ", ") + "], ';'), 'UTF8')), 'hex'), 32)"
}
