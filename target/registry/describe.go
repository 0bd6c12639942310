package registry

import (
	"time"

	"target-postgres/protocol"
	"target-postgres/target/config"
	"target-postgres/target/dialect"
	"target-postgres/target/revision"
	"target-postgres/target/shape"
	"target-postgres/target/stream"
	"target-postgres/target/validate"
)

// Describe works out what a SCHEMA message asks for. It knows nothing of the database. The error is a *failure.Error
// about the stream or the settings, or that of a task which looked for the stream's table.
func (r *Registry) Describe(m *protocol.Message, settings config.StreamConfig, rejects bool) (*stream.Stream, error) {
	s := stream.New(&revision.Spec{
		ID: m.Stream, Name: m.Stream.String(), Schema: m.Schema, Config: settings, Airbyte: m.Schema.SyncMode != "", Rejects: rejects,
	}, time.Now())
	if mapped := r.config.StreamMap(m.Stream); mapped != nil && !rejects {
		if s.Mapped = mapped; mapped.Drops {
			s.Skip, s.Plan = true, &shape.Plan{}
			return s, nil
		}
	}
	if rejects {
		s.SchemaName, s.TableName = r.config.OwnSchema(), revision.RejectedTable
	} else if err := r.place(s); err != nil {
		return nil, err
	}
	s.Table = revision.Unprepared(s.Spec)
	if err := describeFields(s.Spec, r.config); err != nil {
		return nil, err
	}
	if err := r.openPaths(s); err != nil {
		return nil, err
	}
	keys := s.Mapped.KeyOf(s.Schema.KeyProperties)
	if s.Config.KeyProperties != nil {
		keys = s.Config.KeyProperties
	}
	if err := r.shapeFields(s, keys); err != nil {
		return nil, err
	}
	if err := r.nameColumns(s); err != nil {
		return nil, err
	}
	if s.Skip = len(s.Fields) == 0 && !s.Airbyte && s.Metadata(r.config) == nil; s.Skip {
		return s, nil
	}
	if s.Config.ValidateRecords {
		var err error
		if s.Validator, err = validate.New(s.Name, s.Sender(), s.Schema.JSON, r.config.Compatibility != dialect.LikeMeltanolabs, r.log); err != nil {
			return nil, err
		}
	}
	keys, err := chooseMode(s.Spec, keys)
	if err != nil {
		return nil, err
	}
	if err := s.Config.Refuse(s.Name, s.Mode); err != nil {
		return nil, err
	}
	r.describeSurrogate(s.Spec, keys)
	if err := describeKey(s.Spec, keys); err != nil {
		return nil, err
	}
	if err := describeSlice(s.Spec); err != nil {
		return nil, err
	}
	if err := describeVersions(s.Spec, r.config); err != nil {
		return nil, err
	}
	if err := describeOrder(s.Spec); err != nil {
		return nil, err
	}
	if err := describeOrdering(s.Spec); err != nil {
		return nil, err
	}
	if err := describeInstant(s.Spec); err != nil {
		return nil, err
	}
	if err := describeLate(s.Spec); err != nil {
		return nil, err
	}
	if err := describeGeneration(s.Spec); err != nil {
		return nil, err
	}
	if err := describeIndexes(s.Spec, r.config, r.streams[m.Stream]); err != nil {
		return nil, err
	}
	if err := describePartitions(s.Spec, r.config, r.streams[m.Stream]); err != nil {
		return nil, err
	}
	return s, r.claim(s)
}

// describeSurrogate decides whether the stream gets its key from its records.
func (r *Registry) describeSurrogate(s *revision.Spec, keys []string) {
	s.Surrogate = s.Config.SurrogateKey && len(keys) == 0 && s.Mode.NeedsKey()
	if s.Config.SurrogateKey && len(keys) > 0 && r.streams[s.ID] == nil {
		r.log.Warn("surrogate_key is ignored: the stream has a key", "stream", s.Name)
	}
}
