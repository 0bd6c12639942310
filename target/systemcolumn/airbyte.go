package systemcolumn

import (
	"target-postgres/target/migrate"
	"target-postgres/typemap"
)

// The columns that every table of Airbyte's has, before those of its stream.
const (
	RawIDColumn      = "_airbyte_raw_id"
	EmittedColumn    = "_airbyte_extracted_at"
	MetaColumn       = "_airbyte_meta"
	GenerationColumn = "_airbyte_generation_id"
	// CdcMark is the field of change data capture that says that a row was deleted at the source.
	CdcMark = "_ab_cdc_deleted_at"
)

// Airbyte are the columns of Airbyte's tables, in the order in which Airbyte's own destination creates them, with its
// types.
func Airbyte() []Column {
	return []Column{
		{Name: RawIDColumn, Type: typemap.ParseType("character varying"), Kind: RawID},
		{Name: EmittedColumn, Type: typemap.TimestampTZ, Kind: Emitted},
		{Name: MetaColumn, Type: typemap.JSONB, Kind: Meta},
		{Name: GenerationColumn, Type: typemap.BigInt, Kind: Generation},
	}
}

// AirbyteOfTable lists them for a table. They are NOT NULL where the table is new; rows that are there already have
// none.
func AirbyteOfTable() []migrate.Column {
	columns := make([]migrate.Column, 0, 4)
	for _, e := range Airbyte() {
		column := migrate.Column{Name: e.Name, Type: e.Type, ClauseIfNew: "NOT NULL"}
		if e.Kind == Generation {
			column.ClauseIfNew = ""
		}
		columns = append(columns, column)
	}
	return columns
}
