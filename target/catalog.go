package target

import (
	"context"
	_ "embed" // for the queries
	"fmt"
	"slices"
	"time"

	"github.com/goccy/go-json"
	"github.com/jackc/pgx/v5"

	"target-postgres/typemap"
)

//go:embed sql/catalog.sql
var catalogSQL string

//go:embed sql/distributed.sql
var distributedSQL string

//go:embed sql/leftovers.sql
var leftoversSQL string

// table is a table as the database has it.
type table struct {
	schema, name string

	Kind       string   `json:"kind"` // pg_class.relkind
	Comment    string   `json:"comment"`
	Referenced bool     `json:"referenced"`
	Security   bool     `json:"row_security"`
	Empty      bool     `json:"empty"`    // has no page: one whose rows were deleted has
	Triggers   bool     `json:"triggers"` // foreign keys included
	Columns    []column `json:"columns"`
	Indexes    []index  `json:"indexes"`

	// Foreign are the foreign tables that hold its rows, ForeignTruncate says whether they can be truncated. Spread are the
	// columns by which its rows are spread over partitions or shards, "" an expression; Distributed says that Citus does.
	Foreign         []string `json:"foreign"`
	ForeignTruncate bool     `json:"foreign_truncate"`
	Spread          []string `json:"spread"`
	Distributed     bool     `json:"-"`
}

// column is a column as the database has it.
type column struct {
	Name      string `json:"name"`
	TypeName  string `json:"type"`
	NotNull   bool   `json:"not_null"`
	Default   bool   `json:"default"`
	Generated bool   `json:"generated"`
	Identity  string `json:"identity"` // pg_attribute.attidentity
	Comment   string `json:"comment"`
	// Collation is set where it is not the type's, and Folds where it calls texts equal that differ.
	Collation string `json:"collation"`
	Folds     bool   `json:"folds"`
}

// ours says whether a loader may write the column; a generated one has its values from the server.
func (c column) ours() bool { return !c.Generated && c.Identity != "a" }

func (c column) columnType() typemap.Type {
	t := typemap.ParseType(c.TypeName)
	if c.Folds {
		t.Collation = c.Collation
	}
	return t
}

// index is an index as the database has it. A column of an expression is "".
type index struct {
	Name        string   `json:"name"`
	Columns     []string `json:"columns"`
	Unique      bool     `json:"unique"`
	Primary     bool     `json:"primary"`
	Predicate   string   `json:"predicate"`
	Expressions bool     `json:"expressions"`
	Exclusion   bool     `json:"exclusion"`
	Constraint  string   `json:"constraint"`
}

// covers says whether the index is over exactly these columns, in any order, without predicate or expression.
func (i index) covers(columns []string) bool {
	return i.Predicate == "" && !i.Expressions && sameNames(i.Columns, columns)
}

func sameNames(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for _, name := range a {
		if !slices.Contains(b, name) {
			return false
		}
	}
	return true
}

// column finds a column by name, nil when there is none.
func (t *table) column(name string) *column {
	for i := range t.Columns {
		if t.Columns[i].Name == name {
			return &t.Columns[i]
		}
	}
	return nil
}

// unique finds a usable unique index over exactly these columns, nil when there is none.
func (t *table) unique(columns []string) *index {
	for i := range t.Indexes {
		if t.Indexes[i].Unique && t.Indexes[i].covers(columns) {
			return &t.Indexes[i]
		}
	}
	return nil
}

// String is the quoted, qualified name.
func (t *table) String() string { return qualified(t.schema, t.name) }

func qualified(schema, name string) string {
	return typemap.Quote(schema) + "." + typemap.Quote(name)
}

// catalog remembers what was read of the database, so that a thousand SCHEMA messages cost one query per schema.
type catalog struct {
	tables  map[[2]string]*table
	schemas map[string]bool
}

func newCatalog() *catalog {
	return &catalog{tables: map[[2]string]*table{}, schemas: map[string]bool{}}
}

// table finds a table, reading its whole schema the first time one of its tables is asked for. It is nil when there is
// no such table.
func (c *catalog) table(ctx context.Context, conn *pgx.Conn, schema, name string) (*table, error) {
	if !c.schemas[schema] {
		if err := c.read(ctx, conn, schema, ""); err != nil {
			return nil, err
		}
		c.schemas[schema] = true
	}
	return c.tables[[2]string{schema, name}], nil
}

// known returns what table returns without asking the database, if it has been read.
func (c *catalog) known(schema, name string) (*table, bool) {
	return c.tables[[2]string{schema, name}], c.schemas[schema]
}

// forget lets a schema be read again: a migration failed, and what was read during it may never have come to be.
func (c *catalog) forget(schema string) {
	delete(c.schemas, schema)
	for name := range c.tables {
		if name[0] == schema {
			delete(c.tables, name)
		}
	}
}

// refresh reads one table again.
func (c *catalog) refresh(ctx context.Context, conn *pgx.Conn, schema, name string) (*table, error) {
	delete(c.tables, [2]string{schema, name})
	if err := c.read(ctx, conn, schema, name); err != nil {
		return nil, err
	}
	return c.tables[[2]string{schema, name}], nil
}

func (c *catalog) read(ctx context.Context, conn *pgx.Conn, schema, name string) error {
	rows, err := conn.Query(ctx, catalogSQL, schema, name)
	if err != nil {
		return fmt.Errorf("read the catalog: %w", err)
	}
	defer rows.Close()
	citus := false
	for rows.Next() {
		t := &table{schema: schema}
		var document []byte
		if err := rows.Scan(&t.name, &document, &citus); err != nil {
			return fmt.Errorf("read the catalog: %w", err)
		}
		if err := json.Unmarshal(document, t); err != nil {
			return fmt.Errorf("read the catalog: %w", err)
		}
		c.tables[[2]string{schema, t.name}] = t
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read the catalog: %w", err)
	}
	if citus {
		return c.readDistributed(ctx, conn, schema, name)
	}
	return nil
}

// readDistributed finds the tables that Citus distributes. Its catalog is there only with the extension.
func (c *catalog) readDistributed(ctx context.Context, conn *pgx.Conn, schema, name string) error {
	rows, err := conn.Query(ctx, distributedSQL, schema, name)
	if err != nil {
		return fmt.Errorf("read the catalog of Citus: %w", err)
	}
	var table string
	var column *string
	_, err = pgx.ForEachRow(rows, []any{&table, &column}, func() error {
		t := c.tables[[2]string{schema, table}]
		if t == nil {
			return nil
		}
		t.Distributed, t.Empty = true, false // the rows are not where the size is taken
		if column != nil {
			t.Spread = append(t.Spread, *column)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the catalog of Citus: %w", err)
	}
	return nil
}

// today is the date in the comment of a column that is deprecated now.
func today() string { return time.Now().UTC().Format(time.DateOnly) }
