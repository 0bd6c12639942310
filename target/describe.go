package target

import (
	"fmt"
	"slices"

	"target-postgres/protocol"
	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/migrate"
	"target-postgres/target/shape"
	"target-postgres/typemap"
)

// describe works out what a SCHEMA message asks for. Nothing of the database is known yet.
func (t *Target) describe(m *protocol.Message, settings config.StreamConfig, rejects bool) (*stream, error) {
	s := newStream(&spec{
		id: m.Stream, name: m.Stream.String(), schema: m.Schema, config: settings, airbyte: m.Schema.SyncMode != "", rejects: rejects,
	}, t.now())
	if mapped := t.config.StreamMap(m.Stream); mapped != nil && !rejects {
		if s.mapped = mapped; mapped.Drops {
			s.skip, s.plan = true, &shape.Plan{}
			return s, nil
		}
	}
	s.schemaName, s.tableName = t.destination(s)
	if s.airbyte && s.config.Table == "" {
		var err error
		if s.tableName, err = t.ownName(s); err != nil {
			return nil, err
		}
	}
	if rejects {
		s.schemaName, s.tableName = t.config.Schema, rejectedTable
	}
	s.into = s.table()
	if err := s.describeFields(t.config); err != nil {
		return nil, err
	}
	keys := s.mapped.KeyOf(m.Schema.KeyProperties)
	if s.config.KeyProperties != nil {
		keys = s.config.KeyProperties
	}
	if err := t.shapeFields(s, keys); err != nil {
		return nil, err
	}
	if err := t.nameColumns(s); err != nil {
		return nil, err
	}
	if s.skip = len(s.fields) == 0 && !s.airbyte && s.metadata(t.config) == nil; s.skip {
		return s, nil
	}
	if s.config.ValidateRecords {
		var err error
		if s.validator, err = newValidator(s, t.config.Compatibility != config.LikeMeltanolabs, t.log); err != nil {
			return nil, err
		}
	}
	keys, err := s.chooseMode(keys)
	if err != nil {
		return nil, err
	}
	if err := s.config.Refuse(s.name, s.mode); err != nil {
		return nil, err
	}
	t.describeSurrogate(s.spec, keys)
	if err := s.describeKey(keys); err != nil {
		return nil, err
	}
	if err := s.describeOrder(); err != nil {
		return nil, err
	}
	if err := s.describeOrdering(); err != nil {
		return nil, err
	}
	if err := s.describeInstant(); err != nil {
		return nil, err
	}
	if err := s.describeLate(); err != nil {
		return nil, err
	}
	if err := s.describeGeneration(); err != nil {
		return nil, err
	}
	return s, t.claim(s)
}

func (s *spec) describeFields(c *config.Config) error {
	fields, err := typemap.Fields(s.schema.JSON, typemap.SchemaOptions{
		NumberType: s.config.NumberType, DecodeBinary: s.config.DecodeBinary, Airbyte: s.airbyte, Depth: s.config.Flatten.MaxLevel,
	})
	if err != nil {
		return &failure.Error{
			Kind: failure.KindInput, Stream: s.name, Reason: s.say("the SCHEMA message cannot be used", "the json_schema of the catalog cannot be used"),
			Err: err, Hint: "the " + s.sender() + " has to send a JSON Schema of an object with properties",
		}
	}
	if meta := s.metadata(c); meta != nil {
		// These names belong to the metadata columns, whatever the tap declares of them.
		fields = slices.DeleteFunc(fields, func(f typemap.Field) bool {
			return slices.ContainsFunc(meta, func(e extra) bool { return e.name == f.Name })
		})
	}
	s.fields, s.description = fields, typemap.Description(s.schema.JSON)
	return nil
}

// reservedNames are the columns of the load modes and of PostgreSQL itself, which no field may take.
func (s *spec) reservedNames() []string {
	names := append(typemap.SystemColumns(), migrate.StartColumn, migrate.EndColumn, migrate.ActiveColumn, migrate.DeletedColumn)
	if s.config.SurrogateKey {
		names = append(names, surrogateColumn)
	}
	if s.airbyte {
		names = append(names, rawIDColumn, emittedColumn, metaColumn, generationColumn)
	}
	return names
}

func (s *spec) describeKey(keys []string) error {
	if len(keys) == 0 && !s.surrogate && s.config.PrimaryKeyRequired {
		return &failure.Error{
			Kind: failure.KindConfig, Stream: s.name, Reason: "the stream has no key and primary_key_required is set",
			Hint: s.keyHint() + ", or set primary_key_required to false",
		}
	}
	if s.surrogate {
		s.key = []string{surrogateColumn}
		return nil
	}
	if len(keys) == 0 && s.mode.NeedsKey() {
		return &failure.Error{
			Kind: failure.KindConfig, Stream: s.name, Reason: fmt.Sprintf("load mode %s needs a key and the stream has none", s.mode),
			Hint: s.keyHint() + ", or set load_mode to append or replace",
		}
	}
	for _, key := range keys {
		i := slices.IndexFunc(s.fields, func(f typemap.Field) bool { return f.Name == key })
		if i < 0 {
			return &failure.Error{
				Kind: failure.KindInput, Stream: s.name, Column: key, Reason: s.say("the key property is not in the stream's schema", "the primary key is no field of the stream"),
				Hint: s.say("correct key_properties in the tap, or "+s.keyHint(), s.keyHint()),
			}
		}
		s.keyFields = append(s.keyFields, key)
		s.key = append(s.key, s.names[i])
	}
	return nil
}

// same says whether two descriptions of a stream lead to the same rows in the same table.
func (s *spec) same(other *spec) bool {
	return s.mode == other.mode && slices.Equal(s.names, other.names) && slices.Equal(s.key, other.key) &&
		s.schema.Patch == other.schema.Patch &&
		slices.EqualFunc(s.fields, other.fields, sameField)
}
