package protocol

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

// readLines returns all lines that a reader yields and the error after them.
func readLines(in io.Reader, maxLine int) (got []string, err error) {
	l := newLines(in, maxLine)
	defer l.close()
	for {
		line, err := l.next()
		if err != nil {
			return got, err
		}
		got = append(got, string(line))
	}
}

func TestLinesEndWhereTheyShould(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, input string
		want        []string
	}{
		{"nothing", "", nil},
		{"one line", "a\n", []string{"a"}},
		{"the last newline is optional", "a\nb", []string{"a", "b"}},
		{"blank lines are skipped", "\n\na\n \t\n\r\nb\n\n", []string{"a", "b"}},
		{"only blank lines", "\n \n\t", nil},
		{"CRLF", "a\r\nb\r\n", []string{"a", "b"}},
		{"CR at the very end", "a\r", []string{"a"}},
		{"a byte order mark at the start", "\xef\xbb\xbfa\nb\n", []string{"a", "b"}},
		{"only a byte order mark", "\xef\xbb\xbf\n", nil},
		{"a byte order mark elsewhere is content", "a\n\xef\xbb\xbfb\n", []string{"a", "\xef\xbb\xbfb"}},
		{"UTF-8", "é\n\U0001F600\n", []string{"é", "\U0001F600"}},
	}
	wrappers := map[string]func(io.Reader) io.Reader{
		"whole":     func(r io.Reader) io.Reader { return r },
		"one byte":  iotest.OneByteReader,
		"early EOF": iotest.DataErrReader,
	}
	for _, tt := range tests {
		for how, wrap := range wrappers {
			t.Run(tt.name+", "+how, func(t *testing.T) {
				t.Parallel()
				got, err := readLines(wrap(strings.NewReader(tt.input)), 0)
				if err != io.EOF {
					t.Errorf("ended with %v, want io.EOF", err)
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

func TestLinesOfAnyLengthComeWhole(t *testing.T) {
	t.Parallel()
	var want []string
	for _, n := range []int{1, blockSize - 1, 3, blockSize, blockSize + 1, 10, 5*blockSize + 7, 1, 2 * blockSize} {
		want = append(want, strings.Repeat(string(rune('a'+len(want))), n))
	}
	input := strings.Join(want, "\n")
	for _, in := range []io.Reader{strings.NewReader(input), iotest.HalfReader(strings.NewReader(input))} {
		got, err := readLines(in, 0)
		if err != io.EOF {
			t.Errorf("ended with %v, want io.EOF", err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error("lines differ")
		}
	}
}

func TestLinesAreCountedWithTheBlankOnes(t *testing.T) {
	t.Parallel()
	l := newLines(strings.NewReader("a\n\n\nb\n\n"), 0)
	var got []string
	for {
		line, err := l.next()
		if err != nil {
			break
		}
		got = append(got, fmt.Sprintf("%s%d", line, l.number))
	}
	if diff := cmp.Diff([]string{"a1", "b4"}, got); diff != "" {
		t.Error(diff)
	}
	if l.number != 5 {
		t.Errorf("counted %d lines, want 5", l.number)
	}
}

func TestALineBeyondTheLimitEndsTheInput(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{10, 2 * blockSize} {
		tests := map[string]string{
			"with a newline":    strings.Repeat("x", limit+1) + "\nlater\n",
			"without a newline": strings.Repeat("x", limit+3*blockSize),
		}
		for name, long := range tests {
			got, err := readLines(strings.NewReader("ok\n"+strings.Repeat("y", limit)+"\n"+long), limit)
			var bad *LineError
			if !errors.As(err, &bad) || !strings.Contains(bad.Reason, "longer than the limit") {
				t.Errorf("limit %d, %s: error is %v", limit, name, err)
			}
			if len(got) != 2 {
				t.Errorf("limit %d, %s: %d lines before the error, want 2", limit, name, len(got))
			}
		}
	}
}

func TestInvalidUTF8NamesTheLineAndSparesTheOthers(t *testing.T) {
	t.Parallel()
	r := NewSinger(strings.NewReader(`{"type":"STATE","value":1}`+"\n"+
		`{"type":"STATE","value":"é`+"\xff"+`"}`+"\n"+
		`{"type":"STATE","value":3}`+"\n"), 0)
	var got []string
	for {
		m, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			got = append(got, err.Error())
			continue
		}
		got = append(got, string(m.State))
	}
	want := []string{"1", "line 2: not valid UTF-8 (byte 28 of the line); the tap must print UTF-8, and this is another encoding: change its output or locale, " +
		"or convert what it prints (some-tap | iconv -f ISO-8859-1 -t UTF-8, if that is Latin-1); look at line 2 of what it prints (some-tap | sed -n 2p)", "3"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAFailedReadComesAfterTheWholeLinesBeforeIt(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk on fire")
	in := io.MultiReader(strings.NewReader("a\nb\nhalf of"), iotest.ErrReader(broken))
	got, err := readLines(in, 0)
	if !errors.Is(err, broken) {
		t.Errorf("error is %v, want %v", err, broken)
	}
	if diff := cmp.Diff([]string{"a", "b"}, got); diff != "" {
		t.Error(diff)
	}
}

// nothing is an input that neither yields nor ends.
type nothing struct{}

func (nothing) Read([]byte) (int, error) { return 0, nil }

func TestAnInputThatReturnsNothingForEverIsAnError(t *testing.T) {
	t.Parallel()
	if _, err := readLines(nothing{}, 0); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("error is %v, want io.ErrNoProgress", err)
	}
}

// counter counts what has been read from it.
type counter struct {
	in io.Reader
	n  int
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	c.n += n
	return n, err
}

func TestReadingAheadIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		in := &counter{in: &endless{line: []byte(flight + "\n")}}
		l := newLines(in, 0)
		defer l.close()
		if _, err := l.next(); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if in.n > 2*blockSize {
			t.Errorf("%d bytes read ahead, want no more than two blocks", in.n)
		}
		for range 10 * blockSize / len(flight) {
			if _, err := l.next(); err != nil {
				t.Fatal(err)
			}
		}
		if free := len(l.source.free); free > 2 {
			t.Errorf("%d blocks in stock", free)
		}
	})
}

func TestABlockThatGrewIsNotKept(t *testing.T) {
	t.Parallel()
	s := &source{free: make(chan []byte, 2)}
	s.recycle(make([]byte, 0, recycleLimit+1))
	if len(s.free) != 0 {
		t.Error("an outsize block was kept")
	}
	s.recycle(bytes.Repeat([]byte("x"), blockSize))
	if got := s.buffer(10); cap(got) != blockSize || len(got) != 0 {
		t.Errorf("got a block of %d/%d bytes, want the one that was given back", len(got), cap(got))
	}
}

func TestReader_KnowsWhetherALineIsThere(t *testing.T) {
	t.Parallel()
	in, out := io.Pipe()
	r := NewSinger(in, 0)
	defer r.Close()
	two := `{"type": "STATE", "value": 1}` + "\n"
	go func() { _, _ = io.WriteString(out, two+two+`{"type"`) }()
	for i, want := range []bool{true, false} {
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
		if got := r.Buffered(); got != want {
			t.Errorf("after line %d another is there: %t", i+1, got)
		}
	}
}
