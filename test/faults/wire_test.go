//go:build unix

package faults

import (
	"bytes"

	"target-postgres/internal/netfault"
)

// scanner finds the COMMITs in one direction of PostgreSQL's protocol.
type scanner struct {
	netfault.Frames
	// commits is true while the rows of a COPY are sent whose query goes on to a COMMIT.
	commits bool
}

// take reads up to the end of a message, as netfault.Frames.Take does.
func (s *scanner) take(data []byte) (n int, ends bool) {
	n, ends = s.Take(data)
	if ends && s.isQuery() {
		s.commits = s.endsInCommit() && bytes.Contains(s.Body, []byte("FROM STDIN"))
	}
	return n, ends
}

// isQuery says whether the frame that just ended is a query.
func (s *scanner) isQuery() bool { return s.Kind == 'Q' }

// isCommit says whether it is the last that the server waits for before it commits, or its answer.
func (s *scanner) isCommit() bool {
	switch s.Kind {
	case 'Q':
		return s.endsInCommit() && !s.commits
	case 'c': // CopyDone
		return s.commits
	case 'C':
		return s.endsInCommit()
	}
	return false
}

func (s *scanner) endsInCommit() bool { return bytes.HasSuffix(s.Body, []byte("COMMIT\x00")) }
