package batch

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// shouted is a format that writes rows in capitals, but none that is a secret.
var shouted = &Format{Head: "<", Tail: ">", AppendRow: func(dst, rows []byte) (out, rest []byte, ok bool) {
	row, rest, found := bytes.Cut(rows, []byte{'\n'})
	return append(dst, bytes.ToUpper(row)...), rest, found && !bytes.Contains(row, []byte("secret"))
}}

func TestRowReader_WritesEveryRowInAFormat(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long", 3<<10)
	for _, rows := range [][]string{{}, {"a"}, {"a", "b"}, {long, "a", long, long, "b"}} {
		b := batchOf(rows...)
		b.Chunks = append(b.Chunks, nil)
		want := "<" + strings.ToUpper(strings.Join(rows, "")) + ">"
		for name, through := range map[string]func(io.Reader) io.Reader{
			"whole": func(r io.Reader) io.Reader { return r }, "byte by byte": iotest.OneByteReader, "by halves": iotest.HalfReader,
		} {
			if got, err := io.ReadAll(through(b.Reader(shouted, nil))); err != nil || string(got) != want {
				t.Errorf("%s: %d rows give %d bytes, want %d: %v", name, len(rows), len(got), len(want), err)
			}
		}
		// A buffer as large as that of a connection.
		var got bytes.Buffer
		if _, err := io.CopyBuffer(struct{ io.Writer }{&got}, struct{ io.Reader }{b.Reader(shouted, nil)}, make([]byte, 1<<16)); err != nil || got.String() != want {
			t.Errorf("%d rows give %d bytes, want %d: %v", len(rows), got.Len(), len(want), err)
		}
	}
}

func TestRowReader_EndsAtARowThatAFormatDoesNotWrite(t *testing.T) {
	t.Parallel()
	rows := batchOf("a", "a secret", "b").Reader(shouted, func() error { t.Error("it waits for its turn to end"); return nil })
	if _, err := io.ReadAll(rows); err == nil || !rows.Unwritten.Load() || strings.Contains(err.Error(), "secret") {
		t.Errorf("%v, unwritten: %t", err, rows.Unwritten.Load())
	}
}

func TestRowReader_IsAtItsEndOnceItIsClosed(t *testing.T) {
	t.Parallel()
	rows := batchOf("a", "b").Reader(shouted, nil)
	if _, err := rows.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	rows.Close()
	if n, err := rows.Read(make([]byte, 100)); n > 0 || err != io.EOF {
		t.Errorf("%d bytes, %v", n, err)
	}
}
