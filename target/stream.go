package target

import (
	"crypto/sha256"
	"slices"
	"sync/atomic"
	"time"

	"target-postgres/merge"
	"target-postgres/protocol"
	"target-postgres/target/batch"
	"target-postgres/target/config"
	"target-postgres/target/migrate"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/shape"
	"target-postgres/typemap"
)

// stream is one stream of the input on its way into one table. It belongs to the goroutine that reads the input. A SCHEMA that
// changes replaces its spec, every preparation of its table replaces the facts about that and the encoder, each as a whole; the
// rest stays as it is.
type stream struct {
	view
	encoder
	buffer
	refresh
	learnt
	// skip is true for a stream that is left out: by policy, or because it has no columns.
	skip bool
}

// view is a stream as those see it who commit its rows: what does not change any more, and what may be read and written by both
// goroutines. A batch has that of the time when its rows were encoded.
type view struct {
	*spec
	*facts
	*flags
	stats *counters
	// since is where the stream's first SCHEMA stood.
	since batch.Position
}

// spec is what a SCHEMA asks for, with the settings for its stream. It never changes once it is made.
type spec struct {
	id     protocol.Stream
	name   string // as the tap says it
	schema *protocol.Schema
	config config.StreamConfig
	mode   merge.Mode

	// mapped is the stream's entry of stream_maps, nil for none.
	mapped *shape.StreamMap
	// plan is what the settings make of the schema's fields, fields those of them that become columns.
	plan   *shape.Plan
	fields []typemap.Field
	// names are the column names of fields, in the same order.
	names []string
	// key are the key's column names, keyFields the properties behind them.
	key, keyFields []string
	// surrogate is true where the key is a hash of the record.
	surrogate bool

	// description is what the schema says of the stream.
	description           string
	schemaName, tableName string
	// lead is the stream whose table this one shares, nil for a table of its own.
	lead *protocol.Stream
	// airbyte is true for a stream of Airbyte's catalog, for which §11 holds: its types, columns, keys and removals.
	airbyte bool
	// truncates says that the rows of older generations go when the stream completes.
	truncates bool
	// rejects is true for the table of rejected records.
	rejects bool
}

// facts are what is known of the tables that a stream's rows go to, as its last preparation found or made them.
type facts struct {
	// into is the table that rows are merged into: the stream's own, or the staging table of a replace.
	into merge.Name
	// unique is false where the table has no usable unique index over the key.
	unique bool
	// repeats is true where nothing keeps rows of the table that they are merged into from having one key, ownRepeats where
	// nothing does so for the stream's own.
	repeats, ownRepeats bool
	// oneActive says that an index lets a key of a history have one active version only.
	oneActive bool
	// place is where the rows of the stream's own table are, spread the columns by which they are spread. partitioned says
	// that they are in partitions of this server, noTruncate that they can only be deleted.
	place merge.Place
	// intoPlace is where those are that the stream's rows are merged into.
	intoPlace               merge.Place
	spread                  []string
	partitioned, noTruncate bool
	// chunked says that TimescaleDB makes the parts of the table.
	chunked bool
	// routed says that a trigger may put the rows into tables that inherit, which are not there yet.
	routed bool
	// columns are those of the stream's own table.
	columns []pgcatalog.Column
	// marks are the source's own delete marks that are columns of the table.
	marks []string
	// referenced says that another table's foreign key refers to the table, rowSecurity that policies restrict what the role
	// may write, which COPY into the table itself does not support.
	referenced, rowSecurity bool
	// userCode says that code of the user's own may run when rows are written, and rely on the role's search_path.
	userCode bool
	// takesAll is true where COPY inserts every row that it does not refuse, because no trigger can leave one out.
	takesAll bool
	// guarded is true where a row may be in the way of another one than that of its key.
	guarded bool
	// staged are the former columns of the staging table of a refresh.
	staged []merge.Column
}

// flags are what either goroutine may find out about a stream while it is loaded.
type flags struct {
	// fresh is true while the table holds nothing but what this run put there by copying straight into it.
	fresh atomic.Bool
	// unkeyed is set when somebody drops the unique index while the program runs, or rows come to be where it is not.
	unkeyed atomic.Bool
	// inTheWay is set when a batch that was copied ahead kept a lock from the one before it.
	inTheWay atomic.Bool
}

// encoder is how a stream's records become lines of CSV.
type encoder struct {
	layout    *layout
	validator *validator // nil unless validate_records is on
	walker    *typemap.Walker
	// hashed is the text of the record encoded last, and identity its hash, where the key is one.
	hashed   []byte
	identity [sha256.Size]byte
}

// buffer is what of a stream waits for a checkpoint.
type buffer struct {
	batch *batch.Batch
	keys  batch.KeyWindow
	// shared reports whether other streams share the table, sharers are those that have brought rows into the batches: the stream
	// itself and those.
	shared  bool
	sharers []*stream
	// stated is how many records the stream's own STATE messages have covered.
	stated, statedRejected int64
}

// refresh is how far a replace, a full snapshot or a refresh has come, and the tables beside the stream's own.
type refresh struct {
	// staging is the table beside its own in which the rows of a replace gather, "" before it is made. exchanges reports
	// whether it may take the place of the stream's own, created whether this run has made that.
	staging            string
	exchanges, created bool
	// lines is the column of the staging table that says where each row stood in the input, "" if it has none.
	lines string
	// seen is the table of the keys that a full snapshot brought, "" when nothing is removed at its end.
	seen string
	// tombstones is the table that remembers those of the run, "" before there is one. forgets is set where the role may not
	// create it.
	tombstones string
	forgets    bool
	// spill is where rows wait for their STATE, nil unless they do.
	spill *spill
	// status is how far the source says that the stream has come.
	status protocol.Status
	// placed is true once it is decided where the rows of a generation go, adopted what is left of unfinished ones.
	placed  bool
	adopted []leftover
}

// learnt is what the records of a stream have asked for beyond its SCHEMA.
type learnt struct {
	// brought are the columns that some SCHEMA of the run had a field for.
	brought map[string]bool
	// ops and versioned are set by the first record that needs them: delete marks or partial records, and versions.
	ops, versioned bool
	// unversioned is set by a record that carries no version.
	unversioned bool
	// widened are the types that values asked for beyond what the schema says, by column.
	widened map[string]typemap.Type
	// stuck are the columns that could not be widened.
	stuck map[string]stuck
	// toldComputed are the fields that were said to be left out because the server computes their columns.
	toldComputed []string
}

// newStream is a stream of which nothing has come yet.
func newStream(asked *spec, now time.Time) *stream {
	return &stream{view: view{spec: asked, facts: &facts{into: asked.table()}, flags: &flags{}, stats: newCounters(now)}}
}

// seenBy is the stream as it is now, for those who commit its rows.
func (s *stream) seenBy() *view {
	now := s.view
	return &now
}

// is reports whether two are the same stream, perhaps at different times.
func (s *view) is(other *view) bool { return s.stats == other.stats }

// table is the stream's own table.
func (s *spec) table() merge.Name { return merge.Name{Schema: s.schemaName, Table: s.tableName} }

// with is the same with another SCHEMA message that asks for the same.
func (s *spec) with(schema *protocol.Schema) *spec {
	other := *s
	other.schema = schema
	return &other
}

// become takes over what another SCHEMA asks for. The table is to be prepared for it.
func (s *stream) become(next *stream) {
	s.spec, s.facts, s.encoder, s.skip = next.spec, next.facts, next.encoder, next.skip
	s.batch, s.shared = nil, s.shared || next.shared
}

// layout is how a stream's records lie in a CSV line: the record's own columns first, then those the program adds.
type layout struct {
	plan    *typemap.Plan
	columns []merge.Column
	// fields are the properties behind columns.
	fields []string
	// numbers says, for each of columns, that the server numbers it where a row brings no value.
	numbers []bool
	extras  []extra
	// slack is the room that a row may need beyond the length of its record: separators, and the fields we add.
	slack int
	// watch are the properties whose raw values the extras need; an extra's watched is an index into it.
	watch []string
}

// keyed says whether rows are matched by key. A replace gathers its rows by key where there is one.
func (s *spec) keyed() bool { return len(s.key) > 0 && s.mode != merge.Append }

// tableSpec lists what the stream needs of its table.
func (s *stream) tableSpec(c *config.Config) migrate.Spec {
	w := migrate.Spec{
		Schema: s.schemaName, Name: s.tableName, Stream: s.name, Movable: s.name != rejectedTable, Mode: s.mode, Replaced: s.mode == merge.Replace, Key: s.key, NullKeys: s.airbyte,
		Comment: "Stream " + s.name + ", " + migrate.MadeByUs, Description: s.description, Readers: s.config.GrantSelectTo, AfterCreate: s.config.AfterCreate,
		ClosedIfNew: s.name == rejectedTable, // its records are those of streams whose tables are closed, too
	}
	if s.airbyte {
		w.Columns = airbyteTableColumns()
	}
	for i, f := range s.fields {
		// Airbyte's values change no type within a family: what the schema declares has to be there before.
		column := migrate.Column{Name: s.names[i], Type: f.Type, Field: f.Name, Description: describeColumn(f, s.names[i]), Described: f.Description != "" && !f.Undeclared, Declared: s.airbyte, Fixed: f.Fixed, Hashed: f.Digest != nil}
		if f.Undeclared {
			column.Field = "" // no policy about fields is about it
		}
		if wider, ok := s.widened[column.Name]; ok {
			column.Type, column.Exact = wider, true
		}
		if slices.Contains(s.key, column.Name) && !s.airbyte && s.mode != merge.Append {
			column.Clause = "NOT NULL"
		}
		w.Columns = append(w.Columns, column)
	}
	if s.surrogate {
		w.Columns = append(w.Columns, migrate.Column{Name: surrogateColumn, Type: typemap.Text, ClauseIfNew: "NOT NULL"})
	}
	for _, e := range s.metadata(c) {
		if s.hasMetadata(e) {
			w.Columns = append(w.Columns, migrate.Column{Name: e.name, Type: e.typ})
		}
	}
	if s.versioned {
		w.Columns = append(w.Columns, migrate.Column{Name: migrate.VersionColumn, Type: typemap.BigInt})
	}
	switch s.mode {
	case merge.History:
		w.Columns = append(w.Columns,
			migrate.Column{Name: migrate.StartColumn, Type: typemap.TimestampTZ, Clause: "NOT NULL DEFAULT '-infinity'"},
			migrate.Column{Name: migrate.EndColumn, Type: typemap.TimestampTZ},
			migrate.Column{Name: migrate.ActiveColumn, Type: typemap.Bool, Clause: "NOT NULL DEFAULT true"})
	case merge.SoftDelete:
		w.Columns = append(w.Columns, migrate.Column{Name: migrate.DeletedColumn, Type: typemap.Bool, Clause: "NOT NULL DEFAULT false"})
	}
	return w
}

// compile makes the plan by which records are encoded for the table as it is now.
func (s *stream) compile(c *config.Config, have *pgcatalog.Table, skipped []string) {
	s.layout = &layout{}
	columns := make([]typemap.Column, 0, len(s.fields))
	for i, f := range s.fields {
		existing := have.Column(s.names[i])
		if existing == nil || !existing.Writable() || slices.Contains(skipped, s.names[i]) {
			continue
		}
		want := f.Type
		if f.Fixed {
			want = existing.Type() // what was asked for is what the table has by now
		}
		columns = append(columns, typemap.Column{
			Field: f.Name, Name: s.names[i], Type: existing.Type(), Want: want, Encoding: f.Encoding, Container: f.Container, Digest: f.Digest,
			Path: f.Path, Others: f.Others, Constant: f.Constant, Undeclared: f.Undeclared,
			Key: slices.Contains(s.keyFields, f.Name), NullKeeps: s.keyed() && existing.Identity != "",
		})
		s.layout.columns = append(s.layout.columns, merge.Column{Name: s.names[i], Type: existing.Type()})
		s.layout.fields = append(s.layout.fields, f.Name)
		s.layout.numbers = append(s.layout.numbers, existing.Identity != "")
	}
	s.layout.extras = s.extras(c, have)
	options := typemap.PlanOptions{
		MarkFields: s.deleteMarks(), FailInvalidText: s.config.InvalidText == config.FailInvalidText, Watch: s.layout.watch, Separator: s.plan.Separator(),
		Airbyte: s.airbyte, AllowNullKeys: s.airbyte,
	}
	options.Undeclared, options.FailUndeclared = s.undeclared, s.config.UndeclaredFields == config.FailUndeclaredFields && !s.rejects
	for _, f := range s.plan.LeftOut {
		options.LeftOut = append(options.LeftOut, f.At())
	}
	if s.keyed() {
		options.Unavailable = s.config.UnavailableValue
	}
	if s.config.DeleteMarkerColumn != "" {
		options.TruthyMarks = []string{s.config.DeleteMarkerColumn}
	}
	s.layout.slack = len(columns) + 64*len(s.layout.extras) + 64
	s.layout.plan = typemap.Compile(columns, options)
	s.walker = s.layout.plan.NewWalker()
	s.batch = &batch.Batch{}
}
