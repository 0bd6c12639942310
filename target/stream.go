package target

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"target-postgres/merge"
	"target-postgres/protocol"
	"target-postgres/typemap"
)

// stream is one stream of the input on its way into one table.
type stream struct {
	id     protocol.Stream
	name   string // as the tap says it
	schema *protocol.Schema
	config StreamConfig
	mode   merge.Mode

	fields []typemap.Field
	// names are the column names of fields, in the same order.
	names []string
	// key are the key's column names, keyFields the properties behind them.
	key, keyFields []string

	// into is the table that rows are merged into: the stream's own, or the staging table of a replace.
	schemaName, tableName string
	into                  merge.Name
	// unique is false where the table has no usable unique index over the key.
	unique bool
	// marks are the source's own delete marks that are columns of the table.
	marks []string
	// referenced says that another table's foreign key refers to the table, rowSecurity that policies restrict what the role
	// may write, which COPY into the table itself does not support.
	referenced, rowSecurity bool
	// fresh is true while the table holds nothing but what this run put there by copying straight into it.
	fresh *atomic.Bool
	// skip is true for a stream that the migration policy leaves out.
	skip bool

	// ops and versioned are set by the first record that needs them: delete marks or partial records, and versions.
	ops, versioned bool

	// widened are the types that values asked for beyond what the schema says, by column.
	widened map[string]typemap.Type
	// unversioned is set by a record that carries no version.
	unversioned bool
	// airbyte is true for a stream of Airbyte's catalog, for which §11 holds: its types, columns, keys and removals.
	airbyte bool
	// truncates says that the rows of older generations go when the stream completes, status how far it has come.
	truncates bool
	status    protocol.Status
	// placed is true once it is decided where the rows of a generation go, adopted what is left of unfinished ones.
	placed  bool
	adopted []leftover
	// stated is how many records the stream's own STATE messages have covered.
	stated, statedRejected int64
	// staging is the table beside its own in which the rows of a replace gather, "" before it is made.
	staging string
	// seen is the table of the keys that a full snapshot brought, "" when nothing is removed at its end.
	seen string

	layout    *layout
	validator *validator // nil unless validate_records is on
	walker    *typemap.Walker
	batch     *batch
	keys      keySet // of the rows in batch
	stats     *counters
}

// layout is how a stream's records lie in a CSV line: the record's own columns first, then those the program adds.
type layout struct {
	plan    *typemap.Plan
	columns []merge.Column
	extras  []extra
	// slack is the room that a row may need beyond the length of its record: separators, and the fields we add.
	slack int
	// watch are the properties whose raw values the extras need; an extra's watched is an index into it.
	watch []string
}

// extra is a field that the program adds to every row.
type extra struct {
	name string
	typ  typemap.Type
	kind extraKind
	// staged is true for a field that only the merge sees.
	staged  bool
	watched int
}

type extraKind uint8

const (
	// extraPresent says which columns a partial record brought, NULL for a whole one.
	extraPresent extraKind = iota
	// extraGone is true for a tombstone.
	extraGone
	// extraAt is the instant of a version.
	extraAt
	// extraVersion is the version of Singer's RECORD.
	extraVersion
	// The metadata columns of singer-sdk's targets (setting add_record_metadata).
	extraExtracted
	extraReceived
	extraBatched
	extraDeleted
	extraSequence
	extraSyncStarted
	// The columns of Airbyte's tables.
	extraRawID
	extraEmitted
	extraMeta
	extraGeneration
	// extraRecord is a random name for a record without a key.
	extraRecord
)

// deleteMarks are the fields whose presence says that a record was removed at the source, whether or not the schema
// declares them.
func deleteMarks() []string { return []string{"_sdc_deleted_at", cdcMark} }

// deleteMarks are the stream's: only the declared one counts for Airbyte, where the other is data like any.
func (s *stream) deleteMarks() []string {
	switch {
	case !s.airbyte:
		return deleteMarks()
	case slices.ContainsFunc(s.fields, func(f typemap.Field) bool { return f.Name == cdcMark }):
		return []string{cdcMark}
	default:
		return nil
	}
}

// metadataColumns are the columns of add_record_metadata, in singer-sdk's order.
func metadataColumns() []extra {
	return []extra{
		{name: "_sdc_extracted_at", typ: typemap.TimestampTZ, kind: extraExtracted},
		{name: "_sdc_received_at", typ: typemap.TimestampTZ, kind: extraReceived},
		{name: "_sdc_batched_at", typ: typemap.TimestampTZ, kind: extraBatched},
		{name: "_sdc_deleted_at", typ: typemap.TimestampTZ, kind: extraDeleted},
		{name: "_sdc_sequence", typ: typemap.BigInt, kind: extraSequence},
		{name: versionColumn, typ: typemap.BigInt, kind: extraVersion},
		{name: "_sdc_sync_started_at", typ: typemap.BigInt, kind: extraSyncStarted},
	}
}

// describe works out what a SCHEMA message asks for. Nothing of the database is known yet.
func (t *Target) describe(m *protocol.Message, config StreamConfig) (*stream, error) {
	s := &stream{
		id: m.Stream, name: m.Stream.String(), schema: m.Schema, config: config, stats: newCounters(t.now()), fresh: new(atomic.Bool),
	}
	s.airbyte = m.Schema.SyncMode != ""
	if err := s.describeFields(t.config); err != nil {
		return nil, err
	}
	keys := m.Schema.KeyProperties
	if s.config.KeyProperties != nil {
		keys = s.config.KeyProperties
	}
	if t.config.ValidateRecords {
		var err error
		if s.validator, err = newValidator(s, t.config.Compatibility != likeMeltanolabs); err != nil {
			return nil, err
		}
	}
	if len(keys) == 0 && t.config.PrimaryKeyRequired {
		return nil, &Error{
			Kind: KindConfig, Stream: s.name, Reason: "the stream has no key and primary_key_required is set",
			Hint: fmt.Sprintf("set streams.%s.key_properties, or primary_key_required to false", s.name),
		}
	}
	keys, err := s.chooseMode(t.config, keys)
	if err != nil {
		return nil, err
	}
	if err := s.describeKey(keys); err != nil {
		return nil, err
	}
	if err := s.describeGeneration(); err != nil {
		return nil, err
	}
	s.schemaName, s.tableName = t.destination(s)
	s.into = merge.Name{Schema: s.schemaName, Table: s.tableName}
	return s, nil
}

func (s *stream) describeFields(c *Config) error {
	fields, err := typemap.Fields(s.schema.JSON, typemap.SchemaOptions{NumberType: c.NumberType, DecodeBinary: c.DecodeBinary, Airbyte: s.airbyte})
	if err != nil {
		return &Error{
			Kind: KindInput, Stream: s.name, Reason: "the SCHEMA message cannot be used", Err: err,
			Hint: "the tap has to send a JSON Schema of an object with properties",
		}
	}
	if meta := c.metadata(); meta != nil {
		// These names belong to the metadata columns, whatever the tap declares of them.
		fields = slices.DeleteFunc(fields, func(f typemap.Field) bool {
			return slices.ContainsFunc(meta, func(e extra) bool { return e.name == f.Name })
		})
	}
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	s.fields, s.names = fields, typemap.Identifiers(names, s.reservedNames(), c.fold(s.airbyte))
	return nil
}

// reservedNames are the columns of the load modes and of PostgreSQL itself, which no field may take.
func (s *stream) reservedNames() []string {
	names := append(typemap.SystemColumns(), startColumn, endColumn, activeColumn, deletedColumn)
	if s.airbyte {
		names = append(names, rawIDColumn, emittedColumn, metaColumn, generationColumn)
	}
	return names
}

func (s *stream) describeKey(keys []string) error {
	if len(keys) == 0 && s.mode.NeedsKey() {
		return &Error{
			Kind: KindConfig, Stream: s.name, Reason: fmt.Sprintf("load mode %s needs a key and the stream has none", s.mode),
			Hint: fmt.Sprintf("set streams.%s.key_properties, or load_mode append or replace", s.name),
		}
	}
	for _, key := range keys {
		i := slices.IndexFunc(s.fields, func(f typemap.Field) bool { return f.Name == key })
		if i < 0 {
			return &Error{
				Kind: KindInput, Stream: s.name, Column: key, Reason: "the key property is not in the stream's schema",
				Hint: fmt.Sprintf("correct key_properties in the tap, or set streams.%s.key_properties", s.name),
			}
		}
		s.keyFields = append(s.keyFields, key)
		s.key = append(s.key, s.names[i])
	}
	return nil
}

// same says whether two descriptions of a stream lead to the same rows in the same table.
func (s *stream) same(other *stream) bool {
	return s.mode == other.mode && slices.Equal(s.names, other.names) && slices.Equal(s.key, other.key) &&
		s.schema.Patch == other.schema.Patch &&
		slices.EqualFunc(s.fields, other.fields, func(a, b typemap.Field) bool {
			return a.Name == b.Name && a.Type.Equal(b.Type) && a.Encoding == b.Encoding
		})
}

// keyed says whether rows are matched by key. A replace gathers its rows by key where there is one.
func (s *stream) keyed() bool { return len(s.key) > 0 && s.mode != merge.Append }

// wish lists what the stream needs of its table.
func (s *stream) wish(c *Config) wish {
	w := wish{
		schema: s.schemaName, name: s.tableName, mode: s.mode, key: s.key, nullKeys: s.airbyte,
		comment: "Stream " + s.name + ", " + madeByUs, readers: s.config.GrantSelectTo,
	}
	if s.airbyte {
		w.columns = wishAirbyte()
	}
	for i, f := range s.fields {
		// A value never changes a type for Airbyte: what the schema asks for has to be there before.
		column := wishColumn{name: s.names[i], typ: f.Type, field: f.Name, description: f.Description, asked: s.airbyte}
		if wider, ok := s.widened[column.name]; ok {
			column.typ, column.asked = wider, true
		}
		if slices.Contains(s.key, column.name) && !s.airbyte {
			column.clause = "NOT NULL"
		}
		w.columns = append(w.columns, column)
	}
	for _, e := range c.metadata() {
		if s.hasMetadata(e) {
			w.columns = append(w.columns, wishColumn{name: e.name, typ: e.typ})
		}
	}
	if s.versioned {
		w.columns = append(w.columns, wishColumn{name: versionColumn, typ: typemap.BigInt})
	}
	switch s.mode {
	case merge.History:
		w.columns = append(w.columns,
			wishColumn{name: startColumn, typ: typemap.TimestampTZ, clause: "NOT NULL DEFAULT '-infinity'"},
			wishColumn{name: endColumn, typ: typemap.TimestampTZ},
			wishColumn{name: activeColumn, typ: typemap.Bool, clause: "NOT NULL DEFAULT true"})
	case merge.SoftDelete:
		w.columns = append(w.columns, wishColumn{name: deletedColumn, typ: typemap.Bool, clause: "NOT NULL DEFAULT false"})
	}
	return w
}

// compile makes the plan by which records are encoded for the table as it is now.
func (s *stream) compile(c *Config, have *table, skipped []string) {
	s.layout = &layout{}
	columns := make([]typemap.Column, 0, len(s.fields))
	for i, f := range s.fields {
		existing := have.column(s.names[i])
		if existing == nil || !existing.ours() || slices.Contains(skipped, s.names[i]) {
			continue
		}
		columns = append(columns, typemap.Column{
			Field: f.Name, Name: s.names[i], Type: existing.columnType(), Want: f.Type, Encoding: f.Encoding, Container: f.Container,
			Key: slices.Contains(s.keyFields, f.Name),
		})
		s.layout.columns = append(s.layout.columns, merge.Column{Name: s.names[i], Type: existing.columnType()})
	}
	s.layout.extras = s.extras(c, have)
	options := typemap.PlanOptions{
		MarkFields: s.deleteMarks(), FailInvalidText: c.InvalidText == "fail", Watch: s.layout.watch,
		Airbyte: s.airbyte, AllowNullKeys: s.airbyte,
	}
	if c.DeleteMarkerColumn != "" {
		options.TruthyMarks = []string{c.DeleteMarkerColumn}
	}
	s.layout.slack = len(columns) + 64*len(s.layout.extras) + 64
	s.layout.plan = typemap.Compile(columns, options)
	s.walker = s.layout.plan.NewWalker()
	s.batch = &batch{}
}

// extras lists the fields that the program adds, and sets what they watch.
func (s *stream) extras(c *Config, have *table) []extra {
	var extras []extra
	if s.airbyte {
		extras = airbyteColumns()
	}
	for _, e := range c.metadata() {
		if !s.hasMetadata(e) {
			continue
		}
		if e.kind == extraDeleted {
			e.watched = s.watch(e.name)
		}
		// A table of another target may have it as text, or without time zone.
		e.typ = have.column(e.name).columnType()
		extras = append(extras, e)
	}
	if s.versioned {
		extras = append(extras, extra{name: versionColumn, typ: typemap.BigInt, kind: extraVersion})
	}
	if s.mode == merge.History {
		at := extra{name: s.unused("_singular_at"), typ: typemap.TimestampTZ, kind: extraAt, staged: true, watched: -1}
		if s.config.HistoryTimeColumn != "" {
			at.watched = s.watch(s.config.HistoryTimeColumn)
		}
		extras = append(extras, at)
	}
	if s.ops {
		extras = append(extras,
			extra{name: s.unused("_singular_present"), typ: typemap.ParseType("bit varying"), kind: extraPresent, staged: true},
			extra{name: s.unused("_singular_gone"), typ: typemap.Bool, kind: extraGone, staged: true})
	}
	return extras
}

func (s *stream) watch(property string) int {
	s.layout.watch = append(s.layout.watch, property)
	return len(s.layout.watch) - 1
}

// unused is a name for a column of the staged rows that no field has.
func (s *stream) unused(name string) string {
	for slices.Contains(s.names, name) {
		name += "_"
	}
	return name
}

// removes says whether a marked record takes its row away, rather than being data.
func (s *stream) removes(c *Config) bool {
	return s.mode == merge.History || s.mode == merge.SoftDelete || (s.keyed() && c.HardDelete && !s.keepsTombstones())
}

// wholeTombstones says that a marked record is not taken for a part of its row: for Airbyte it is the row.
func (s *stream) wholeTombstones() bool { return s.airbyte && s.mode == merge.Upsert }

// encode appends one record as a CSV line. The error is a *typemap.KeyError, a *typemap.ValueError or a syntax error.
func (s *stream) encode(t *Target, dst []byte, m *protocol.Message) ([]byte, error) {
	dst, err := s.walker.AppendFields(dst)
	if err != nil {
		return dst, err
	}
	marked := s.walker.Marked()
	gone := marked && s.removes(t.config)
	partial := s.keyed() && (s.schema.Patch || (marked && !s.wholeTombstones())) && !s.walker.Full()
	for i := range s.layout.extras {
		if i > 0 || len(s.layout.columns) > 0 {
			dst = append(dst, ',')
		}
		e := &s.layout.extras[i]
		switch e.kind {
		case extraPresent:
			if partial || gone {
				dst = s.walker.Present(dst)
			}
		case extraGone:
			dst = append(dst, "ft"[btoi(gone)])
		case extraRawID, extraEmitted, extraMeta, extraGeneration:
			dst = t.appendAirbyte(dst, s, e, m)
		case extraAt:
			if dst, err = s.appendInstant(dst, e, m); err != nil {
				return dst, err
			}
		default:
			dst = t.appendMetadata(dst, s, e, m)
		}
	}
	// A tombstone that takes its row away is whole as it is.
	s.batch.patched = s.batch.patched || (partial && !gone)
	if gone {
		s.batch.removed = true
		s.stats.tombstones.Add(1)
	}
	s.batch.nullKeys = s.batch.nullKeys || s.walker.NullKey()
	return append(dst, '\n'), nil
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// needsOps says whether the record just walked is a tombstone or partial, so that its batch needs the columns for it.
func (s *stream) needsOps(c *Config) bool {
	if s.ops || !s.keyed() {
		return false
	}
	marked := s.walker.Marked() && (s.removes(c) || !s.wholeTombstones())
	return marked || (s.schema.Patch && !s.walker.Full())
}

// appendInstant writes the instant at which a version starts: the time column's, the extraction's, or NULL for the
// commit's, which only the server knows.
func (s *stream) appendInstant(dst []byte, e *extra, m *protocol.Message) ([]byte, error) {
	if e.watched >= 0 {
		token := s.walker.Watched(e.watched)
		if len(token) > 0 && token[0] == '"' {
			out, err := typemap.AppendInstant(dst, token)
			if err != nil {
				return dst, &typemap.ValueError{
					Column: s.config.HistoryTimeColumn, Type: typemap.TimestampTZ, Reason: "history_time_column: " + err.Error(),
				}
			}
			return out, nil
		}
	}
	if out, ok := appendExtracted(dst, m); ok {
		return out, nil
	}
	s.batch.timeless = true
	return dst, nil
}

// appendExtracted writes the instant at which the record was extracted, if its message says so.
func appendExtracted(dst []byte, m *protocol.Message) ([]byte, bool) {
	if m.EmittedAt != 0 {
		dst = time.UnixMilli(m.EmittedMillis()).UTC().AppendFormat(dst, "2006-01-02T15:04:05.000Z")
		return dst, true
	}
	if len(m.Extracted) == 0 || bytes.ContainsAny(m.Extracted, `"\`) {
		return dst, false
	}
	out, err := typemap.AppendInstant(dst, m.Extracted)
	return out, err == nil
}

// asValueError unwraps what a plan says of a value.
func asValueError(err error) *typemap.ValueError {
	if bad, ok := errors.AsType[*typemap.ValueError](err); ok {
		return bad
	}
	return nil
}
