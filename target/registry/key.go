package registry

import (
	"fmt"
	"slices"

	"target-postgres/merge"
	"target-postgres/protocol"
	"target-postgres/target/failure"
	"target-postgres/target/revision"
	"target-postgres/target/systemcolumn"
	"target-postgres/typemap"
)

// describeKey finds the columns of the key.
func describeKey(s *revision.Spec, keys []string) error {
	if len(keys) == 0 && !s.Surrogate && s.Config.PrimaryKeyRequired {
		return &failure.Error{
			Blame: failure.Configuration, Stream: s.Name, Reason: "the stream has no key and primary_key_required is set",
			Hint: s.KeyHint() + ", or set primary_key_required to false",
		}
	}
	if s.Surrogate {
		s.Key = []string{systemcolumn.SurrogateColumn}
		return nil
	}
	if len(keys) == 0 && s.Mode.NeedsKey() {
		return &failure.Error{
			Blame: failure.Configuration, Stream: s.Name, Reason: fmt.Sprintf("load mode %s needs a key and the stream has none", s.Mode),
			Hint: s.KeyHint() + ", or set load_mode to append or replace",
		}
	}
	for _, key := range keys {
		i := slices.IndexFunc(s.Fields, func(f typemap.Field) bool { return f.Name == key })
		if i < 0 {
			blame := failure.Stream
			if s.Airbyte || s.Config.KeyProperties != nil { // the connection or a setting names it
				blame = failure.Configuration
			}
			return &failure.Error{
				Blame: blame, Stream: s.Name, Column: key, Reason: s.Say("the key property is not in the stream's schema", "the primary key is no field of the stream"),
				Hint: s.Say("correct key_properties in the tap, or "+s.KeyHint(), s.KeyHint()),
			}
		}
		s.KeyFields = append(s.KeyFields, key)
		s.Key = append(s.Key, s.Names[i])
	}
	return nil
}

// modeOf is the load mode that a message asks for, as far as it says so.
func (r *Registry) modeOf(m *protocol.Message) merge.Mode {
	asked := &revision.Spec{Name: m.Stream.String(), Schema: m.Schema, Config: r.config.ForStream(m.Stream)}
	if asked.Schema == nil {
		asked.Schema = &protocol.Schema{}
	}
	keys := r.config.StreamMap(m.Stream).KeyOf(asked.Schema.KeyProperties)
	if asked.Config.KeyProperties != nil {
		keys = asked.Config.KeyProperties
	}
	asked.Airbyte = asked.Schema.SyncMode != ""
	if _, err := chooseMode(asked, keys); err != nil && asked.Airbyte {
		return merge.Upsert // what lacks its key
	}
	return asked.Mode
}

// chooseMode sets the load mode and returns the key that goes with it: the one that the settings name, or what the
// stream's schema asks for.
func chooseMode(s *revision.Spec, keys []string) (key []string, err error) {
	if _, named := s.Config.LoadMode.Named(); named || !s.Airbyte {
		s.Mode = s.Config.Mode(len(keys) > 0 || s.Config.SurrogateKey)
		return keys, nil
	}
	switch s.Schema.SyncMode {
	case protocol.SyncAppendDedup:
		if s.Config.DisableTypeDedupe {
			return nil, nil
		}
		if len(keys) == 0 && !s.Config.SurrogateKey {
			return nil, &failure.Error{
				Blame: failure.Configuration, Stream: s.Name, Reason: "sync mode append_dedup needs a primary key and the stream has none",
				Hint: s.KeyHint() + ", or sync in append or overwrite",
			}
		}
		s.Mode = merge.Upsert
		return keys, nil
	case protocol.SyncOverwrite:
		// With generations it is they who say what is replaced, and the mode alone means nothing.
		if s.Schema.Generation == nil || s.Schema.MinimumGeneration == nil {
			s.Mode = merge.Replace
		}
	}
	// Every record is a row here, those of one key too.
	return nil, nil
}
