package stream

import (
	"target-postgres/merge"
	"target-postgres/protocol"
	"target-postgres/target/failure"
)

// ChooseMode sets the load mode and returns the key that goes with it: the one that the settings name, or what the stream's
// schema asks for.
func (s *Spec) ChooseMode(keys []string) (key []string, err error) {
	if !s.Airbyte || s.Config.LoadMode != "" {
		s.Mode, err = s.Config.Mode(len(keys) > 0 || s.Config.SurrogateKey)
		return keys, err
	}
	switch s.Schema.SyncMode {
	case protocol.SyncAppendDedup:
		if s.Config.DisableTypeDedupe {
			return nil, nil
		}
		if len(keys) == 0 && !s.Config.SurrogateKey {
			return nil, &failure.Error{
				Kind: failure.KindConfig, Stream: s.Name, Reason: "sync mode append_dedup needs a primary key and the stream has none",
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
