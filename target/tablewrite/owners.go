package tablewrite

import (
	"slices"

	"target-postgres/target/batch"
	"target-postgres/target/revision"
)

// Owner is the stream that brought a row of the write.
func (w *Write) Owner(i int) *revision.Revision {
	if i >= 0 && i < len(w.Batch.Owners) && w.Batch.Owners[i] > 0 {
		return w.Sharers[w.Batch.Owners[i]]
	}
	return w.Stream
}

// Owners are the streams that brought rows of the write.
func (w *Write) Owners() []*revision.Revision {
	owners := []*revision.Revision{w.Stream}
	for i := range w.Batch.Owners {
		if s := w.Owner(i); !slices.ContainsFunc(owners, s.Is) {
			owners = append(owners, s)
		}
	}
	return owners
}

// CountOwners counts the rows of other streams than the write's own, once they are committed.
func (w *Write) CountOwners() {
	for i := range w.Batch.Owners {
		if s := w.Owner(i); !s.Is(w.Stream) {
			s.Stats.LoadedRecords.Add(1)
		}
	}
}

// OwnerAt is the stream that brought the row at a position.
func (w *Write) OwnerAt(at batch.Position) *revision.Revision {
	return w.Owner(slices.Index(w.Batch.RowsAt, at))
}
