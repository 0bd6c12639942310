package tablewrite

import (
	"slices"

	"target-postgres/target/batch"
	"target-postgres/target/stream"
)

// Owner is the stream that brought a row of the load.
func (l *Write) Owner(i int) *stream.Revision {
	if i >= 0 && i < len(l.Batch.Owners) && l.Batch.Owners[i] > 0 {
		return l.Sharers[l.Batch.Owners[i]]
	}
	return l.Stream
}

// Owners are the streams that brought rows of the load.
func (l *Write) Owners() []*stream.Revision {
	owners := []*stream.Revision{l.Stream}
	for i := range l.Batch.Owners {
		if s := l.Owner(i); !slices.ContainsFunc(owners, s.Is) {
			owners = append(owners, s)
		}
	}
	return owners
}

// CountOwners counts the rows of other streams than the load's own, once they are committed.
func (l *Write) CountOwners() {
	for i := range l.Batch.Owners {
		if s := l.Owner(i); !s.Is(l.Stream) {
			s.Stats.LoadedRecords.Add(1)
		}
	}
}

// OwnerAt is the stream that brought the row at a position.
func (l *Write) OwnerAt(at batch.Position) *stream.Revision {
	return l.Owner(slices.Index(l.Batch.RowsAt, at))
}
