package stream

import (
	"crypto/sha256"
	"slices"
	"time"

	"target-postgres/merge"
	"target-postgres/protocol"
	"target-postgres/target/batch"
	"target-postgres/target/config"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/revision"
	"target-postgres/target/validate"
	"target-postgres/typemap"
)

// Stream is one stream of the input on its way into one table. It belongs to the goroutine that reads the input. A
// SCHEMA that changes replaces its spec, every preparation of its table replaces the facts about that (Table) and the
// encoder, each as a whole; the rest stays as it is.
type Stream struct {
	revision.Revision
	Encoder
	Buffer
	Refresh
	Learnt
	// Skip is true for a stream that is left out: by policy, or because it has no columns.
	Skip bool
	// Previewed is true for one that is left out because a dry run only shows its table.
	Previewed bool
}

// Rows counts the rows that wait.
func (s *Stream) Rows() int {
	if s.Batch == nil {
		return 0
	}
	return s.Batch.Rows()
}

// Encoder is how a stream's records become lines of CSV.
type Encoder struct {
	// Layout is nil before the table is prepared.
	Layout *revision.Layout
	// fields are the properties behind the layout's columns.
	fields []string
	// numbers says, for each of those columns, that the server numbers it where a row brings no value.
	numbers []bool
	// placed are those of these columns by which the program has partitioned the table and which take no NULL.
	placed []int
	// Slack is the room that a row may need beyond the length of its record: separators, and the fields we add.
	Slack int
	// watched are the properties whose raw values the layout's extras need; an extra's Watched is an index into it.
	watched   []string
	Validator *validate.Validator // nil unless validate_records is on
	Walker    *typemap.Walker
	// hashed is the text of the record encoded last, and identity its hash, where the key is one.
	hashed   []byte
	identity [sha256.Size]byte
}

// Buffer is what of a stream waits for a checkpoint.
type Buffer struct {
	// Batch has the rows, nil before the table is prepared. Keys are theirs, and those of the batches under way.
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
	// Staging is the table beside its own in which the rows of a replace gather, "" before it is made. Exchanges
	// reports whether it may take the place of the stream's own, Created whether this run has made that.
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
func New(asked *revision.Spec, now time.Time) *Stream {
	return &Stream{Revision: *revision.New(asked, now)}
}

// Current is the stream's revision now, for the goroutine that commits its rows.
func (s *Stream) Current() *revision.Revision {
	now := s.Revision
	return &now
}

// Become takes over what another SCHEMA asks for. The table is to be prepared for it.
func (s *Stream) Become(next *Stream) {
	if !slices.Equal(s.Key, next.Key) {
		s.Rekeyed++
	}
	s.Spec, s.Table, s.Encoder, s.Skip = next.Spec, next.Table, next.Encoder, next.Skip
	s.Batch, s.Shared = nil, s.Shared || next.Shared
}

// Compile makes the plan by which records are encoded for the table as it is now.
func (s *Stream) Compile(c *config.Config, have *pgcatalog.Table, skipped []string) {
	s.Layout = &revision.Layout{}
	s.fields, s.numbers, s.placed, s.watched = nil, nil, nil, nil
	s.Keys.Forget()
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
		if s.Keyed() && s.Mode != merge.Append && have.Made && existing.NotNull && slices.Contains(have.Spread, existing.Name) {
			s.placed = append(s.placed, len(s.Layout.Columns))
		}
		s.Layout.Columns = append(s.Layout.Columns, merge.Column{Name: s.Names[i], Type: existing.Type()})
		s.fields = append(s.fields, f.Name)
		s.numbers = append(s.numbers, existing.Identity != "")
	}
	s.Layout.Extras = s.extras(c, have)
	options := typemap.PlanOptions{
		MarkFields: s.DeleteMarks(), FailInvalidText: s.Config.InvalidText == config.FailInvalidText, Watch: s.watched, Separator: s.Plan.Separator(),
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
	s.Slack = len(columns) + 64*len(s.Layout.Extras) + 64
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
	// Full says that there may be rows in it, Rows how many at least; Removals are what has to happen after they are in
	// the stream's table.
	Full     bool
	Rows     int
	Removals []merge.Statement
}

// Locate makes what is known of the stream's table anew.
func (s *Stream) Locate(have *pgcatalog.Table) { s.Table = revision.Locate(s.Spec, have) }

// Stage makes the staging table the one that rows are merged into. former are the columns there whose fields the stream
// no longer has.
func (s *Stream) Stage(staged *pgcatalog.Table, former []merge.Column) {
	s.Table = s.InStaging(s.Staging, staged, former)
}
