package scratch

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"target-postgres/merge"
)

// Tables are tables that merges make for themselves and that are empty when they are made, with the statements that
// make them. A search merges hundreds of times within one transaction. To make a table each time would cost more than
// the rows: a file for the table, its index and its long values, each time anew.
type Tables map[string]string

// MadeByMerge finds the table that a statement of a merge makes.
var MadeByMerge = regexp.MustCompile(`CREATE TEMP TABLE ("pg_temp"\."[^"]+")`)

// madeEmpty reports whether a statement makes a table without rows.
func madeEmpty(statement string) bool {
	return strings.HasSuffix(statement, "WITH NO DATA") || !strings.Contains(statement, "ON COMMIT DROP AS")
}

// Empty are the statements that empty these tables and others, in the transaction's own subtransaction.
func (t Tables) Empty(others []string) []string {
	tables := slices.Concat(others, slices.Sorted(maps.Keys(t)))
	if len(tables) == 0 {
		return nil
	}
	return []string{"TRUNCATE " + strings.Join(tables, ", ")}
}

// Attempt begins a merge with these tables.
func (t Tables) Attempt() *Making { return &Making{there: t, stay: Tables{}} }

// After are the tables that are there once a merge is kept.
func (t Tables) After(m *Making) Tables {
	kept := Tables{}
	maps.Copy(kept, t)
	for _, table := range m.goes {
		delete(kept, table)
	}
	maps.Copy(kept, m.stay)
	return kept
}

// Making tells the tables of one merge apart: those that are there, those that it makes and that stay, and those that
// go.
type Making struct {
	there, stay Tables
	goes        []string
}

// Without are statements of a merge without those that make a table which is there. One of another shape is dropped
// before.
func (m *Making) Without(statements []merge.Statement) []merge.Statement {
	if m == nil {
		return statements
	}
	var left []merge.Statement
	for _, statement := range statements {
		found := MadeByMerge.FindStringSubmatch(statement.SQL)
		if found == nil {
			left = append(left, statement)
			continue
		}
		table := found[1]
		if m.there[table] == statement.SQL && m.stay[table] == "" {
			continue
		}
		if m.there[table] != "" {
			left = append(left, merge.Statement{SQL: "DROP TABLE " + table})
		}
		if left = append(left, statement); madeEmpty(statement.SQL) {
			m.stay[table] = statement.SQL
		} else {
			m.goes = append(m.goes, table)
		}
	}
	return left
}

// Drop are the statements that drop the tables that go.
func (m *Making) Drop() []string {
	if len(m.goes) == 0 {
		return nil
	}
	return []string{"DROP TABLE " + strings.Join(m.goes, ", ")}
}
