package protocol

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"
	"unicode/utf8"

	"target-postgres/internal/jsonscan"
)

// DefaultMaxLine is the limit for the length of a line where none is given, and the highest there can be: PostgreSQL's
// own limit for a field.
const DefaultMaxLine = 1 << 30

// lines cuts the blocks of a source into lines without copying them.
type lines struct {
	source  *source
	maxLine int
	current []byte // the block that rest is part of
	rest    []byte // what has not been returned of it
	valid   bool   // rest is known to be UTF-8
	number  int64  // of the last line returned
	err     error  // what to return when rest is used up

	wake chan struct{} // an interruption that the reader has not seen yet
	once sync.Once
}

func newLines(in io.Reader, maxLine int) *lines {
	if maxLine <= 0 || maxLine > DefaultMaxLine {
		maxLine = DefaultMaxLine
	}
	return &lines{source: newSource(in, maxLine), maxLine: maxLine, wake: make(chan struct{}, 1)}
}

// next returns the next line that is not blank, without its newline. It is valid until the next call.
func (l *lines) next() ([]byte, error) {
	for {
		if len(l.rest) == 0 {
			if err := l.refill(); err != nil {
				return nil, err
			}
			continue
		}
		line := l.rest
		if end := bytes.IndexByte(line, '\n'); end >= 0 {
			line, l.rest = line[:end], line[end+1:]
		} else {
			l.rest = nil
		}
		l.number++
		if l.number == 1 {
			line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
		}
		if len(line) > l.maxLine {
			return nil, l.tooLong()
		}
		if !l.valid && !utf8.Valid(line) {
			at := firstInvalid(line)
			bad := badLine("not valid UTF-8 (byte %d of the line)", at+1)
			bad.noise, bad.line = !bytes.HasPrefix(line, []byte("{")) || !utf8.FullRune(line[at:]), line
			bad.encoding = !bad.noise
			return nil, bad
		}
		if n := len(line); n > 0 && line[n-1] == '\r' {
			line = line[:n-1]
		}
		if jsonscan.Space(line, 0) < len(line) {
			return line, nil
		}
	}
}

// buffered reports whether a whole line, blank or not, is there.
func (l *lines) buffered() bool { return bytes.IndexByte(l.rest, '\n') >= 0 }

// refill gets the next block. Input that is there goes before an interruption,
// so that a busy tap is not interrupted by accident.
func (l *lines) refill() error {
	if l.err != nil {
		return l.err
	}
	if l.current != nil {
		l.source.recycle(l.current)
		l.current = nil
	}
	select {
	case b := <-l.source.blocks:
		return l.take(b)
	default:
	}
	select {
	case b := <-l.source.blocks:
		return l.take(b)
	case <-l.wake:
		return ErrInterrupted
	case <-l.source.stop:
		return ErrClosed
	}
}

func (l *lines) take(b block) error {
	l.current, l.rest, l.valid = b.data, b.data, b.valid
	switch {
	case b.err == nil:
	case errors.Is(b.err, io.EOF):
		l.err = io.EOF
	case errors.Is(b.err, errLineTooLong):
		l.number++
		l.err = l.tooLong()
		return l.err
	default:
		l.err = fmt.Errorf("read input: %w", b.err)
	}
	return nil
}

func (l *lines) tooLong() *LineError {
	return badLine("longer than the limit of %d bytes", l.maxLine)
}

// interrupt makes a next that waits, or the next one that would have to, return ErrInterrupted. Interruptions do not
// add up.
func (l *lines) interrupt() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

func (l *lines) close() {
	l.once.Do(func() { close(l.source.stop) })
}

// firstInvalid returns the index of the first byte that is not UTF-8.
func firstInvalid(line []byte) int {
	at := 0
	for at < len(line) {
		r, n := utf8.DecodeRune(line[at:])
		if r == utf8.RuneError && n == 1 {
			break
		}
		at += n
	}
	return at
}
