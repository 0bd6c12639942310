package protocol

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"unicode/utf8"
)

const (
	// blockSize is what is asked of the input at once, four times what a pipe holds, so that files and sockets are read
	// in few calls too.
	blockSize = 256 << 10
	// recycleLimit keeps the block that one huge line needed from staying for the rest of the run.
	recycleLimit = 4 * blockSize
	// collectLimit is the size from which on a block is collected as soon as a larger one has replaced it.
	collectLimit = 32 << 20
	// maxEmptyReads is how often in a row the input may return nothing.
	maxEmptyReads = 100
)

// errLineTooLong is replaced by a LineError where the line's number is known.
var errLineTooLong = errors.New("line is too long")

// block is a part of the input that ends at a line boundary.
type block struct {
	data  []byte
	valid bool  // data is valid UTF-8
	err   error // why this is the last block; data may then lack its newline
}

// source reads the input in blocks, in a goroutine of its own: it is waiting for the tap while the messages of the
// block before are being worked on. Three blocks exist at a time: one that is consumed, one that is ready, and the
// beginning of the one after it.
type source struct {
	in      io.Reader
	maxLine int
	blocks  chan block    // unbuffered, which is what bounds the blocks to three
	free    chan []byte   // consumed blocks on their way back
	stop    chan struct{} // closed when no more blocks are needed
}

func newSource(in io.Reader, maxLine int) *source {
	s := &source{
		in:      in,
		maxLine: maxLine,
		blocks:  make(chan block),
		free:    make(chan []byte, 2),
		stop:    make(chan struct{}),
	}
	go s.run()
	return s
}

// run fills blocks until the input ends or stop is closed. A block is sent as soon as it has a whole line: a tap that
// waits until its record has arrived must not have to fill a block first.
func (s *source) run() {
	buf := s.buffer(0)
	for empty := 0; ; {
		if len(buf) == cap(buf) {
			if len(buf) > s.maxLine {
				s.send(block{err: errLineTooLong})
				return
			}
			buf = s.grow(buf)
		}
		n, err := s.in.Read(buf[len(buf):cap(buf)])
		old := len(buf)
		buf = buf[:old+n]
		if cut := lastLine(buf, old); cut > 0 {
			rest := append(s.buffer(len(buf)-cut), buf[cut:]...)
			if !s.send(block{data: buf[:cut], valid: utf8.Valid(buf[:cut])}) {
				return
			}
			buf = rest
		}
		if empty++; n > 0 {
			empty = 0
		}
		if err == nil && empty >= maxEmptyReads {
			err = io.ErrNoProgress
		}
		if err != nil {
			s.finish(buf, err)
			return
		}
	}
}

// grow returns a block of twice the size with what is in buf. The pages of it that are never read into cost nothing;
// the smaller block does until it is collected, which for a line of hundreds of megabytes cannot wait until the heap
// has doubled once more.
func (s *source) grow(buf []byte) []byte {
	size := cap(buf)
	buf = append(make([]byte, 0, min(2*size, s.maxLine+blockSize)), buf...)
	if size >= collectLimit {
		runtime.GC()
	}
	return buf
}

// finish sends what stands after the last newline. It is a line if the input ended properly. After a failed read it may
// be incomplete, and is not a line.
func (s *source) finish(buf []byte, err error) {
	if !errors.Is(err, io.EOF) {
		s.send(block{err: err})
		return
	}
	s.send(block{data: buf, valid: utf8.Valid(buf), err: io.EOF})
}

func (s *source) send(b block) bool {
	select {
	case s.blocks <- b:
		return true
	case <-s.stop:
		return false
	}
}

// buffer returns an empty block with room for more than n bytes.
func (s *source) buffer(n int) []byte {
	if n < blockSize {
		select {
		case buf := <-s.free:
			return buf[:0]
		default:
		}
	}
	return make([]byte, 0, max(blockSize, 2*n))
}

// recycle takes back the data of a block.
func (s *source) recycle(data []byte) {
	if cap(data) < blockSize || cap(data) > recycleLimit {
		return
	}
	select {
	case s.free <- data:
	default:
	}
}

// lastLine returns the index just past the last newline in buf, 0 if there is none, given that there is none before
// from. A long line is searched once, forwards, which is the direction that has an assembler implementation.
func lastLine(buf []byte, from int) int {
	if bytes.IndexByte(buf[from:], '\n') < 0 {
		return 0
	}
	return bytes.LastIndexByte(buf, '\n') + 1
}
