package protocol

import (
	"errors"
	"io"
)

// Reader reads messages from the input. Its methods other than Interrupt and Close belong to one goroutine.
type Reader struct {
	lines   *lines
	decode  func(line []byte) (ok bool, err *LineError)
	pending []Message // the schemas of an Airbyte catalog, before any line
	message Message
	// fromSource says that the messages are Airbyte's.
	fromSource bool
	object     object // its scratch lives as long as message
	frame      frame
	last       Stream // the stream of the last message, which is likely the next one's
	streams    map[Stream]Stream
	envelope   struct {
		singer  singerEnvelope
		airbyte airbyteEnvelope
	}
}

// NewSinger returns a Reader of Singer messages. Lines longer than maxLine bytes are errors; 0 means DefaultMaxLine,
// which is also the most. It starts to read at once, in a goroutine that ends with the input or, once its current Read
// returns, with Close.
func NewSinger(in io.Reader, maxLine int) *Reader {
	r := &Reader{lines: newLines(in, maxLine), streams: map[Stream]Stream{}}
	r.decode = r.singer
	return r
}

// NewAirbyte returns a Reader of Airbyte messages, which first returns one KindSchema for every stream of the catalog,
// in its order and with Line 0, and then the messages of the input that concern a destination: RECORD, STATE and TRACE
// STREAM_STATUS. All others are skipped, as the protocol asks. maxLine and the end of the reading goroutine are as for
// NewSinger.
func NewAirbyte(in io.Reader, catalog *Catalog, maxLine int) *Reader {
	r := &Reader{lines: newLines(in, maxLine), streams: map[Stream]Stream{}}
	r.decode, r.fromSource = r.airbyte, true
	for i := range catalog.Streams {
		configured := &catalog.Streams[i]
		r.pending = append(r.pending, Message{Kind: KindSchema, Stream: configured.Stream, Schema: &configured.Schema})
	}
	return r
}

// Catalogued reports whether a catalog says which streams there are, so that no message describes another one.
func (r *Reader) Catalogued() bool { return r.fromSource }

// Next returns the next message. It is io.EOF at the end of the input, ErrInterrupted after Interrupt, ErrClosed after
// Close, a *LineError for a line that is no message, and otherwise what reading the input returned. Blank lines are
// skipped. After a LineError the next call goes on with the line after it, unless the line was too long.
func (r *Reader) Next() (*Message, error) {
	if len(r.pending) > 0 {
		r.message, r.pending = r.pending[0], r.pending[1:]
		return &r.message, nil
	}
	for {
		line, err := r.lines.next()
		if err != nil {
			if bad, ok := errors.AsType[*LineError](err); ok {
				bad.Line = r.lines.number
				r.explain(bad, bad.line)
				bad.line = nil
			}
			return nil, err
		}
		r.message = Message{Line: r.lines.number}
		r.object.scratch = r.object.scratch[:0]
		ok, bad := r.decode(line)
		if bad != nil {
			bad.Line = r.lines.number
			r.explain(bad, line)
			return nil, bad
		}
		if ok {
			return &r.message, nil
		}
	}
}

// Buffered reports whether Next has a line to go on with, which may be no message, and need not wait for input.
func (r *Reader) Buffered() bool { return len(r.pending) > 0 || r.lines.buffered() }

// Interrupt makes a Next that waits for input return ErrInterrupted, or else the next one that would have to wait. It
// loses nothing, an incomplete line that was read already included. It may be called from any goroutine, such as a
// timer's or a signal handler's; several calls before a Next notices count as one.
func (r *Reader) Interrupt() { r.lines.interrupt() }

// Lines returns how many lines have been read, blank ones included.
func (r *Reader) Lines() int64 { return r.lines.number }

// Close lets the reading goroutine end and makes a Next that waits return ErrClosed. It does not close the input. It
// may be called from any goroutine and more than once.
func (r *Reader) Close() { r.lines.close() }

// stream returns the Stream of the given names without allocating for one that has been seen before.
func (r *Reader) stream(namespace, name []byte) Stream {
	if string(name) == r.last.Name && string(namespace) == r.last.Namespace {
		return r.last
	}
	s, ok := r.streams[Stream{Namespace: string(namespace), Name: string(name)}]
	if !ok {
		s = Stream{Namespace: string(namespace), Name: string(name)}
		r.streams[s] = s
	}
	r.last = s
	return s
}
