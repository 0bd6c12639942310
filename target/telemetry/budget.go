package telemetry

import "sync/atomic"

// A run may take hours and commit thousands of times. The first spans are kept, and beyond that some of what failed:
// the queue of the SDK holds them all, and so does a page that shows a trace.
const (
	mostSpans  = 1000
	mostFailed = 100
)

// budget bounds the spans of a run. The zero value is a full one.
type budget struct{ kept, failed, dropped atomic.Int64 }

// take reports whether so many spans may be made, and counts them either way. They are all about one thing, of which
// all is shown or nothing.
func (b *budget) take(n int64, failed bool) bool {
	if fits(&b.kept, n, mostSpans) || failed && fits(&b.failed, n, mostFailed) {
		return true
	}
	b.dropped.Add(n)
	return false
}

// fits adds to a counter unless it would come to more than most.
func fits(counter *atomic.Int64, n, most int64) bool {
	for {
		before := counter.Load()
		if before+n > most {
			return false
		}
		if counter.CompareAndSwap(before, before+n) {
			return true
		}
	}
}
