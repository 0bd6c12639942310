package pgcatalog

import (
	"context"
	"fmt"

	"github.com/goccy/go-json"
	"github.com/jackc/pgx/v5"

	"target-postgres/target/pgtx"
)

// Details are what only some tables have: triggers, rules, partitions, children, foreign tables, types and functions
// that are not the server's own. The zero value is that of any other table.
type Details struct {
	Untrusted  bool `json:"untrusted"` // its owner has no other power over the role
	Referenced bool `json:"referenced"`
	Rules      bool `json:"insert_rules"` // rules for INSERT, which COPY does not apply
	Children   bool `json:"children"`     // other tables inherit from it
	Routed     bool `json:"routed"`       // a trigger may put rows elsewhere that are inserted
	UserCode   bool `json:"user_code"`

	// Foreign are the foreign tables that hold its rows, ForeignTruncate says whether they can be truncated. Spread are
	// the columns by which its rows are spread over partitions, shards or chunks, "" an expression.
	Foreign         []string `json:"foreign"`
	ForeignTruncate bool     `json:"foreign_truncate"`
	Spread          []string `json:"spread"`
	// Made says that the program made one of its partitions.
	Made bool `json:"made"`
}

// ColumnDetails are what only some columns have.
type ColumnDetails struct {
	// Base is the type below a domain, with its length or precision.
	Base string `json:"base"`
	// Collation is set where it is not the type's, and Folds where it calls texts equal that differ.
	Collation string `json:"collation"`
	Folds     bool   `json:"folds"`
	// Operators are the type's where they are not pg_catalog's.
	Operators struct {
		Equal   string `json:"equal"`
		Greater string `json:"greater"`
	} `json:"operators"`
}

// told are the details of a table as the query has them.
type told struct {
	Details

	WrittenByRules bool `json:"written_by_rules"`
	Columns        []struct {
		ColumnDetails

		Name string `json:"name"`
	} `json:"columns"`
	Indexes []struct {
		Name       string   `json:"name"`
		References []string `json:"references"`
	} `json:"indexes"`
}

// refreshDetails completes the tables that have details. One that is gone by now is forgotten.
func (c *Cache) refreshDetails(ctx context.Context, conn *pgx.Conn, q Query, names []string) error {
	if len(names) == 0 {
		return nil
	}
	list, err := json.Marshal(names)
	if err != nil {
		return err
	}
	rows, err := q.more(ctx, conn, pgtx.Fill(detailsSQL, q.Schema, string(list)))
	if err != nil {
		return err
	}
	found := map[string]*Table{}
	for _, name := range names {
		key := [2]string{q.Schema, name}
		found[name] = c.tables[key]
		delete(c.tables, key)
	}
	for _, row := range rows {
		var more told
		if err := json.Unmarshal(row[1], &more); err != nil {
			return fmt.Errorf("read the catalog: %w", err)
		}
		t := found[string(row[0])]
		t.complete(more)
		c.tables[[2]string{q.Schema, t.Name}] = t
	}
	return nil
}

// complete adds what only some tables have.
func (t *Table) complete(more told) {
	t.Details = more.Details
	for _, described := range more.Columns {
		if column := t.Column(described.Name); column != nil {
			column.ColumnDetails = described.ColumnDetails
		}
	}
	for i := range t.Indexes {
		index := &t.Indexes[i]
		if more.WrittenByRules && index.Unique { // ON CONFLICT cannot go by it
			index.Unique, index.Deferrable = false, true
		}
		for _, described := range more.Indexes {
			if described.Name == index.Name {
				index.References = described.References
			}
		}
	}
}
