package revision

import (
	"slices"

	"target-postgres/merge"
	"target-postgres/target/config"
	"target-postgres/target/systemcolumn"
	"target-postgres/typemap"
)

// SetsAside reports whether records of the stream that cannot be loaded are set aside.
func (s *Spec) SetsAside() bool { return s.Config.OnBadRecord == config.RejectBadRecords }

// Declares reports whether the stream has a field, in its schema or by a stream map, be it left out.
func (s *Spec) Declares(field string) bool { return s.Plan.Declares(field) }

// Same reports whether two descriptions of a stream lead to the same rows in the same table.
func (s *Spec) Same(other *Spec) bool {
	return s.Mode == other.Mode && slices.Equal(s.Names, other.Names) && slices.Equal(s.Key, other.Key) &&
		s.Schema.Patch == other.Schema.Patch &&
		slices.EqualFunc(s.Fields, other.Fields, SameField)
}

// SameField reports whether two descriptions of a field lead to the same values in the same column.
func SameField(a, b typemap.Field) bool {
	sameDigest := a.Digest == nil && b.Digest == nil || a.Digest != nil && b.Digest != nil && *a.Digest == *b.Digest
	return a.Name == b.Name && a.Type.Equal(b.Type) && a.Encoding == b.Encoding && a.Column == b.Column && a.Fixed == b.Fixed && sameDigest &&
		slices.Equal(a.Path, b.Path) && a.Constant == b.Constant
}

// ConstantGeneration recognises the numbers of PyAirbyte.
func (s *Spec) ConstantGeneration() bool {
	return *s.Schema.Generation == 1 && *s.Schema.MinimumGeneration == 1 && s.Schema.SyncID != nil && *s.Schema.SyncID == 1
}

// StagesRefresh reports whether the rows of a refresh go to a staging table until it completes. History and soft_delete
// close and mark what the refresh did not bring instead, at its end.
func (s *Spec) StagesRefresh() bool {
	return s.Truncates && (s.Mode == merge.Append || s.Mode == merge.Upsert)
}

// DeleteMarks are the stream's: only the declared one counts for Airbyte, where the other is data like any.
func (s *Spec) DeleteMarks() []string {
	switch {
	case !s.Airbyte:
		return systemcolumn.DeleteMarks()
	case s.Declares(systemcolumn.CdcMark):
		return []string{systemcolumn.CdcMark}
	default:
		return nil
	}
}

// Metadata lists the metadata columns of the stream's table, none unless add_record_metadata asks for them.
func (s *Spec) Metadata(c *config.Config) []systemcolumn.Column {
	if !s.Config.AddRecordMetadata {
		return nil
	}
	return systemcolumn.MetadataLike(c.Compatibility)
}

// Unused is a name for a column of the staged rows that no field has.
func (s *Spec) Unused(name string) string {
	return Unused(name, func(name string) bool { return slices.Contains(s.Names, name) })
}

// Unused is a name that is not taken: name, or name with as many underscores at its end as it needs.
func Unused(name string, taken func(name string) bool) string {
	for taken(name) {
		name += "_"
	}
	return name
}
