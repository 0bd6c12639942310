package target

import (
	"slices"

	"target-postgres/target/config"
	"target-postgres/target/migrate"
	"target-postgres/typemap"
)

// recordMetadata lists the columns of add_record_metadata: those of singer-sdk's targets, or of the target whose tables are
// continued.
func recordMetadata(as config.Compatibility) []extra {
	var names []string
	switch as {
	case config.LikePipelinewise:
		names = []string{"_sdc_extracted_at", "_sdc_batched_at", "_sdc_deleted_at"}
	case config.LikeDatamill:
		names = []string{"_sdc_received_at", "_sdc_sequence", migrate.VersionColumn, "_sdc_batched_at", recordColumn}
	default:
		return metadataColumns()
	}
	var columns []extra
	for _, name := range names {
		i := slices.IndexFunc(metadataColumns(), func(e extra) bool { return e.name == name })
		if i < 0 {
			columns = append(columns, extra{name: recordColumn, typ: typemap.Text, kind: extraRecord})
			continue
		}
		columns = append(columns, metadataColumns()[i])
	}
	return columns
}

// recordColumn tells the rows of a stream without a key apart in datamill's tables.
const recordColumn = "_sdc_primary_key"

// hasMetadata says whether a stream's table gets the column: datamill's recordColumn is for streams without a key.
func (s *spec) hasMetadata(e extra) bool { return e.kind != extraRecord || len(s.key) == 0 }

// metadata lists the metadata columns of the stream's table, none unless add_record_metadata asks for them.
func (s *spec) metadata(c *config.Config) []extra {
	if !s.config.AddRecordMetadata {
		return nil
	}
	return recordMetadata(c.Compatibility)
}

// keepsVersions reports whether the version of a record is kept in a column that the metadata columns do not have.
func (s *stream) keepsVersions(c *config.Config) bool {
	has := func(e extra) bool { return e.kind == extraVersion }
	return s.config.ActivateVersion && !slices.ContainsFunc(s.metadata(c), has)
}
