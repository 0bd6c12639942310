package pgcatalog

import (
	"slices"

	"target-postgres/merge"
	"target-postgres/target/pgtx"
	"target-postgres/typemap"
)

// Table is a table as the database has it.
type Table struct {
	Schema, Name string

	Kind     RelationKind `json:"kind"`
	Comment  string       `json:"comment"`
	Owned    bool         `json:"owned"` // by the role itself or one that it is a member of
	Owner    string       `json:"owner"`
	Granted  []string     `json:"granted"` // quoted roles, and PUBLIC
	Security bool         `json:"row_security"`
	Empty    bool         `json:"empty"`    // its own file has no page: one whose rows were deleted has
	Triggers bool         `json:"triggers"` // foreign keys included
	Checked  bool         `json:"checked"`  // has a CHECK
	Method   string       `json:"method"`   // the access method that keeps its rows
	Columns  []Column     `json:"columns"`
	Indexes  []Index      `json:"indexes"`

	Details

	// Distributed says that Citus spreads its rows, Chunked that TimescaleDB does.
	Distributed bool `json:"-"`
	Chunked     bool `json:"-"`
	// OwnChunks says that the chunks are on this server, the table has no triggers but TimescaleDB's, and the role may
	// see its own locks.
	OwnChunks bool `json:"-"`
	// ChunksOfDays says that each of them has the rows of at least a day, and that no reader of the server's log would
	// see a row that goes as soon as it has come.
	ChunksOfDays bool `json:"-"`
	// Replicated says that Citus keeps all of its rows on every node: a reference table.
	Replicated bool `json:"-"`
}

// Column is a column as the database has it.
type Column struct {
	Name     string `json:"name"`
	TypeName string `json:"type"`
	NotNull  bool   `json:"not_null"`
	Default  bool   `json:"default"`
	// DefaultValue is what the default is as SQL, of the columns that the load modes add.
	DefaultValue string `json:"default_value"`
	Generated    bool   `json:"generated"`
	Identity     string `json:"identity"` // pg_attribute.attidentity
	Comment      string `json:"comment"`

	ColumnDetails
}

// Writable reports whether a loader may write the column. The server computes a generated one.
func (c Column) Writable() bool { return !c.Generated }

// MayBecome reports whether PostgreSQL lets the column have another type: an identity is an integer.
func (c Column) MayBecome(to typemap.Type) bool {
	return c.Identity == "" || slices.Contains([]typemap.Kind{typemap.KindInt2, typemap.KindInt4, typemap.KindInt8}, to.Kind)
}

// Type returns the type as the program knows it, with the operators that compare it here.
func (c Column) Type() typemap.Type {
	t := typemap.ParseType(c.TypeName)
	t.Equality, t.Greater = c.Operators.Equal, c.Operators.Greater
	if c.Folds {
		t.Collation = c.Collation
	}
	if c.Base != "" {
		base := typemap.ParseType(c.Base)
		base.Collation = t.Collation
		t.Base = &base
	}
	return t
}

// Index is an index as the database has it. A column of an expression is "".
type Index struct {
	Name    string   `json:"name"`
	Columns []string `json:"columns"`
	// Valid is false for what is left of an index that could not be made.
	Valid       bool   `json:"valid"`
	Unique      bool   `json:"unique"`
	Primary     bool   `json:"primary"`
	Predicate   string `json:"predicate"`
	Expressions bool   `json:"expressions"`
	Exclusion   bool   `json:"exclusion"`
	Constraint  string `json:"constraint"`
	// Deferrable is true where ON CONFLICT cannot go by the index, although it is unique: its constraint may be checked
	// later, or the table has rules for INSERT or UPDATE.
	Deferrable bool `json:"deferrable"`
	// Mark is the constraint's comment. Initial is true where one transaction made it and the table.
	Mark    string `json:"mark"`
	Initial bool   `json:"initial"`
	// References are the foreign keys of other tables that need it.
	References []string `json:"references"`
}

// Covers reports whether the index is over exactly these columns, in any order, without predicate or expression.
func (i Index) Covers(columns []string) bool {
	return i.Predicate == "" && !i.Expressions && SameNames(i.Columns, columns)
}

// SameNames reports whether two lists have the same names, in any order.
func SameNames(a, b []string) bool {
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

// Column finds a column by name, nil when there is none.
func (t *Table) Column(name string) *Column {
	for i := range t.Columns {
		if t.Columns[i].Name == name {
			return &t.Columns[i]
		}
	}
	return nil
}

// Unique finds a usable unique index over exactly these columns, nil when there is none.
func (t *Table) Unique(columns []string) *Index {
	for i := range t.Indexes {
		if t.Indexes[i].Unique && t.Indexes[i].Covers(columns) {
			return &t.Indexes[i]
		}
	}
	return nil
}

// Deferred finds a unique index over exactly these columns that ON CONFLICT cannot go by, nil when there is none.
func (t *Table) Deferred(columns []string) *Index {
	for i := range t.Indexes {
		if t.Indexes[i].Deferrable && t.Indexes[i].Covers(columns) {
			return &t.Indexes[i]
		}
	}
	return nil
}

// Distinct reports whether an index keeps two rows from having the same key. One over part of the key's columns does
// so, too. Keys with a NULL are another matter.
func (t *Table) Distinct(key []string) bool {
	return slices.ContainsFunc(t.Indexes, func(i Index) bool {
		outside := func(name string) bool { return !slices.Contains(key, name) }
		return (i.Unique || i.Deferrable) && i.Predicate == "" && !i.Expressions && !slices.ContainsFunc(i.Columns, outside)
	})
}

// String is the quoted, qualified name.
func (t *Table) String() string { return pgtx.Qualified(t.Schema, t.Name) }

// Primary returns the primary key, nil when there is none.
func (t *Table) Primary() *Index {
	for i := range t.Indexes {
		if t.Indexes[i].Primary {
			return &t.Indexes[i]
		}
	}
	return nil
}

// TellsApart reports whether two rows with different keys are never the same to a unique index.
func (i Index) TellsApart(key []string) bool {
	outside := func(name string) bool { return !slices.Contains(i.Columns, name) }
	return len(key) > 0 && !i.Expressions && !slices.ContainsFunc(key, outside)
}

// Plain reports whether the index keeps no row out.
func (i Index) Plain() bool { return !i.Unique && !i.Deferrable }

// Changing are the statements for one that changes the table's rows, which may run code of the user's own.
func (t *Table) Changing(statement string) []string {
	if t.UserCode {
		return merge.UnderRolePath(statement)
	}
	return []string{statement}
}
