package migrate

import (
	"fmt"
	"slices"

	"target-postgres/merge"
	"target-postgres/target/comments"
	"target-postgres/target/config"
	"target-postgres/target/index"
	"target-postgres/target/partition"
	"target-postgres/typemap"
)

// TableSpec is the table that a stream needs, or the program itself.
type TableSpec struct {
	Schema, Name string
	// Stream is the stream that it belongs to, for messages. Movable reports whether a setting of the stream names the
	// table.
	Stream  string
	Movable bool
	Mode    merge.Mode
	// Replaced reports whether the run puts other rows in the place of those that there are, and with them of what
	// forbids a key.
	Replaced bool
	// Columns are all that the table must have, Key the names of those of its key, none for a table without one.
	Columns []Column
	Key     []string
	// NullKeys is true where the key may be NULL, so that it cannot be the primary key.
	NullKeys bool
	// KeyLater is true while the stream's key changes back and forth: the table gets no key, but loses one that is in
	// the way.
	KeyLater bool
	// Comment is the table's when it is created, "" for none.
	Comment string
	// Versions are the columns of load mode history.
	Versions Versions
	// View is the name of a view of the active versions, "" for none.
	View string
	// Description is what the schema says of the stream, "" for nothing. It follows the comment, and the table's is
	// kept to it.
	Description string
	// Readers are the roles that may read the table once it is created.
	Readers []string
	// Closed tables are open to their owner alone, also against ALTER DEFAULT PRIVILEGES; ClosedIfNew ones may be
	// opened later. Defaults are the roles that a new table of a schema would be open to.
	Closed, ClosedIfNew bool
	// Own says that the table is the program's own: no stream's records come to it as they are. Beside is the owner of
	// the stream's table that it is beside, "" for none.
	Own      bool
	Beside   string
	Defaults map[string][]string
	// Brought are the columns that a SCHEMA of this run had a field for: they are not gone because another leaves them
	// out.
	Brought map[string]bool
	// AfterCreate is the SQL to run once it is created.
	AfterCreate string
	// Indexes are those that the settings ask for.
	Indexes []index.Index
	// Partition is how the settings ask for it to be partitioned.
	Partition partition.By
	// Like is the clause that stands for the columns when the table is created like another one, "" otherwise.
	Like string
}

// oneRowAKey reports whether the table gets to hold one row a key, so that a primary key belongs on it. A replace
// gathers its rows by key, too.
func (s TableSpec) oneRowAKey() bool {
	return len(s.Key) > 0 && (s.Mode.NeedsUniqueKey() || s.Mode == merge.Replace)
}

// keyword is the constraint that the key becomes.
func (s TableSpec) keyword() string {
	if s.NullKeys {
		return "UNIQUE"
	}
	return "PRIMARY KEY"
}

// Elsewhere is the hint for a stream whose table cannot be used, "" where no setting names it.
func (s TableSpec) Elsewhere() string {
	if !s.Movable {
		return ""
	}
	return fmt.Sprintf(", or send the stream elsewhere with %s or table_prefix", config.StreamSetting(s.Stream, "table", `"…"`))
}

// Column is a column that a stream needs.
type Column struct {
	Name string
	Type typemap.Type
	// Field is the property that fills the column, "" for a column of our own.
	Field string
	// Clause follows the type when the column is created: NOT NULL and DEFAULT of our own columns.
	Clause string
	// ClauseIfNew is one for a table that is created, too, and not for rows that are there already.
	ClauseIfNew string
	// Description is the column's comment. Described is true if the schema says something of the field, so that the
	// comment is kept to that.
	Description string
	Described   bool
	// Exact is true when a value came that asks for this very type.
	Exact bool
	// Declared is true when the schema widens the column within its family before a value comes.
	Declared bool
	// Fixed is true when a setting asks for the type, Typed when it names one, Hashed when the column holds hashes.
	Fixed, Typed, Hashed bool
	// Mapped is true when a stream map makes the hashes.
	Mapped bool
	// Named is the line of the comment that names the field, Mark the one that tells the column from one of another
	// path. Each is "" if the comment needs none.
	Named, Mark string
}

// Has reports whether the table must have a column.
func (s TableSpec) Has(name string) bool {
	return slices.ContainsFunc(s.Columns, func(c Column) bool { return c.Name == name })
}

// Plain returns the table with comments that every database can store: none of them is worth a failure.
func (s TableSpec) Plain() TableSpec {
	s.Comment, s.Description, s.Columns = comments.Plain(s.Comment), comments.Plain(s.Description), slices.Clone(s.Columns)
	for i := range s.Columns {
		c := &s.Columns[i]
		c.Description, c.Named, c.Mark = comments.Plain(c.Description), comments.Plain(c.Named), comments.Plain(c.Mark)
	}
	return s
}
