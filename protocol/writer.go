package protocol

import (
	"io"
	"sync"
)

// Writer emits messages on stdout, each as one line in one write that nothing buffers. It is safe for concurrent use.
// The first write that fails, for example to a closed pipe, is remembered: all later calls return its error and write
// nothing.
type Writer struct {
	mu  sync.Mutex
	out io.Writer
	buf []byte
	err error
}

// NewWriter returns a Writer to out.
func NewWriter(out io.Writer) *Writer { return &Writer{out: out} }

// SingerState emits the bare value of a STATE message, as Meltano expects it, and scripts that write it to a file.
func (w *Writer) SingerState(value []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.line(func(buf []byte) ([]byte, error) { return append(buf, value...), nil })
}

// AirbyteState emits an Airbyte STATE message, the line raw as it came, with destinationStats put into its state:
// recordCount is how many records of the state's stream (of all streams for GLOBAL and LEGACY) were committed since the
// state before it, rejected how many of them were not loaded. All other bytes stay as they are: the platform compares
// its own id, and PyAirbyte has keys that no schema knows.
func (w *Writer) AirbyteState(raw []byte, recordCount, rejected int64) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.line(func(buf []byte) ([]byte, error) { return appendState(buf, raw, recordCount, rejected) })
}

// Err returns the error of the first write that failed, nil if none did.
func (w *Writer) Err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// line emits what the function appends, and a newline. The caller holds mu.
func (w *Writer) line(appendTo func(buf []byte) ([]byte, error)) error {
	if w.err != nil {
		return w.err
	}
	buf, err := appendTo(w.buf[:0])
	if err != nil {
		return err
	}
	buf = append(buf, '\n')
	w.buf = buf
	_, w.err = w.out.Write(w.buf)
	return w.err
}
