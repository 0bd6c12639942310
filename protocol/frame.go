package protocol

import "bytes"

// frame is the text around the record of a line, and its meaning. Usually the lines of a stream differ in their record
// only, so that the rest need not be parsed again: equal bytes mean the same.
type frame struct {
	before, after []byte         // up to the record's brace, and from its end on
	opening       singerEnvelope // what is known before the record
	whole         singerEnvelope // what is known after it, the record aside
	misses        int            // how often in a row after was another
}

const (
	// maxFrame bounds what is remembered.
	maxFrame = 1 << 10
	// maxMisses is when after is given up: a tap that writes the time with every record will go on doing so.
	maxMisses = 8
)

// opens reports whether the line begins as the last one did.
func (f *frame) opens(line []byte) bool {
	return len(f.before) > 0 && bytes.HasPrefix(line, f.before)
}

// closes reports whether the rest of the line is that of the last one.
func (f *frame) closes(rest []byte) bool {
	same := len(f.after) > 0 && bytes.Equal(rest, f.after)
	if same {
		f.misses = 0
	}
	return same
}

// open remembers how a line begins.
func (f *frame) open(before []byte, e *singerEnvelope) {
	if len(before) > maxFrame {
		return
	}
	f.before, f.after, f.misses = append(f.before[:0], before...), f.after[:0], 0
	f.opening.copy(e)
}

// close remembers how a line that begins so ends.
func (f *frame) close(after []byte, e *singerEnvelope) {
	if f.misses++; len(after) > maxFrame || f.misses > maxMisses {
		return
	}
	f.after = append(f.after[:0], after...)
	f.whole.copy(e)
}

// copy makes e's own what other says, the record aside.
func (e *singerEnvelope) copy(other *singerEnvelope) {
	e.kind, e.stream = again(e.kind, other.kind), again(e.stream, other.stream)
	e.extracted, e.version = again(e.extracted, other.extracted), again(e.version, other.version)
}

// again returns a copy of b, in the memory of old, and nil of nil only.
func again(old, b []byte) []byte {
	switch {
	case b == nil:
		return nil
	case old == nil:
		old = []byte{}
	}
	return append(old[:0], b...)
}
