//go:build unix

package faults

import (
	"bytes"
	"encoding/binary"
)

// scanner follows the frames of one direction of PostgreSQL's protocol.
type scanner struct {
	// untyped is true where a frame without a type byte comes: the client's first.
	untyped bool
	header  []byte
	left    int
	kind    byte
	// body is that of a query, or of the answer to one.
	body []byte
	// commits is true while the rows of a COPY are sent whose query goes on to a COMMIT.
	commits bool
}

// take follows data up to the end of the frame that it belongs to. It returns how many bytes that are, and whether they
// reach the end.
func (s *scanner) take(data []byte) (n int, ends bool) {
	size := 5
	if s.untyped {
		size = 4
	}
	for len(s.header) < size {
		if n == len(data) {
			return n, false
		}
		s.header = append(s.header, data[n])
		if n++; len(s.header) == size {
			s.left = int(binary.BigEndian.Uint32(s.header[size-4:])) - 4
			s.kind, s.body = s.header[0], s.body[:0]
			if s.untyped {
				s.kind = 0
			}
		}
	}
	body := data[n:min(len(data), n+s.left)]
	s.left -= len(body)
	if s.kind == 'Q' || s.kind == 'C' {
		s.body = append(s.body, body...)
	}
	n += len(body)
	if s.left > 0 {
		return n, false
	}
	s.header, s.untyped = s.header[:0], false
	if s.isQuery() {
		s.commits = s.endsInCommit() && bytes.Contains(s.body, []byte("FROM STDIN"))
	}
	return n, true
}

// isQuery says whether the frame that just ended is a query.
func (s *scanner) isQuery() bool { return s.kind == 'Q' }

// isCommit says whether it is the last that the server waits for before it commits, or its answer.
func (s *scanner) isCommit() bool {
	switch s.kind {
	case 'Q':
		return s.endsInCommit() && !s.commits
	case 'c': // CopyDone
		return s.commits
	case 'C':
		return s.endsInCommit()
	}
	return false
}

func (s *scanner) endsInCommit() bool { return bytes.HasSuffix(s.body, []byte("COMMIT\x00")) }
