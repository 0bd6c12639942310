package stream

import (
	"crypto/sha256"
	"slices"
	"sync/atomic"
	"time"

	"target-postgres/merge"
	"target-postgres/protocol"
	"target-postgres/target/batch"
	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/index"
	"target-postgres/target/partition"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/shape"
	"target-postgres/target/stats"
	"target-postgres/target/systemcolumn"
	"target-postgres/target/validate"
	"target-postgres/typemap"
)

// Stream is one stream of the input on its way into one table. It belongs to the goroutine that reads the input. A
// SCHEMA that changes replaces its spec, every preparation of its table replaces the facts about that (Table) and the
// encoder, each as a whole; the rest stays as it is.
type Stream struct {
	Revision
	Encoder
	Buffer
	Refresh
	Learnt
	// Skip is true for a stream that is left out: by policy, or because it has no columns.
	Skip bool
}

// RejectedTable is the table of rejected records.
const RejectedTable = "_singular_rejected"

// Rows counts the rows that wait.
func (s *Stream) Rows() int {
	if s.Batch == nil {
		return 0
	}
	return s.Batch.Rows()
}

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
	// Plan is what the settings make of the schema's fields, fields those of them that become columns.
	Plan   *shape.Plan
	Fields []typemap.Field
	// Names are the column names of fields, in the same order.
	Names []string
	// Key are the key's column names, keyFields the properties behind them.
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
	// repeats is true where nothing keeps rows of the table that they are merged into from having one key, ownRepeats
	// where nothing does so for the stream's own.
	repeats, OwnRepeats bool
	// OneActive says that an index lets a key of a history have one active version only.
	OneActive bool
	// place is where the rows of the stream's own table are, spread the columns by which they are spread. partitioned
	// says that they are in partitions of this server, noTruncate that they can only be deleted.
	place merge.Place
	// intoPlace is where those are that the stream's rows are merged into.
	intoPlace               merge.Place
	Spread                  []string
	Partitioned, noTruncate bool
	Chunked                 bool // says that TimescaleDB makes the parts of the table
	// Routed says that a trigger may put the rows into tables that inherit, which are not there yet.
	Routed bool
	// columns are those of the stream's own table.
	columns []pgcatalog.Column
	// Marks are the source's own delete marks that are columns of the table.
	Marks []string
	// Referenced says that another table's foreign key refers to the table, rowSecurity that policies restrict what the
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
	// StartedEmpty is true while the table holds only rows that this run has copied straight into it.
	StartedEmpty atomic.Bool
	// Unkeyed is set when the unique index is found dropped during the run, or not to be over all rows.
	Unkeyed atomic.Bool
	// InTheWay is set when a batch that was copied ahead kept a lock from the one before it.
	InTheWay atomic.Bool
	// InCSV is set when rows that were sent in another format were not taken.
	InCSV atomic.Bool
}

// Encoder is how a stream's records become lines of CSV.
type Encoder struct {
	Layout    *Layout
	Validator *validate.Validator // nil unless validate_records is on
	Walker    *typemap.Walker
	// hashed is the text of the record encoded last, and identity its hash, where the key is one.
	hashed   []byte
	identity [sha256.Size]byte
}

// Buffer is what of a stream waits for a checkpoint.
type Buffer struct {
	Batch *batch.Batch
	Keys  batch.KeyWindow
	// Shared reports whether other streams share the table, Sharers are those that have brought rows into the batches:
	// the stream itself and those.
	Shared  bool
	Sharers []*Stream
	// Stated is how many records the stream's own STATE messages have covered.
	Stated, StatedRejected int64
}

// Refresh is how far a replace, a full snapshot or a refresh has come, and the tables beside the stream's own.
type Refresh struct {
	// Staging is the table beside its own in which the rows of a replace gather, "" before it is made. exchanges
	// reports whether it may take the place of the stream's own, created whether this run has made that.
	Staging            string
	Exchanges, Created bool
	// Lines is the column of the staging table that says where each row stood in the input, "" if it has none.
	Lines string
	// Superseded is the table that keeps records of keys that come more than once, without a name where none are kept.
	Superseded merge.Superseded
	// Seen is the table of the keys that a full snapshot brought, "" when nothing is removed at its end.
	Seen string
	// Slices is the table of the slices that a full snapshot brought, "" when it is not held to any.
	Slices string
	// Tombstones is the table that remembers those of the run, "" before there is one. Forgets is set where the role
	// may not create it.
	Tombstones string
	Forgets    bool
	// Spill is where rows wait for their STATE, nil unless they do.
	Spill *Spill
	// Status is how far the source says that the stream has come.
	Status protocol.Status
	// GenerationResolved is true once it is decided which table the rows of a generation go to. Adopted are the staging
	// tables of unfinished refreshes that this one goes on with.
	GenerationResolved bool
	Adopted            []Orphan
}

// Learnt is what the records of a stream have asked for beyond its SCHEMA.
type Learnt struct {
	// Brought are the columns that some SCHEMA of the run had a field for.
	Brought map[string]bool
	// Rekeyed counts how often a SCHEMA of the run has changed the key.
	Rekeyed int
	// Ops and Versioned are set by the first record that needs them: delete marks or partial records, and versions.
	// Versionless is set where the table has no column that can keep the versions.
	Ops, Versioned, Versionless bool
	// Unversioned is set by a row that has no version, Passes by one that has. Pass is the newest version so far.
	Unversioned, Passes bool
	Pass                int64
	// Widened are the types that values asked for beyond what the schema says, by column.
	Widened map[string]typemap.Type
	// Stuck are the columns that could not be widened.
	Stuck map[string]Stuck
	// ToldComputed are the fields that were said to be left out because the server computes their columns.
	ToldComputed []string
}

// Alternates reports whether SCHEMAs of the run have changed the key more than once. The table gets its key at the end
// then.
func (s *Stream) Alternates() bool { return s.Rekeyed > 1 }

// New is a stream of which nothing has come yet.
func New(asked *Spec, now time.Time) *Stream {
	return &Stream{Revision: Revision{Spec: asked, Table: Unprepared(asked), Flags: &Flags{}, Stats: stats.New(now)}}
}

// Unprepared is a table of which nothing is known yet but its name.
func Unprepared(asked *Spec) *Table { return &Table{Into: asked.OwnTable()} }

// Current is the stream's revision now, for the goroutine that commits its rows.
func (s *Stream) Current() *Revision {
	now := s.Revision
	return &now
}

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

// Become takes over what another SCHEMA asks for. The table is to be prepared for it.
func (s *Stream) Become(next *Stream) {
	if !slices.Equal(s.Key, next.Key) {
		s.Rekeyed++
	}
	s.Spec, s.Table, s.Encoder, s.Skip = next.Spec, next.Table, next.Encoder, next.Skip
	s.Batch, s.Shared = nil, s.Shared || next.Shared
}

// Layout is how a stream's records lie in a CSV line: the record's own columns first, then those the program adds.
type Layout struct {
	Plan    *typemap.Plan
	Columns []merge.Column
	// fields are the properties behind columns.
	fields []string
	// numbers says, for each of columns, that the server numbers it where a row brings no value.
	numbers []bool
	Extras  []systemcolumn.Column
	// Slack is the room that a row may need beyond the length of its record: separators, and the fields we add.
	Slack int
	// watch are the properties whose raw values the extras need; an extra's watched is an index into it.
	watch []string
}

// Keyed reports whether rows are matched by key. A replace gathers its rows by key where there is one.
func (s *Spec) Keyed() bool { return len(s.Key) > 0 && s.Mode != merge.Append }

// Compile makes the plan by which records are encoded for the table as it is now.
func (s *Stream) Compile(c *config.Config, have *pgcatalog.Table, skipped []string) {
	s.Layout = &Layout{}
	columns := make([]typemap.Column, 0, len(s.Fields))
	for i, f := range s.Fields {
		existing := have.Column(s.Names[i])
		if existing == nil || !existing.Writable() || slices.Contains(skipped, s.Names[i]) {
			continue
		}
		want := f.Type
		if f.Fixed {
			want = existing.Type() // what was asked for is what the table has by now
		}
		columns = append(columns, typemap.Column{
			Field: f.Name, Name: s.Names[i], Type: existing.Type(), Want: want, Encoding: f.Encoding, Container: f.Container, Digest: f.Digest,
			Path: f.Path, Others: f.Others, Constant: f.Constant, Undeclared: f.Undeclared,
			Key: slices.Contains(s.KeyFields, f.Name), NullKeeps: s.Keyed() && existing.Identity != "",
			Needed: existing.NotNull && existing.Identity == "",
		})
		s.Layout.Columns = append(s.Layout.Columns, merge.Column{Name: s.Names[i], Type: existing.Type()})
		s.Layout.fields = append(s.Layout.fields, f.Name)
		s.Layout.numbers = append(s.Layout.numbers, existing.Identity != "")
	}
	s.Layout.Extras = s.extras(c, have)
	options := typemap.PlanOptions{
		MarkFields: s.DeleteMarks(), FailInvalidText: s.Config.InvalidText == config.FailInvalidText, Watch: s.Layout.watch, Separator: s.Plan.Separator(),
		Airbyte: s.Airbyte, AllowNullKeys: s.Airbyte,
	}
	options.Undeclared, options.FailUndeclared = s.undeclared, s.Config.UndeclaredFields == config.FailUndeclaredFields && !s.Rejects
	for _, f := range s.Plan.LeftOut {
		options.LeftOut = append(options.LeftOut, f.At())
	}
	if s.Keyed() {
		options.Unavailable = s.Config.UnavailableValue
	}
	if s.Config.DeleteMarkerColumn != "" {
		options.TruthyMarks = []string{s.Config.DeleteMarkerColumn}
	}
	s.Layout.Slack = len(columns) + 64*len(s.Layout.Extras) + 64
	s.Layout.Plan = typemap.Compile(columns, options)
	s.Walker = s.Layout.Plan.NewWalker()
	s.Batch = &batch.Batch{}
}

// Spill is the table beside a stream's own in which rows wait for the STATE that covers them, once there are more of
// them than memory is for, or the layout of the next ones is another.
type Spill struct {
	Name    merge.Name
	Columns []merge.Column
	// Lines is the column that says where a row stood in the input.
	Lines string
	// Full says that there may be rows in it, rows how many at least; Removals are what has to happen after they are in
	// the stream's table.
	Full     bool
	Rows     int
	Removals []merge.Statement
}

// DBError is [failure.FromServer] for a statement about the stream's table, or a table beside it.
func (s *Revision) DBError(doing string, err error) error {
	return s.nameNull(failure.Concerning(s.SchemaName, s.TableName, failure.FromServer(s.Name, doing, s.nameWhole(err))))
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
