package stream

import (
	"slices"

	"target-postgres/target/config"
	"target-postgres/target/dialect"
	"target-postgres/target/migrate"
	"target-postgres/typemap"
)

// recordMetadata lists the columns of add_record_metadata: those of singer-sdk's targets, or of the target whose tables
// are continued.
func recordMetadata(as dialect.Compatibility) []Extra {
	var names []string
	switch as {
	case dialect.LikePipelinewise:
		names = []string{"_sdc_extracted_at", "_sdc_batched_at", "_sdc_deleted_at"}
	case dialect.LikeDatamill:
		names = []string{"_sdc_received_at", "_sdc_sequence", migrate.VersionColumn, "_sdc_batched_at", recordColumn}
	default:
		return metadataColumns()
	}
	var columns []Extra
	for _, name := range names {
		i := slices.IndexFunc(metadataColumns(), func(e Extra) bool { return e.Name == name })
		if i < 0 {
			columns = append(columns, Extra{Name: recordColumn, Typ: typemap.Text, Kind: extraRecord})
			continue
		}
		columns = append(columns, metadataColumns()[i])
	}
	return columns
}

// recordColumn tells the rows of a stream without a key apart in datamill's tables.
const recordColumn = "_sdc_primary_key"

// hasMetadata reports whether a stream's table gets the column: datamill's recordColumn is for streams without a key.
func (s *Spec) hasMetadata(e Extra) bool { return e.Kind != extraRecord || len(s.Key) == 0 }

// Metadata lists the metadata columns of the stream's table, none unless add_record_metadata asks for them.
func (s *Spec) Metadata(c *config.Config) []Extra {
	if !s.Config.AddRecordMetadata {
		return nil
	}
	return recordMetadata(c.Compatibility)
}

// KeepsVersions reports whether the version of a record is kept in a column that the metadata columns do not have.
func (s *Stream) KeepsVersions(c *config.Config) bool {
	has := func(e Extra) bool { return e.Kind == extraVersion }
	return s.Config.ActivateVersion && !s.Versionless && !slices.ContainsFunc(s.Metadata(c), has)
}
