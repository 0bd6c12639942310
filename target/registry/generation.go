package registry

import (
	"fmt"

	"target-postgres/merge"
	"target-postgres/protocol"
	"target-postgres/target/failure"
	"target-postgres/target/revision"
)

// describeGeneration finds out whether the rows of older generations go.
func describeGeneration(s *revision.Spec) error {
	if s.Schema.Generation == nil || s.Schema.MinimumGeneration == nil || s.Mode == merge.Replace {
		return nil
	}
	generation, minimum := *s.Schema.Generation, *s.Schema.MinimumGeneration
	switch {
	case minimum == 0:
	case minimum != generation:
		return &failure.Error{
			Blame: failure.Configuration, Stream: s.Name,
			Reason: fmt.Sprintf("generation_id is %d and minimum_generation_id %d: rows of some older generations cannot be kept and of others replaced",
				generation, minimum),
			Hint: "refresh the stream again, with or without keeping its rows",
		}
	default:
		// PyAirbyte sends the same numbers in every sync: only the mode tells what it means.
		s.Truncates = !s.ConstantGeneration() || s.Schema.SyncMode == protocol.SyncOverwrite
	}
	return nil
}
