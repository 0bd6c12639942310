package stream

import (
	"slices"
)

// ShareRow notes whose the row is that was added last to the lead's batch.
func (s *Stream) ShareRow(owner *Stream) {
	if len(s.Sharers) == 0 {
		s.Sharers = []*Stream{s}
	}
	place := slices.IndexFunc(s.Sharers, func(o *Stream) bool { return o.ID == owner.ID })
	if place < 0 {
		place = len(s.Sharers)
		s.Sharers = append(s.Sharers, owner)
	}
	s.Sharers[place] = owner
	for len(s.Batch.Owners) < len(s.Batch.RowsAt)-1 {
		s.Batch.Owners = append(s.Batch.Owners, 0)
	}
	s.Batch.Owners = append(s.Batch.Owners, int32(place))
}
