package target

import (
	"fmt"

	"target-postgres/target/failure"
	"target-postgres/target/stream"
)

// claim makes a table the stream's. It refuses one that another stream has, unless both are meant to share it.
func (t *Target) claim(s *stream.Stream) error {
	if err := t.notReserved(s); err != nil {
		return err
	}
	own := s.OwnTable()
	given := s.Config.Table != ""
	other, taken := t.claims[own]
	if _, failed := t.committer.Failures.Of(other.ID); taken && failed && given && other.Given {
		taken = false
	}
	switch {
	case taken && other.ID != s.ID && given && other.Given:
		lead := t.streams[other.ID]
		if err := s.AgreesWith(lead.Spec); err != nil {
			return err
		}
		s.Lead, lead.Shared = &other.ID, true
		return nil
	case taken && other.ID != s.ID:
		return &failure.Error{
			Kind: failure.KindConfig, Stream: s.Name,
			Reason: fmt.Sprintf("streams %q and %q would both be loaded into %s", other.ID, s.ID, own.SQL()),
			Hint:   "give one of them another table, for example with " + s.Setting("table", `"…"`),
		}
	}
	t.claims[own] = stream.Claim{ID: s.ID, Given: given}
	for _, o := range t.order {
		if o.Lead != nil && *o.Lead == s.ID {
			s.Shared = true
			if err := s.AgreesWith(o.Spec); err != nil {
				return err
			}
		}
	}
	return nil
}

// leader is the stream as which the records of a stream are encoded: itself, unless it shares another one's table.
func (t *Target) leader(s *stream.Stream) *stream.Stream {
	if s.Lead == nil {
		return s
	}
	return t.streams[*s.Lead]
}
