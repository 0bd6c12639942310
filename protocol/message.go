// Package protocol turns bytes into messages and messages into bytes, for Singer and for Airbyte alike. A Reader
// returns the same kind of Message for both; a Writer emits what each of them expects on stdout.
//
// It promises: lines of any length up to a limit are read in bounded memory, a RECORD line costs no allocation, a
// truncated or malformed line is always a LineError that names its line, a STATE is emitted unchanged, and no error or
// log line made here contains the value of a record. It knows no SQL and does not look inside records: their content is
// validated by its walker.
package protocol

// Kind says what a Message is.
type Kind uint8

// The kinds of messages that a Reader returns. KindActivateVersion and KindBatch come from Singer only, KindStatus from
// Airbyte only.
const (
	KindSchema Kind = iota + 1
	KindRecord
	KindState
	KindActivateVersion
	KindBatch
	KindStatus
)

// Stream names a stream. Singer streams have no namespace; for Airbyte a namespace that is null, absent or empty is the
// same empty Namespace, as it is for Airbyte's platform.
type Stream struct {
	Namespace, Name string
}

// String returns the name as people write it, with the namespace in front where there is one.
func (s Stream) String() string {
	if s.Namespace == "" {
		return s.Name
	}
	return s.Namespace + "." + s.Name
}

// Message is one message of either protocol. Kind decides which fields are set; the others are zero. The Message itself
// and its Record, Extracted and Meta are valid until the next call of Reader.Next; Schema, State and Batch belong to
// the caller.
type Message struct {
	Kind   Kind
	Line   int64 // the line of the input, counted from 1; 0 for a schema that came from a catalog
	Stream Stream

	Schema *Schema

	// Record is the record's JSON object, brackets balanced and UTF-8 valid,
	// its content otherwise unchecked.
	Record []byte
	// Extracted is the text of Singer's time_extracted as it came, nil if absent.
	Extracted []byte
	// EmittedAt is Airbyte's emitted_at as it came, see EmittedMillis; 0 for Singer.
	EmittedAt int64
	// Meta is Airbyte's record.meta as raw JSON, nil if absent or null.
	Meta []byte
	// Version is the version of a Singer RECORD, BATCH or ACTIVATE_VERSION where HasVersion is true.
	Version    int64
	HasVersion bool

	// State is what to give to Writer.SingerState or Writer.AirbyteState: the bare value as it came, or the whole
	// message line.
	State      []byte
	StateScope StateScope

	Batch  *Batch
	Status Status
}

// An emitted_at between these is in seconds: it would be a day of the years 2001 to 5138 as seconds, and one of 1970 to
// 1973 as milliseconds. A smaller one is milliseconds, too, as in Airbyte's own tests, which live in January 1970.
const (
	secondsFrom  = 1_000_000_000
	secondsLimit = 100_000_000_000
)

// EmittedMillis returns EmittedAt in epoch milliseconds also where the sender used seconds, as PyAirbyte's cached path
// does against the protocol.
func (m *Message) EmittedMillis() int64 {
	if at := max(m.EmittedAt, -m.EmittedAt); secondsFrom <= at && at < secondsLimit {
		return m.EmittedAt * 1000
	}
	return m.EmittedAt
}

// Schema is what a SCHEMA message or a catalog entry says about a stream.
type Schema struct {
	// JSON is the JSON Schema of the stream's records, as it came.
	JSON []byte
	// KeyProperties are the names of the key's properties in key order.
	KeyProperties []string
	// HasKeyProperties tells an empty list from none: a SCHEMA message without key_properties leaves the key to the
	// configuration.
	HasKeyProperties bool
	// Patch is true where properties that a record lacks keep their values (PipelineWise's
	// x-pipelinewise-record-update-mode: PATCH).
	Patch bool

	// SyncMode is Airbyte's destination_sync_mode: SyncAppend, SyncOverwrite or SyncAppendDedup; empty for Singer.
	SyncMode string
	// Cursor is the top-level property that orders the records of one key,
	// empty where there is none.
	Cursor string
	// KeyPaths are the paths of a primary key of Airbyte's of which one is inside another field, nil for any other key.
	// KeyProperties are empty then.
	KeyPaths [][]string
	// CursorPath is the path of a cursor inside another field, nil for any other. Cursor is empty then.
	CursorPath []string
	// Generation, MinimumGeneration and SyncID are nil where the platform sent null or nothing, which means that it
	// does not support refreshes.
	Generation, MinimumGeneration, SyncID *int64
}

// Batch is Singer's BATCH: files of raw JSON records, one a line.
type Batch struct {
	Format      string   // "jsonl", "parquet", …
	Compression string   // "gzip", …; empty for none
	Manifest    []string // the URLs or paths of the files, in order
}

// StateScope says how much of an Airbyte sync a STATE is about.
type StateScope uint8

// The scopes of an Airbyte STATE. The zero value belongs to Singer, whose states are always about everything.
const (
	StateStream StateScope = iota + 1
	StateGlobal
	StateLegacy
)

// Status is the progress of a stream as told by Airbyte's TRACE STREAM_STATUS.
type Status uint8

// The statuses of a stream.
const (
	StatusStarted Status = iota + 1
	StatusRunning
	StatusComplete
	StatusIncomplete
)
