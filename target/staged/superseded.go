package staged

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"target-postgres/merge"
	"target-postgres/target/bisect"
	"target-postgres/target/pgtx"
	"target-postgres/typemap"
)

// source is where the rows are read from. Where records of a key were superseded these stand for its row, unless it has
// been taken out meanwhile: every one is tried when its turn comes, and the last that the server takes wins.
func (g *Search) source() string {
	if g.Superseded.Name.Table == "" {
		return g.From.SQL()
	}
	var key []string
	for _, name := range g.S.Key {
		key = append(key, fmt.Sprintf("ARRAY[k.%[1]s] = ARRAY[r.%[1]s]", typemap.Quote(name)))
	}
	names := make([]string, 0, len(g.Columns)+1)
	for _, c := range g.Columns {
		names = append(names, c.Name)
	}
	if g.Lines != "" {
		names = append(names, g.Lines)
	}
	columns, brought := pgtx.QuoteAll(names), typemap.Quote(g.Superseded.Brought)
	return fmt.Sprintf(`(
  SELECT %[1]s, r.ctid AS %[7]s, NULL::text[] AS %[2]s, false AS %[3]s
  FROM %[4]s AS r WHERE NOT EXISTS (SELECT 1 FROM %[5]s AS k WHERE %[6]s)
  UNION ALL
  SELECT %[1]s, k.ctid, %[2]s, true
  FROM %[5]s AS k WHERE EXISTS (SELECT 1 FROM %[4]s AS r WHERE %[6]s)
)`, columns, brought, typemap.Quote(g.isRepeated()), g.From.SQL(), g.Superseded.Name.SQL(), strings.Join(key, " AND "), typemap.Quote(g.place()))
}

// place names the column that orders rows without a line.
func (g *Search) place() string {
	if g.Superseded.Name.Table == "" {
		return "ctid"
	}
	return g.number + "_place"
}

// isRepeated names the column that tells superseded records from other rows.
func (g *Search) isRepeated() string { return g.number + "_again" }

// prepareSuperseded finds out which rows are superseded records.
func (g *Search) prepareSuperseded(ctx context.Context) error {
	g.repeated, g.again = nil, merge.Name{Schema: "pg_temp", Table: "_singular_again"}
	if g.Superseded.Name.Table == "" {
		return nil
	}
	brought := typemap.Quote(g.Superseded.Brought)
	results, err := pgtx.Script(ctx, g.Conn, []string{
		fmt.Sprintf("CREATE TEMP TABLE %s ON COMMIT DROP AS SELECT * FROM %s WITH NO DATA", typemap.Quote(g.again.Table), g.Rows.SQL()),
		fmt.Sprintf("SELECT %s, coalesce(NOT %s @> %s, false) FROM %s WHERE %s ORDER BY 1", typemap.Quote(g.number), brought, g.columnNames(), g.Rows.SQL(), typemap.Quote(g.isRepeated())),
	})
	if err != nil {
		return err
	}
	patched := false
	for _, row := range results[1].Rows {
		number, err := strconv.ParseInt(string(row[0]), 10, 64)
		if err != nil {
			return err
		}
		g.repeated = g.repeated.With(bisect.One(number))
		patched = patched || string(row[1]) == "t"
	}
	if len(g.repeated) > 0 {
		g.replayed, err = g.Replay(g.again, patched)
	}
	return err
}

// columnNames is the list of the names of the columns, as text[].
func (g *Search) columnNames() string {
	var names []string
	for _, c := range g.Columns {
		names = append(names, pgtx.Literal(c.Name))
	}
	return "ARRAY[" + strings.Join(names, ", ") + "]::text[]"
}

// portion copies those of some rows that are superseded records, or the others.
func (g *Search) portion(rows bisect.Stretches, into merge.Name, columns string, again bool) string {
	not := "NOT "
	if again {
		not, columns = "", columns+", "+typemap.Quote(g.Superseded.Brought)
	}
	return fmt.Sprintf("INSERT INTO %s (%s) SELECT %[2]s FROM %s WHERE %s AND %s%s ORDER BY %s",
		into.SQL(), columns, g.Rows.SQL(), g.among(rows), not, typemap.Quote(g.isRepeated()), typemap.Quote(g.number))
}
