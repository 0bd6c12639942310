package target

import (
	"sync/atomic"
	"time"
)

// Progress is how far a run is.
type Progress struct {
	// Rows counts the records read.
	Rows int64
	// Stream is the one whose record came last, "" before the first.
	Stream string
	// LastState is when a STATE left last, the zero time before that.
	LastState time.Time
}

// live is what [Target.Progress] looks at while others write it.
type live struct {
	rows   atomic.Int64
	stream atomic.Pointer[string]
}

// Progress says how far the run is, from any goroutine.
func (t *Target) Progress() Progress {
	p := Progress{Rows: t.live.rows.Load()}
	if name := t.live.stream.Load(); name != nil {
		p.Stream = *name
	}
	if at := t.committer.Emitted.Load(); at != 0 {
		p.LastState = time.Unix(0, at)
	}
	return p
}
