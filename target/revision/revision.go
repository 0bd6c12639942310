package revision

import (
	"slices"
	"sync/atomic"
	"time"

	"target-postgres/merge"
	"target-postgres/protocol"
	"target-postgres/target/ahead"
	"target-postgres/target/batch"
	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/index"
	"target-postgres/target/partition"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/shape"
	"target-postgres/target/stats"
	"target-postgres/target/systemcolumn"
	"target-postgres/typemap"
)

// RejectedTable is the table of rejected records.
const RejectedTable = "_singular_rejected"

// Revision is a stream between two changes of its SCHEMA or its table: facts that do not change any more, and flags and
// counters that both goroutines may use. A batch has the revision with which its rows were encoded.
type Revision struct {
	*Spec
	*Table
	*Flags
	Stats *stats.Counters
	// Since is where the stream's first SCHEMA stood.
	Since batch.Position
}

// Spec is what a SCHEMA asks for, with the settings for its stream. It never changes once it is made.
type Spec struct {
	ID     protocol.Stream
	Name   string // as the tap says it
	Schema *protocol.Schema
	Config config.StreamConfig
	Mode   merge.Mode

	// Mapped is the stream's entry of stream_maps, nil for none.
	Mapped *shape.StreamMap
	// Plan is what the settings make of the schema's fields, Fields are those of them that become columns.
	Plan   *shape.Plan
	Fields []typemap.Field
	// Names are the column names of Fields, in the same order.
	Names []string
	// Key are the key's column names, KeyFields the properties behind them; both are empty for a stream without a key.
	Key, KeyFields []string
	// Surrogate is true where the key is a hash of the record.
	Surrogate bool

	// Description is what the schema says of the stream.
	Description           string
	SchemaName, TableName string
	// Indexes are those that the settings ask for.
	Indexes   []index.Index
	Partition partition.By // how the settings ask for the table to be partitioned
	// Lead is the stream whose table this one shares, nil for a table of its own.
	Lead *protocol.Stream
	// Airbyte is true for a stream of Airbyte's catalog, for which §11 holds: its types, columns, keys and removals.
	Airbyte bool
	// Truncates says that the rows of older generations go when the stream completes.
	Truncates bool
	Rejects   bool // true for the table of rejected records
}

// Table is what is known of the tables that a stream's rows go to, as its last preparation found or made them. It never
// changes: a preparation makes another one.
type Table struct {
	// Into is the table that rows are merged into: the stream's own, or the staging table of a replace.
	Into   merge.Name
	Unique bool // false where the table has no usable unique index over the key
	// Repeats is true where nothing keeps rows of the table that they are merged into from having one key, OwnRepeats
	// where nothing does so for the stream's own.
	Repeats, OwnRepeats bool
	// OneActive says that an index lets a key of a history have one active version only.
	OneActive bool
	// place is where the rows of the stream's own table are, Spread the columns by which they are spread, "" for an
	// expression. Partitioned says that they are in partitions of this server, noTruncate that they can only be
	// deleted.
	place merge.Place
	// intoPlace is where those are that the stream's rows are merged into.
	intoPlace               merge.Place
	Spread                  []string
	Partitioned, noTruncate bool
	Chunked                 bool // says that TimescaleDB makes the parts of the table
	// Routed says that a trigger may put the rows into tables that inherit, which are not there yet.
	Routed bool
	// columns are those of the stream's own table, indexes the names of its indexes.
	columns []pgcatalog.Column
	indexes []string
	// Marks are the source's own delete marks that are columns of the table.
	Marks []string
	// Referenced says that another table's foreign key refers to the table, RowSecurity that policies restrict what the
	// role may write, which COPY into the table itself does not support.
	Referenced, RowSecurity bool
	// UserCode says that code of the user's own may run when rows are written, and rely on the role's search_path.
	UserCode bool
	// Ruled says that the table has rules for INSERT. COPY would pass them by, and what such a rule does evaluates the
	// INSERT's query once more, after the INSERT.
	Ruled bool
	// PlainTable reports whether COPY inserts every row that it does not refuse: no trigger can leave one out.
	PlainTable bool
	// CrossRowConstraints reports whether a row may conflict with a row of another key.
	CrossRowConstraints bool
	// Staged are the columns of the staging table whose fields a later SCHEMA left out.
	Staged []merge.Column
}

// Flags are what either goroutine may find out about a stream while it is loaded.
type Flags struct {
	// StartedEmpty is true while the table holds only rows that this run has copied straight into it, or has partitions
	// whose rows have not been in the way of that.
	StartedEmpty atomic.Bool
	// Ours are the transactions that have written rows of the run.
	Ours Transactions
	// Unkeyed is set when the unique index is found dropped during the run, or not to be over all rows.
	Unkeyed atomic.Bool
	// Ahead says whether batches are copied ahead of their turn.
	Ahead ahead.Rule
	// InCSV is set when rows that were sent in another format were not taken.
	InCSV atomic.Bool
	// MostThere is set while most records of the batch that was committed last had a key that was there.
	MostThere atomic.Bool
}

// Layout is how a stream's records lie in a CSV line: the record's own columns first, then those the program adds.
// It does not change once it is made.
type Layout struct {
	// Plan writes the record's own columns. Each goroutine takes a walker of its own from it.
	Plan *typemap.Plan
	// Columns are the record's own, Extras those that the program adds.
	Columns []merge.Column
	Extras  []systemcolumn.Column
}

// FieldOf is which field of a line a column is, -1 if rows do not bring it.
func (l *Layout) FieldOf(column string) int {
	if i := slices.IndexFunc(l.Columns, func(c merge.Column) bool { return c.Name == column }); i >= 0 {
		return i
	}
	if i := slices.IndexFunc(l.Extras, func(e systemcolumn.Column) bool { return e.Name == column }); i >= 0 {
		return len(l.Columns) + i
	}
	return -1
}

// New is the revision of a stream of which nothing has come yet.
func New(asked *Spec, now time.Time) *Revision {
	return &Revision{Spec: asked, Table: Unprepared(asked), Flags: &Flags{}, Stats: stats.New(now)}
}

// Unprepared is a table of which nothing is known yet but its name.
func Unprepared(asked *Spec) *Table { return &Table{Into: asked.OwnTable()} }

// Is reports whether two are the same stream, perhaps at different times.
func (s *Revision) Is(other *Revision) bool { return s.Stats == other.Stats }

// OwnTable is the stream's own table.
func (s *Spec) OwnTable() merge.Name { return merge.Name{Schema: s.SchemaName, Table: s.TableName} }

// With is the same with another SCHEMA message that asks for the same.
func (s *Spec) With(schema *protocol.Schema) *Spec {
	other := *s
	other.Schema = schema
	return &other
}

// Keyed reports whether rows are matched by key. A replace gathers its rows by key where there is one.
func (s *Spec) Keyed() bool { return len(s.Key) > 0 && s.Mode != merge.Append }

// DBError is [failure.FromServer] for a statement about the stream's table, or a table beside it.
func (s *Revision) DBError(doing string, err error) error {
	return s.nameNull(s.hintWhole(failure.Concerning(s.SchemaName, s.TableName, failure.FromServer(s.Name, doing, s.nameWhole(err)))))
}

// Promised is the position from which a STATE says more than readers of the stream's table see, should the stream fail.
// The rows of a replace are not there before the input has ended.
func (s *Revision) Promised() batch.Position {
	if s.SwapsAtEnd() {
		return s.Since
	}
	return batch.MaxPosition
}

// SwapsAtEnd reports whether readers see nothing of the stream's rows before the end of the input. A refresh that a
// later sync goes on with is no such stream: its rows are kept.
func (s *Spec) SwapsAtEnd() bool { return s.Mode == merge.Replace }
