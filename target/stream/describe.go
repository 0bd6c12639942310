package stream

import (
	"slices"

	"target-postgres/target/config"
	"target-postgres/target/migrate"
	"target-postgres/target/systemcolumn"
	"target-postgres/typemap"
)

// SetsAside reports whether records of the stream that cannot be loaded are set aside.
func (s *Spec) SetsAside() bool { return s.Config.OnBadRecord == config.RejectBadRecords }

// ReservedNames are the columns of the load modes and of PostgreSQL itself, which no field may take.
func (s *Spec) ReservedNames() []string {
	names := append(typemap.SystemColumns(), migrate.StartColumn, migrate.EndColumn, migrate.ActiveColumn, migrate.DeletedColumn)
	if s.Config.RowHash {
		names = append(names, migrate.HashColumn)
	}
	if s.Config.SurrogateKey {
		names = append(names, systemcolumn.SurrogateColumn)
	}
	if s.Airbyte {
		names = append(names, systemcolumn.RawIDColumn, systemcolumn.EmittedColumn, systemcolumn.MetaColumn, systemcolumn.GenerationColumn)
	}
	return names
}

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
