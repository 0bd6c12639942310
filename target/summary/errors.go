package summary

import (
	"cmp"
	"fmt"
	"strings"

	"target-postgres/target/pipeline"
)

// StoppedError is a run that a signal ended in good order, although not all that it had read could be committed.
type StoppedError struct{ Text string }

// Error says what is committed and what is not.
func (e *StoppedError) Error() string { return "stopped by a signal: " + e.Text }

// Is reports that it is a [pipeline.ErrStopped].
func (e *StoppedError) Is(err error) bool { return err == pipeline.ErrStopped }

// StreamsError is the outcome of a run in which streams failed while the others were loaded to their end.
type StreamsError struct {
	// Failed says why each of them failed.
	Failed []error
	// End is what ended the run before the end of its input, nil if nothing did.
	End error
	// Others says what became of the other streams, "" if there was none.
	Others string
}

// Error names every stream that failed, and why. The error that ended the run comes first: it is no failure of a
// stream.
func (s *StreamsError) Error() string {
	reasons := make([]string, len(s.Failed))
	for i, err := range s.Failed {
		reasons[i] = err.Error()
	}
	text := strings.Join(reasons, "; ") + s.Others
	switch {
	case len(s.Failed) > 1:
		text = fmt.Sprintf("%d streams failed: %s", len(s.Failed), text)
	case s.End != nil:
		text = "1 stream failed: " + text
	}
	if s.End != nil {
		text = s.End.Error() + "; " + text
	}
	return text
}

// Unwrap returns what ended the run, or the first failure.
func (s *StreamsError) Unwrap() error { return cmp.Or(s.End, s.Failed[0]) }
