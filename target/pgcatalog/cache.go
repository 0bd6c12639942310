package pgcatalog

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strconv"

	"github.com/goccy/go-json"
	"github.com/jackc/pgx/v5"

	"target-postgres/target/pgtx"
)

//go:embed sql/schema.sql
var schemaSQL string

//go:embed sql/catalog.sql
var catalogSQL string

//go:embed sql/details.sql
var detailsSQL string

//go:embed sql/distributed.sql
var distributedSQL string

//go:embed sql/chunked.sql
var chunkedSQL string

// Cache remembers what was read of the database, so that a thousand SCHEMA messages cost few round trips per schema.
type Cache struct {
	tables map[[2]string]*Table
	// schemas are those that were read whole, there those that exist.
	schemas, There map[string]bool
	// looked are the tables of other schemas that were asked for, by schema.
	looked map[string]map[string]bool
	// Defaults are the roles, quoted, that a new table of a schema is open to.
	Defaults map[string][]string
	// owned are the tables whose comments name their streams, nil before they are read.
	owned *[]Owned
	// Citus reports whether the database has the extension.
	Citus bool
}

// NewCache returns a cache that has read nothing.
func NewCache() *Cache {
	return &Cache{tables: map[[2]string]*Table{}, schemas: map[string]bool{}, There: map[string]bool{}, looked: map[string]map[string]bool{}, Defaults: map[string][]string{}}
}

// Known returns a table as it was when it was read, nil when there was none, and whether it was looked for.
func (c *Cache) Known(schema, name string) (*Table, bool) {
	return c.tables[[2]string{schema, name}], c.schemas[schema] || c.looked[schema][name]
}

// Commented returns the relations of a schema that have a comment, qualified and in order, and whether all of the
// schema's are known.
func (c *Cache) Commented(schema, comment string) (names []string, all bool) {
	for _, t := range c.tables {
		if t != nil && t.Schema == schema && t.Comment == comment {
			names = append(names, t.String())
		}
	}
	slices.Sort(names)
	return names, c.schemas[schema]
}

// A schema of few tables is read whole at once. Of others only the table that is asked for is read, until many were.
const (
	fewTables  = 300
	manyLooked = 20
	everyTable = 1 << 30
)

// Whole is how many tables a schema may have to be read whole now.
func (c *Cache) Whole(schema string) int {
	if len(c.looked[schema]) >= manyLooked {
		return everyTable
	}
	return fewTables
}

// Forget lets a schema be read again: a migration failed, and what was read during it may never have come to be.
func (c *Cache) Forget(schema string) {
	delete(c.schemas, schema)
	delete(c.looked, schema)
	delete(c.There, schema)
	for name := range c.tables {
		if name[0] == schema {
			delete(c.tables, name)
		}
	}
}

// Query asks about one table, and about all others of its schema if there are at most Whole of them (0 for that table
// alone), together with the statements that are to be run before and after. They are one round trip.
type Query struct {
	Schema, Name string
	// Also are other tables of the schema to ask about, however many it has.
	Also          []string
	Whole         int
	Before, After []string
	// Begin begins a transaction with our search_path and settings where After ends the one before: what only some
	// tables have is asked for in another. It is empty where the transaction goes on.
	Begin string
	// Owned asks for the tables that [Cache.Owned] lists as well, if this one is not among them.
	Owned bool
}

// names are the tables that are asked for by name.
func (q Query) names() []string { return append([]string{q.Name}, q.Also...) }

// more returns the rows of another query about the same, under the same search_path and settings.
func (q Query) more(ctx context.Context, conn *pgx.Conn, query string) ([][][]byte, error) {
	statements, last := []string{query}, 1
	if q.Begin != "" {
		statements, last = []string{q.Begin, query, "COMMIT"}, 2
	}
	results, err := pgtx.Script(ctx, conn, statements)
	if err != nil {
		return nil, err
	}
	return results[len(results)-last].Rows, nil
}

// Take removes a table from what is known, as if it had not been there when it was looked for, and returns it. Put
// makes it known again.
func (c *Cache) Take(schema, name string) *Table {
	key := [2]string{schema, name}
	t := c.tables[key]
	delete(c.tables, key)
	return t
}

// Put makes a table known that the database has.
func (c *Cache) Put(t *Table) { c.tables[[2]string{t.Schema, t.Name}] = t }

// Refresh reads what the database has, and returns the table, nil when there is none.
func (c *Cache) Refresh(ctx context.Context, conn *pgx.Conn, q Query) (*Table, error) {
	names, err := json.Marshal(q.names())
	if err != nil {
		return nil, err
	}
	for _, name := range q.names() {
		delete(c.tables, [2]string{q.Schema, name})
	}
	whole := strconv.Itoa(q.Whole)
	statements := append(slices.Clone(q.Before), pgtx.Fill(schemaSQL, q.Schema, whole), pgtx.Fill(catalogSQL, q.Schema, string(names), whole))
	asked := 2
	if q.Owned && c.owned == nil {
		statements, asked = append(statements, pgtx.Fill(ownersSQL, q.Schema, q.Name)), 3
	}
	results, err := pgtx.Script(ctx, conn, append(statements, q.After...))
	if err != nil {
		return nil, err
	}
	results = results[len(results)-len(q.After)-asked:] // of a statement before there may be several
	if asked > 2 {
		c.keepOwned(results[2].Rows)
	}
	said := results[0].Rows[0]
	c.There[q.Schema], c.Citus = string(said[0]) == "t", string(said[1]) == "t"
	delete(c.Defaults, q.Schema)
	if len(said[2]) > 0 {
		var roles []string
		if err := json.Unmarshal(said[2], &roles); err != nil {
			return nil, fmt.Errorf("read the default privileges: %w", err)
		}
		c.Defaults[q.Schema] = roles
	}
	var detailed []string
	for _, row := range results[1].Rows {
		t := &Table{Schema: q.Schema, Name: string(row[0])}
		if err := json.Unmarshal(row[1], t); err != nil {
			return nil, fmt.Errorf("read the catalog: %w", err)
		}
		c.tables[[2]string{q.Schema, t.Name}] = t
		if string(row[2]) == "t" {
			detailed = append(detailed, t.Name)
		}
	}
	if err := c.refreshDetails(ctx, conn, q, detailed); err != nil {
		return nil, err
	}
	all := q.Whole > 0 && string(said[3]) == "t"
	if c.Citus {
		if err := c.refreshSpread(ctx, conn, distributedSQL, q, all, (*Table).distribute); err != nil {
			return nil, err
		}
	}
	if string(said[4]) == "t" {
		if err := c.refreshSpread(ctx, conn, chunkedSQL, q, all, (*Table).chunk); err != nil {
			return nil, err
		}
	}
	c.schemas[q.Schema] = c.schemas[q.Schema] || all
	if c.looked[q.Schema] == nil {
		c.looked[q.Schema] = map[string]bool{}
	}
	for _, name := range q.names() {
		c.looked[q.Schema][name] = true
	}
	return c.tables[[2]string{q.Schema, q.Name}], nil
}

// refreshSpread finds the tables whose rows an extension spreads, with the columns by which it does. An extension's
// catalog is there only with the extension.
func (c *Cache) refreshSpread(ctx context.Context, conn *pgx.Conn, query string, q Query, whole bool, mark func(*Table, [][]byte)) error {
	name := q.Name
	if whole || len(q.Also) > 0 {
		name = "" // all of them
	}
	rows, err := q.more(ctx, conn, pgtx.Fill(query, q.Schema, name))
	if err != nil {
		return err
	}
	for _, row := range rows {
		t := c.tables[[2]string{q.Schema, string(row[0])}]
		if t == nil {
			continue
		}
		mark(t, row)
		if column := row[1]; column != nil {
			t.Spread = append(t.Spread, string(column))
		}
	}
	return nil
}

// distribute marks a table of Citus'. Its rows are not where the size is taken.
func (t *Table) distribute(row [][]byte) {
	t.Distributed, t.Empty, t.Replicated = true, false, string(row[2]) == "t"
}

// chunk marks a table of TimescaleDB's.
func (t *Table) chunk(row [][]byte) {
	t.Chunked, t.OwnChunks, t.ChunksOfDays = true, string(row[2]) == "t", string(row[3]) == "t"
}
