//go:build unix

package faults

import "encoding/binary"

// scanner follows the frames of one direction of PostgreSQL's protocol.
type scanner struct {
	// untyped is true where a frame without a type byte comes: the client's first.
	untyped bool
	header  []byte
	left    int
	kind    byte
	// tail holds the end of the frame's body.
	tail []byte
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
			s.kind, s.tail = s.header[0], s.tail[:0]
			if s.untyped {
				s.kind = 0
			}
		}
	}
	body := data[n:min(len(data), n+s.left)]
	s.left -= len(body)
	s.tail = append(s.tail, body[max(0, len(body)-tailSize):]...)
	s.tail = s.tail[max(0, len(s.tail)-tailSize):]
	n += len(body)
	if s.left > 0 {
		return n, false
	}
	s.header, s.untyped = s.header[:0], false
	return n, true
}

const (
	commit   = "COMMIT\x00"
	tailSize = len(commit)
)

// isQuery says whether the frame that just ended is a query.
func (s *scanner) isQuery() bool { return s.kind == 'Q' }

// isCommit says whether it is a query that ends with COMMIT, or the server's answer to one.
func (s *scanner) isCommit() bool {
	return (s.kind == 'Q' || s.kind == 'C') && string(s.tail) == commit
}
