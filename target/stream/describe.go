package stream

import (
	"fmt"
	"slices"

	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/migrate"
	"target-postgres/typemap"
)

// SetsAside reports whether records of the stream that cannot be loaded are set aside.
func (s *Spec) SetsAside() bool { return s.Config.OnBadRecord == config.RejectBadRecords }

// DescribeFields takes the fields from the SCHEMA.
func (s *Spec) DescribeFields(c *config.Config) error {
	fields, err := typemap.Fields(s.Schema.JSON, typemap.SchemaOptions{
		NumberType: s.Config.NumberType, DecodeBinary: s.Config.DecodeBinary, Airbyte: s.Airbyte, Depth: s.Config.Flatten.MaxLevel,
	})
	if err != nil {
		return &failure.Error{
			Kind: failure.KindInput, Stream: s.Name, Reason: s.Say("the SCHEMA message cannot be used", "the json_schema of the catalog cannot be used"),
			Err: err, Hint: "the " + s.Sender() + " has to send a JSON Schema of an object with properties",
		}
	}
	if meta := s.Metadata(c); meta != nil {
		// These names belong to the metadata columns, whatever the tap declares of them.
		fields = slices.DeleteFunc(fields, func(f typemap.Field) bool {
			return slices.ContainsFunc(meta, func(e Extra) bool { return e.Name == f.Name })
		})
	}
	s.Fields, s.description = fields, typemap.Description(s.Schema.JSON)
	return nil
}

// ReservedNames are the columns of the load modes and of PostgreSQL itself, which no field may take.
func (s *Spec) ReservedNames() []string {
	names := append(typemap.SystemColumns(), migrate.StartColumn, migrate.EndColumn, migrate.ActiveColumn, migrate.DeletedColumn)
	if s.Config.RowHash {
		names = append(names, migrate.HashColumn)
	}
	if s.Config.SurrogateKey {
		names = append(names, surrogateColumn)
	}
	if s.Airbyte {
		names = append(names, rawIDColumn, EmittedColumn, MetaColumn, GenerationColumn)
	}
	return names
}

// DescribeKey finds the columns of the key.
func (s *Spec) DescribeKey(keys []string) error {
	if len(keys) == 0 && !s.Surrogate && s.Config.PrimaryKeyRequired {
		return &failure.Error{
			Kind: failure.KindConfig, Stream: s.Name, Reason: "the stream has no key and primary_key_required is set",
			Hint: s.KeyHint() + ", or set primary_key_required to false",
		}
	}
	if s.Surrogate {
		s.Key = []string{surrogateColumn}
		return nil
	}
	if len(keys) == 0 && s.Mode.NeedsKey() {
		return &failure.Error{
			Kind: failure.KindConfig, Stream: s.Name, Reason: fmt.Sprintf("load mode %s needs a key and the stream has none", s.Mode),
			Hint: s.KeyHint() + ", or set load_mode to append or replace",
		}
	}
	for _, key := range keys {
		i := slices.IndexFunc(s.Fields, func(f typemap.Field) bool { return f.Name == key })
		if i < 0 {
			return &failure.Error{
				Kind: failure.KindInput, Stream: s.Name, Column: key, Reason: s.Say("the key property is not in the stream's schema", "the primary key is no field of the stream"),
				Hint: s.Say("correct key_properties in the tap, or "+s.KeyHint(), s.KeyHint()),
			}
		}
		s.KeyFields = append(s.KeyFields, key)
		s.Key = append(s.Key, s.Names[i])
	}
	return nil
}

// Same says whether two descriptions of a stream lead to the same rows in the same table.
func (s *Spec) Same(other *Spec) bool {
	return s.Mode == other.Mode && slices.Equal(s.Names, other.Names) && slices.Equal(s.Key, other.Key) &&
		s.Schema.Patch == other.Schema.Patch &&
		slices.EqualFunc(s.Fields, other.Fields, sameField)
}

// sameField reports whether two descriptions of a field lead to the same values in the same column.
func sameField(a, b typemap.Field) bool {
	sameDigest := a.Digest == nil && b.Digest == nil || a.Digest != nil && b.Digest != nil && *a.Digest == *b.Digest
	return a.Name == b.Name && a.Type.Equal(b.Type) && a.Encoding == b.Encoding && a.Column == b.Column && a.Fixed == b.Fixed && sameDigest &&
		slices.Equal(a.Path, b.Path) && a.Constant == b.Constant
}
