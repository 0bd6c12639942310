package target

import (
	"target-postgres/merge"
	"target-postgres/protocol"
	"target-postgres/target/failure"
)

// chooseMode sets the load mode and returns the key that goes with it: the one that the settings name, or what the stream's
// schema asks for.
func (s *spec) chooseMode(keys []string) (key []string, err error) {
	if !s.airbyte || s.config.LoadMode != "" {
		s.mode, err = s.config.Mode(len(keys) > 0 || s.config.SurrogateKey)
		return keys, err
	}
	switch s.schema.SyncMode {
	case protocol.SyncAppendDedup:
		if s.config.DisableTypeDedupe {
			return nil, nil
		}
		if len(keys) == 0 && !s.config.SurrogateKey {
			return nil, &failure.Error{
				Kind: failure.KindConfig, Stream: s.name, Reason: "sync mode append_dedup needs a primary key and the stream has none",
				Hint: s.keyHint() + ", or sync in append or overwrite",
			}
		}
		s.mode = merge.Upsert
		return keys, nil
	case protocol.SyncOverwrite:
		// With generations it is they who say what is replaced, and the mode alone means nothing.
		if s.schema.Generation == nil || s.schema.MinimumGeneration == nil {
			s.mode = merge.Replace
		}
	}
	// Every record is a row here, those of one key too.
	return nil, nil
}
