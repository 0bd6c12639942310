package target

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"target-postgres/merge"
)

// scratch are tables that merges make for themselves and that are empty when they are made, with the statements that make them. A
// search merges hundreds of times within one transaction. To make a table each time would cost more than the rows: a file for the
// table, its index and its long values, each time anew.
type scratch map[string]string

// madeByMerge finds the table that a statement of a merge makes.
var madeByMerge = regexp.MustCompile(`CREATE TEMP TABLE ("pg_temp"\."[^"]+")`)

// madeEmpty reports whether a statement makes a table without rows.
func madeEmpty(statement string) bool {
	return strings.HasSuffix(statement, "WITH NO DATA") || !strings.Contains(statement, "ON COMMIT DROP AS")
}

// empty are the statements that empty these tables and others, in the transaction's own subtransaction.
func (s scratch) empty(others []string) []string {
	tables := slices.Concat(others, slices.Sorted(maps.Keys(s)))
	if len(tables) == 0 {
		return nil
	}
	return []string{"TRUNCATE " + strings.Join(tables, ", ")}
}

// attempt begins a merge with these tables.
func (s scratch) attempt() *making { return &making{there: s, stay: scratch{}} }

// after are the tables that are there once a merge is kept.
func (s scratch) after(m *making) scratch {
	kept := scratch{}
	maps.Copy(kept, s)
	for _, table := range m.goes {
		delete(kept, table)
	}
	maps.Copy(kept, m.stay)
	return kept
}

// making tells the tables of one merge apart: those that are there, those that it makes and that stay, and those that go.
type making struct {
	there, stay scratch
	goes        []string
}

// without are statements of a merge without those that make a table which is there. One of another shape is dropped before.
func (m *making) without(statements []merge.Statement) []merge.Statement {
	if m == nil {
		return statements
	}
	var left []merge.Statement
	for _, statement := range statements {
		found := madeByMerge.FindStringSubmatch(statement.SQL)
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

// drop are the statements that drop the tables that go.
func (m *making) drop() []string {
	if len(m.goes) == 0 {
		return nil
	}
	return []string{"DROP TABLE " + strings.Join(m.goes, ", ")}
}
