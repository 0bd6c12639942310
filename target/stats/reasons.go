package stats

import (
	"cmp"
	"slices"
	"sync"

	"target-postgres/target/failure"
)

// mostReasons is how many different reasons for rejecting records a summary tells of one stream, which bounds its
// memory.
const mostReasons = 20

// RejectSummary is a reason for which records of a stream were rejected.
type RejectSummary struct {
	Stream string `json:"stream"`
	// Column is empty where none is to blame.
	Column string `json:"column,omitempty"`
	// Reason holds no value of a record. It is empty for all reasons beyond the first 20 of a stream.
	Reason string `json:"reason"`
	// Count is how many records were rejected for it, FirstLine the line of input that the first of them has; 0 if
	// unknown.
	Count     int64 `json:"count"`
	FirstLine int64 `json:"first_line"`
}

// reasons counts why records of a stream were rejected. Any goroutine may use it.
type reasons struct {
	mu   sync.Mutex
	seen []RejectSummary
}

// Add counts a record that is rejected for good.
func (r *reasons) Add(reason *failure.Error) {
	one := RejectSummary{Column: reason.Column, Reason: reason.Why(), FirstLine: reason.Line}
	r.mu.Lock()
	defer r.mu.Unlock()
	same := func(s RejectSummary) bool { return s.Column == one.Column && s.Reason == one.Reason }
	at := slices.IndexFunc(r.seen, same)
	if at < 0 && len(r.seen) >= mostReasons {
		one.Column, one.Reason = "", ""
		at = slices.IndexFunc(r.seen, same)
	}
	if at < 0 {
		at, r.seen = len(r.seen), append(r.seen, one)
	}
	r.seen[at].Count++
	if line := reason.Line; line > 0 && (r.seen[at].FirstLine == 0 || line < r.seen[at].FirstLine) {
		r.seen[at].FirstLine = line
	}
}

// Of lists the reasons of a stream, the most frequent first.
func (r *reasons) Of(stream string) []RejectSummary {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := slices.Clone(r.seen)
	for i := range list {
		list[i].Stream = stream
	}
	slices.SortStableFunc(list, func(a, b RejectSummary) int { return cmp.Compare(b.Count, a.Count) })
	return list
}
