package systemcolumn

import (
	"target-postgres/target/migrate"
	"target-postgres/typemap"
)

// Column is a field that the program adds to every row.
type Column struct {
	Name string
	Type typemap.Type
	Kind Kind
	// Staged is true for a field that only the merge sees.
	Staged bool
	// Watched is which of the properties that its layout watches has its value, -1 for none. Only [Deleted] and [At]
	// look at it.
	Watched int
}

// Kind is what a column says of its row.
type Kind uint8

const (
	// Present says which columns a partial record brought, NULL for a whole one.
	Present Kind = iota
	// Gone is true for a tombstone.
	Gone
	// At is the instant of a version.
	At
	// Version is the version of Singer's RECORD.
	Version

	// Extracted and those after it are the metadata columns of singer-sdk's targets (setting add_record_metadata).
	Extracted
	// Received is when the record was read.
	Received
	// Batched is when its batch was begun.
	Batched
	// Deleted is when it was deleted at the source.
	Deleted
	// Sequence is a number that grows with the records.
	Sequence
	// SyncStarted is when the run began.
	SyncStarted

	// RawID and those after it are the columns of Airbyte's tables: a random name of the row.
	RawID
	// Emitted is when the source emitted the record.
	Emitted
	// Meta is what Airbyte says of the record, and what was changed of it here.
	Meta
	// Generation is Airbyte's generation of the row.
	Generation

	// Live unmarks a row of a table that was once loaded in soft_delete.
	Live
	// Line is where the record stood in the input.
	Line
	// Surrogate is the key of a stream that has none.
	Surrogate
	// Record is a random name for a record without a key.
	Record
)

// SurrogateColumn is the key of a stream without one, where surrogate_key asks for it: a hash of the record. Its value
// is stored, so it is the same for a record in every version of the program.
const SurrogateColumn = "_singular_id"

// DeleteMarks are the fields whose presence says that a record was removed at the source, whether or not the schema
// declares them.
func DeleteMarks() []string { return []string{"_sdc_deleted_at", CdcMark} }

// Metadata are the columns of add_record_metadata, in singer-sdk's order.
func Metadata() []Column {
	return []Column{
		{Name: "_sdc_extracted_at", Type: typemap.TimestampTZ, Kind: Extracted},
		{Name: "_sdc_received_at", Type: typemap.TimestampTZ, Kind: Received},
		{Name: "_sdc_batched_at", Type: typemap.TimestampTZ, Kind: Batched},
		{Name: "_sdc_deleted_at", Type: typemap.TimestampTZ, Kind: Deleted},
		{Name: "_sdc_sequence", Type: typemap.BigInt, Kind: Sequence},
		{Name: migrate.VersionColumn, Type: typemap.BigInt, Kind: Version},
		{Name: "_sdc_sync_started_at", Type: typemap.BigInt, Kind: SyncStarted},
	}
}
