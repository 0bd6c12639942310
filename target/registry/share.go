package registry

import (
	"fmt"

	"target-postgres/target/failure"
	"target-postgres/target/stream"
)

// claim makes a table the stream's. It refuses one that another stream has, unless both are meant to share it.
func (r *Registry) claim(s *stream.Stream) error {
	if err := r.notReserved(s); err != nil {
		return err
	}
	own := s.OwnTable()
	given := s.Config.Table != ""
	other, taken := r.claims[own]
	if taken && r.Failed(other.ID) && given && other.Given {
		taken = false
	}
	switch {
	case taken && other.ID != s.ID && given && other.Given:
		lead := r.streams[other.ID]
		if err := agreesWith(s.Spec, lead.Spec); err != nil {
			return err
		}
		s.Lead, lead.Shared = &other.ID, true
		return nil
	case taken && other.ID != s.ID:
		return &failure.Error{
			Blame: failure.Configuration, Stream: s.Name,
			Reason: fmt.Sprintf("streams %q and %q would both be loaded into %s", other.ID, s.ID, own.SQL()),
			Hint:   "give one of them another table, for example with " + s.Setting("table", `"…"`),
		}
	}
	r.claims[own] = claim{ID: s.ID, Given: given}
	for _, o := range r.order {
		if o.Lead != nil && *o.Lead == s.ID {
			s.Shared = true
			if err := agreesWith(s.Spec, o.Spec); err != nil {
				return err
			}
		}
	}
	return nil
}

// Leader is the stream as which the records of a stream are encoded: itself, unless it shares another one's table.
func (r *Registry) Leader(s *stream.Stream) *stream.Stream {
	if s.Lead == nil {
		return s
	}
	return r.streams[*s.Lead]
}
