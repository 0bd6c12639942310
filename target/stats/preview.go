package stats

import "sync/atomic"

// Preview lets counts be made ahead of what they count, for a caller that writes them down before a COMMIT. The
// function that it returns takes them back. It is for a time when nothing else counts.
func (c *Counters) Preview() (restore func()) {
	counts := []*atomic.Int64{
		&c.Rejected, &c.Inserted, &c.Updated, &c.Deleted, &c.Ignored, &c.LoadedRecords, &c.Unswapped, &c.Staged, &c.Copied, &c.removed, &c.Busy, &c.Batches, &c.Ended,
	}
	before := make([]int64, len(counts))
	for i, count := range counts {
		before[i] = count.Load()
	}
	merged := c.Merged.Load()
	return func() {
		for i, count := range counts {
			count.Store(before[i])
		}
		c.Merged.Store(merged)
	}
}
