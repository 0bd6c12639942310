package systemcolumn

import (
	"slices"

	"target-postgres/target/dialect"
	"target-postgres/target/migrate"
	"target-postgres/typemap"
)

// MetadataLike lists the columns of add_record_metadata: those of singer-sdk's targets, or of the target whose tables
// are continued.
func MetadataLike(as dialect.Compatibility) []Column {
	var names []string
	switch as {
	case dialect.LikePipelinewise:
		names = []string{"_sdc_extracted_at", "_sdc_batched_at", "_sdc_deleted_at"}
	case dialect.LikeDatamill:
		names = []string{"_sdc_received_at", "_sdc_sequence", migrate.VersionColumn, "_sdc_batched_at", recordColumn}
	default:
		return Metadata()
	}
	var columns []Column
	for _, name := range names {
		i := slices.IndexFunc(Metadata(), func(e Column) bool { return e.Name == name })
		if i < 0 {
			columns = append(columns, Column{Name: recordColumn, Type: typemap.Text, Kind: Record})
			continue
		}
		columns = append(columns, Metadata()[i])
	}
	return columns
}

// recordColumn tells the rows of a stream without a key apart in datamill's tables.
const recordColumn = "_sdc_primary_key"
