package target

import (
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

// Progress says how far the run is, from any goroutine.
func (t *Target) Progress() Progress {
	p := Progress{Rows: t.metrics.rows.Load(), Stream: t.registry.Current()}
	if at := t.committer.Emitted.Load(); at != 0 {
		p.LastState = time.Unix(0, at)
	}
	return p
}
