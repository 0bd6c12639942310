package target

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

//go:embed sql/distributed.sql
var distributedSQL string

//go:embed sql/chunked.sql
var chunkedSQL string

// catalog remembers what was read of the database, so that a thousand SCHEMA messages cost few round trips per schema.
type catalog struct {
	tables map[[2]string]*table
	// schemas are those that were read whole, there those that exist.
	schemas, there map[string]bool
	// looked are the tables of other schemas that were asked for, by schema.
	looked map[string]map[string]bool
	// defaults are the roles, quoted, that a new table of a schema is open to.
	defaults map[string][]string
	// citus says whether the database has the extension.
	citus bool
}

// newCatalog returns a cache that has read nothing.
func newCatalog() *catalog {
	return &catalog{tables: map[[2]string]*table{}, schemas: map[string]bool{}, there: map[string]bool{}, looked: map[string]map[string]bool{}, defaults: map[string][]string{}}
}

// known returns a table as it was when it was read, nil when there was none, and whether it was looked for.
func (c *catalog) known(schema, name string) (*table, bool) {
	return c.tables[[2]string{schema, name}], c.schemas[schema] || c.looked[schema][name]
}

// A schema of few tables is read whole at once. Of others only the table that is asked for is read, until many were.
const (
	fewTables  = 300
	manyLooked = 20
	everyTable = 1 << 30
)

// whole is how many tables a schema may have to be read whole now.
func (c *catalog) whole(schema string) int {
	if len(c.looked[schema]) >= manyLooked {
		return everyTable
	}
	return fewTables
}

// forget lets a schema be read again: a migration failed, and what was read during it may never have come to be.
func (c *catalog) forget(schema string) {
	delete(c.schemas, schema)
	delete(c.looked, schema)
	delete(c.there, schema)
	for name := range c.tables {
		if name[0] == schema {
			delete(c.tables, name)
		}
	}
}

// question asks about one table, and about all others of its schema if there are at most whole of them, together with the
// statements that are to be run before and after. They are one round trip.
type question struct {
	schema, name  string
	whole         int
	before, after []string
}

// refresh reads what the database has, and returns the table, nil when there is none.
func (c *catalog) refresh(ctx context.Context, conn *pgx.Conn, q question) (*table, error) {
	delete(c.tables, [2]string{q.schema, q.name})
	statements := append(slices.Clone(q.before), pgtx.Fill(schemaSQL, q.schema, strconv.Itoa(q.whole)), pgtx.Fill(catalogSQL, q.schema, q.name, strconv.Itoa(q.whole)))
	results, err := pgtx.Script(ctx, conn, append(statements, q.after...))
	if err != nil {
		return nil, err
	}
	results = results[len(results)-len(q.after)-2:] // of a statement before there may be several
	said := results[0].Rows[0]
	c.there[q.schema], c.citus = string(said[0]) == "t", string(said[1]) == "t"
	delete(c.defaults, q.schema)
	if len(said[2]) > 0 {
		var roles []string
		if err := json.Unmarshal(said[2], &roles); err != nil {
			return nil, fmt.Errorf("read the default privileges: %w", err)
		}
		c.defaults[q.schema] = roles
	}
	for _, row := range results[1].Rows {
		t := &table{schema: q.schema, name: string(row[0])}
		if err := json.Unmarshal(row[1], t); err != nil {
			return nil, fmt.Errorf("read the catalog: %w", err)
		}
		c.tables[[2]string{q.schema, t.name}] = t
	}
	whole := q.whole > 0 && string(said[3]) == "t"
	if c.citus {
		if err := c.refreshSpread(ctx, conn, distributedSQL, q, whole, (*table).distribute); err != nil {
			return nil, err
		}
	}
	if string(said[4]) == "t" {
		if err := c.refreshSpread(ctx, conn, chunkedSQL, q, whole, (*table).chunk); err != nil {
			return nil, err
		}
	}
	c.schemas[q.schema] = c.schemas[q.schema] || whole
	if c.looked[q.schema] == nil {
		c.looked[q.schema] = map[string]bool{}
	}
	c.looked[q.schema][q.name] = true
	return c.tables[[2]string{q.schema, q.name}], nil
}

// refreshSpread finds the tables whose rows an extension spreads, with the columns by which it does. An extension's catalog is there
// only with the extension.
func (c *catalog) refreshSpread(ctx context.Context, conn *pgx.Conn, query string, q question, whole bool, mark func(*table, [][]byte)) error {
	name := q.name
	if whole {
		name = "" // all of them
	}
	results, err := pgtx.Script(ctx, conn, []string{pgtx.Fill(query, q.schema, name)})
	if err != nil {
		return err
	}
	for _, row := range results[0].Rows {
		t := c.tables[[2]string{q.schema, string(row[0])}]
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
func (t *table) distribute(row [][]byte) {
	t.Distributed, t.Empty, t.Replicated = true, false, string(row[2]) == "t"
}

// chunk marks a table of TimescaleDB's.
func (t *table) chunk([][]byte) { t.Chunked = true }
