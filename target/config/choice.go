package config

// Settings that choose one of several words have a type each. spec.json lists the words; these are the ones that the
// program asks for.

// BadRecordPolicy says what happens to a record that cannot be loaded.
type BadRecordPolicy string

// RejectBadRecords puts the record into the table of rejected records, and the run goes on.
const RejectBadRecords BadRecordPolicy = "reject"

// StreamErrorPolicy says what happens to the other streams when one cannot be loaded.
type StreamErrorPolicy string

// ContinueAfterStreamErrors loads the others to their end.
const ContinueAfterStreamErrors StreamErrorPolicy = "continue"

// InvalidTextPolicy says what happens to a text with characters that PostgreSQL cannot store.
type InvalidTextPolicy string

// FailInvalidText makes its record a bad one.
const FailInvalidText InvalidTextPolicy = "fail"

// AbsentFieldPolicy says what a record means by leaving a field out.
type AbsentFieldPolicy string

// KeepAbsentFields leaves the value that the row has.
const KeepAbsentFields AbsentFieldPolicy = "keep"

// UndeclaredFieldPolicy says what happens to a field that the schema does not have.
type UndeclaredFieldPolicy string

const (
	// StoreUndeclaredFields puts it into the column of such fields.
	StoreUndeclaredFields UndeclaredFieldPolicy = "store"
	// FailUndeclaredFields makes its record a bad one.
	FailUndeclaredFields UndeclaredFieldPolicy = "fail"
)

// ReplaceMethod is how a replace makes its rows visible.
type ReplaceMethod string

// ReplaceByTable lets the staging table take the place of the stream's own.
const ReplaceByTable ReplaceMethod = "table"

// NewStreamPolicy says what happens to a stream without a table.
type NewStreamPolicy string

const (
	// FailNewStreams ends the run.
	FailNewStreams NewStreamPolicy = "fail"
	// SkipNewStreams leaves the stream out.
	SkipNewStreams NewStreamPolicy = "skip"
)

// NewFieldPolicy says what happens to a field without a column.
type NewFieldPolicy string

const (
	// FailNewFields ends the run.
	FailNewFields NewFieldPolicy = "fail"
	// SkipNewFields leaves the field out.
	SkipNewFields NewFieldPolicy = "skip"
)

// MissingFieldPolicy says what happens to a column without a field.
type MissingFieldPolicy string

const (
	// DeprecateMissingFields marks the column in its comment.
	DeprecateMissingFields MissingFieldPolicy = "deprecate"
	// KeepMissingFields leaves the column as it is.
	KeepMissingFields MissingFieldPolicy = "keep"
	// FailMissingFields ends the run.
	FailMissingFields MissingFieldPolicy = "fail"
)

// ChangedTypePolicy says what happens to a column whose type cannot hold what its field brings.
type ChangedTypePolicy string

// FailChangedTypes ends the run.
const FailChangedTypes ChangedTypePolicy = "fail"

// LatePolicy says where a record goes in a history whose instant lies before what is known of its key.
type LatePolicy string

// InsertLate puts it where its instant belongs.
const InsertLate LatePolicy = "insert"

// ConflictPolicy says what a record does whose key has a row.
type ConflictPolicy string

// IgnoreConflicts leaves the row as it is.
const IgnoreConflicts ConflictPolicy = "ignore"

// MissingPolicy says what a record does whose key has no row.
type MissingPolicy string

// IgnoreMissing leaves the record out.
const IgnoreMissing MissingPolicy = "ignore"
