package protocol

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// alone is what a line means without any before it, in words.
func alone(line string) string {
	r := NewSinger(strings.NewReader(line), 0)
	defer r.Close()
	return said(r.Next())
}

func said(m *Message, err error) string {
	if err != nil {
		text := err.Error()
		if bad, ok := errors.AsType[*LineError](err); ok {
			text = fmt.Sprintf("%v %s %s", bad.Stream, bad.Reason, strings.ReplaceAll(bad.Hint, fmt.Sprint(bad.Line), "N"))
		}
		return "error: " + text
	}
	return fmt.Sprintf("%d %v %q %q %d %t", m.Kind, m.Stream, m.Record, m.Extracted, m.Version, m.HasVersion)
}

func expectAlone(t *testing.T, lines []string) {
	t.Helper()
	r := NewSinger(strings.NewReader(strings.Join(lines, "\n")), 0)
	defer r.Close()
	for i, line := range lines {
		if got, want := said(r.Next()), alone(line); got != want {
			t.Fatalf("after %q the line %q is\n%s, alone it is\n%s", lines[:i], line, got, want)
		}
	}
}

func TestALineMeansTheSameWhateverCameBefore(t *testing.T) {
	t.Parallel()
	heads := []string{
		`{"type":"RECORD","stream":"s","record":`, `{"type":"RECORD","stream":"other","record":`, `{"stream":"s","record":`, `{"record":`,
		`{"type":"RECORD","stream":"","record":`, `{"type":"RECORD","stream":"s","version":1,"record":`, `{"type":"STATE","stream":"s","record":`,
		`{"type":"RECORD","stream":"s","time_extracted":"before","record":`, `{"type":"RECORD","str\u0065am":"\u0073\n","record":`,
		`{"type":1,"stream":"s","record":`, `{"type":"RECORD","stream":"s","x":"{\"record\":","record":`, `{"type":"RECORD","stream":"s", "record": `,
		`{"type":"RECORD","stream":"s","long":"` + strings.Repeat("x", maxFrame) + `","record":`,
	}
	records := []string{`{}`, `{"a":1}`, `{"a":{"b":"}"}}`, `{"a":"\"}"}`, `{"a":"}"}`, `null`, `[{}]`, `{"a":`, `{"a":1]`, `{`, ``}
	tails := []string{
		`}`, `} `, `,"time_extracted":"t"}`, `,"time_extracted":"u"}`, `,"time_extracted":null}`, `,"version":2}`, `,"version":"x"}`,
		`,"type":"RECORD","stream":"t"}`, `,"record":{"second":1}}`, `,"record":null}`, `,"type":"RECORD"}`, ``, `,`, `}}`, `,"time_extracted":"\u0074"}`,
		`,"stream":""}`, `,"x":"` + strings.Repeat("x", maxFrame) + `"}`,
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		var lines []string
		head, tail := heads[random.IntN(len(heads))], tails[random.IntN(len(tails))]
		for range 2 + random.IntN(3*maxMisses) {
			if random.IntN(8) == 0 {
				head = heads[random.IntN(len(heads))]
			}
			if random.IntN(3) == 0 {
				tail = tails[random.IntN(len(tails))]
			}
			lines = append(lines, head+records[random.IntN(len(records))]+tail)
		}
		expectAlone(t, lines)
	}
}

// FuzzFrame checks the same of any lines.
func FuzzFrame(f *testing.F) {
	seed(f)
	f.Add([]byte(flight + "\n" + strings.Replace(flight, "2026", "2027", 1)))
	f.Fuzz(func(t *testing.T, input []byte) {
		input = bytes.ReplaceAll(input, []byte("\xef\xbb\xbf"), nil) // which the first line may begin with
		var lines []string
		for line := range strings.SplitSeq(string(input), "\n") {
			if strings.TrimSpace(line) != "" {
				lines = append(lines, line, line)
			}
		}
		expectAlone(t, lines)
	})
}
