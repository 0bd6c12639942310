package netfault

import "encoding/binary"

// Frames follows the messages of one direction of PostgreSQL's protocol, however their bytes arrive. The zero value
// begins with a message that has a type, as a server's do.
type Frames struct {
	// Untyped is true when the next message has no type byte: a client's first.
	Untyped bool
	// Kind is the type of the message that was read last, or is being read; 0 for an untyped one.
	Kind byte
	// Body is the content of that message where it is a query or a command's end (Q and C), else empty.
	Body []byte

	header []byte
	left   int
}

// Take reads up to the end of the message that data belongs to. It returns how many bytes that are, and reports whether
// they reach the end.
func (f *Frames) Take(data []byte) (n int, ends bool) {
	size := 5
	if f.Untyped {
		size = 4
	}
	for len(f.header) < size {
		if n == len(data) {
			return n, false
		}
		f.header = append(f.header, data[n])
		if n++; len(f.header) == size {
			f.left = int(binary.BigEndian.Uint32(f.header[size-4:])) - 4
			f.Kind, f.Body = f.header[0], f.Body[:0]
			if f.Untyped {
				f.Kind = 0
			}
		}
	}
	body := data[n:min(len(data), n+f.left)]
	f.left -= len(body)
	if f.Kind == 'Q' || f.Kind == 'C' {
		f.Body = append(f.Body, body...)
	}
	n += len(body)
	if f.left > 0 {
		return n, false
	}
	f.header, f.Untyped = f.header[:0], false
	return n, true
}
