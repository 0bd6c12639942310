package protocol

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// written returns what a function writes, and fails if it is not one line in one write.
func written(t *testing.T, write func(w *Writer) error) string {
	t.Helper()
	var out writes
	if err := write(NewWriter(&out)); err != nil {
		t.Fatal(err)
	}
	if len(out) != 1 || strings.Count(out[0], "\n") != 1 || !strings.HasSuffix(out[0], "\n") {
		t.Fatalf("got the writes %q, want one of one line", []string(out))
	}
	return strings.TrimSuffix(out[0], "\n")
}

// writes keeps every write.
type writes []string

func (w *writes) Write(p []byte) (int, error) {
	*w = append(*w, string(p))
	return len(p), nil
}

func TestSingerStateIsTheBareValue(t *testing.T) {
	t.Parallel()
	m, err := singerLine(t, `{"type": "STATE", "value": {"a": "<b> é \u00e9"}}`)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := written(t, func(w *Writer) error { return w.SingerState(m.State) }), `{"a": "<b> é \u00e9"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAirbyteStateGainsItsStatsAndNothingElse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, raw       string
		count, rejected int64
		want            string
	}{
		{
			"added at the end", `{"type":"STATE", "state":{"type":"STREAM","id":7 }, "x":1e400}`, 5, 0,
			`{"type":"STATE", "state":{"type":"STREAM","id":7 ,"destinationStats":{"recordCount":5.0}}, "x":1e400}`,
		},
		{
			"with rejected records", `{"state":{"a":"}"},"type":"STATE"}`, 12, 3,
			`{"state":{"a":"}","destinationStats":{"recordCount":12.0,"rejectedRecordCount":3.0}},"type":"STATE"}`,
		},
		{
			"in place of null", `{"state":{"destinationStats":null,"global_":{}}}`, 0, 0,
			`{"state":{"destinationStats":{"recordCount":0.0},"global_":{}}}`,
		},
		{
			"in place of older ones", `{"state":{"destinationStats" : {"recordCount":1.0,"x":{}} , "sourceStats":{"recordCount":2.0}}}`, 2, 0,
			`{"state":{"destinationStats" : {"recordCount":2.0} , "sourceStats":{"recordCount":2.0}}}`,
		},
		{
			"in an empty state", `{"state":{ }}`, 1, 0,
			`{"state":{ "destinationStats":{"recordCount":1.0}}}`,
		},
		{
			"only at the state's own level", `{"destinationStats":1,"state":{"data":{"destinationStats":2}},"log":{"state":{}}}`, 1, 0,
			`{"destinationStats":1,"state":{"data":{"destinationStats":2},"destinationStats":{"recordCount":1.0}},"log":{"state":{}}}`,
		},
		{
			"in the last state of two", `{"state":{"a":1},"state":{"b":2}}`, 1, 0,
			`{"state":{"a":1},"state":{"b":2,"destinationStats":{"recordCount":1.0}}}`,
		},
		{
			"under an escaped name", `{"st\u0061te":{"destination\u0053tats":0}}`, 1, 0,
			`{"st\u0061te":{"destination\u0053tats":{"recordCount":1.0}}}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := written(t, func(w *Writer) error { return w.AirbyteState([]byte(tt.raw), tt.count, tt.rejected) })
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			if !json.Valid([]byte(got)) {
				t.Error("not valid JSON")
			}
		})
	}
}

func TestAStateThatIsNoneIsNotWritten(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{``, `{}`, `{"state":null}`, `{"state":{}`, `{"state":{"a":}}`, `{"state":{}} x`, `[]`} {
		var out bytes.Buffer
		if err := NewWriter(&out).AirbyteState([]byte(raw), 1, 0); err == nil || out.Len() > 0 {
			t.Errorf("%s: wrote %q, error %v", raw, out.String(), err)
		}
	}
}

func TestMessagesHaveTheirExactForm(t *testing.T) {
	t.Parallel()
	at := time.UnixMilli(1795411355123)
	tests := []struct {
		name  string
		write func(w *Writer) error
		want  string
	}{
		{
			"SPEC on one line", func(w *Writer) error {
				return w.Spec(Spec{DocumentationURL: "https://x/?a=1&b=2", ConnectionSpecification: []byte("{\n  \"type\": \"object\",\n  \"z\": [1.0],\n  \"a\": \"<\\u00e9>\"\n}\n")})
			},
			`{"type":"SPEC","spec":{"protocol_version":"0.2.0","documentationUrl":"https://x/?a=1&b=2","supportsIncremental":true,"supportsNormalization":false,"supportsDBT":false,` +
				`"supported_destination_sync_modes":["overwrite","append","append_dedup"],"connectionSpecification":{"type":"object","z":[1.0],"a":"<\u00e9>"}}}`,
		},
		{
			"a check that succeeded", func(w *Writer) error { return w.ConnectionStatus(true, "") },
			`{"type":"CONNECTION_STATUS","connectionStatus":{"status":"SUCCEEDED"}}`,
		},
		{
			"a check that failed", func(w *Writer) error { return w.ConnectionStatus(false, "no \"route\"\nto <host>") },
			`{"type":"CONNECTION_STATUS","connectionStatus":{"status":"FAILED","message":"no \"route\"\nto <host>"}}`,
		},
		{
			"TRACE with its type first", func(w *Writer) error {
				return w.Trace(Failure{Type: ConfigError, Message: "no key", Internal: "stream users", Stream: Stream{"n", "users"}, At: at})
			},
			`{"type":"TRACE","trace":{"type":"ERROR","emitted_at":1795411355123.0,"error":{"message":"no key","internal_message":"stream users","failure_type":"config_error","stream_descriptor":{"name":"users","namespace":"n"}}}}`,
		},
		{
			"TRACE with little to say", func(w *Writer) error { return w.Trace(Failure{Message: "m", At: at.Add(500 * time.Microsecond)}) },
			`{"type":"TRACE","trace":{"type":"ERROR","emitted_at":1795411355123.5,"error":{"message":"m","internal_message":"m","failure_type":"system_error"}}}`,
		},
		{
			"LOG", func(w *Writer) error { return w.Log("WARN", "two\nlines") },
			`{"type":"LOG","log":{"level":"WARN","message":"two\nlines"}}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, written(t, tt.write)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhateverIsLoggedIsValidJSON(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"\x00\x01\x1f\x7f", "\xff\xfe broken", "\u2028\u2029", "\U0001F600", `\ud800`, strings.Repeat("é\"", 5000)} {
		got := written(t, func(w *Writer) error { return w.Log("INFO", text) })
		var m struct{ Log struct{ Message string } }
		if err := json.Unmarshal([]byte(got), &m); err != nil {
			t.Errorf("%q makes %q: %v", text, got, err)
		}
		if want := strings.ToValidUTF8(text, "\ufffd"); strings.ToValidUTF8(m.Log.Message, "\ufffd") != want && !strings.Contains(text, "\xff") {
			t.Errorf("%q came back as %q", text, m.Log.Message)
		}
	}
}

func TestASpecificationThatIsNoJSONIsNotWritten(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := NewWriter(&out).Spec(Spec{ConnectionSpecification: []byte(`{"a":`)}); err == nil || out.Len() > 0 {
		t.Errorf("wrote %q, error %v", out.String(), err)
	}
}

func TestATraceWithoutATimeIsOfNow(t *testing.T) {
	t.Parallel()
	before := float64(time.Now().UnixMilli())
	var m struct {
		Trace struct {
			EmittedAt float64 `json:"emitted_at"`
		}
	}
	if err := json.Unmarshal([]byte(written(t, func(w *Writer) error { return w.Trace(Failure{Message: "m"}) })), &m); err != nil {
		t.Fatal(err)
	}
	if after := float64(time.Now().UnixMilli() + 1); m.Trace.EmittedAt < before || m.Trace.EmittedAt > after {
		t.Errorf("emitted at %f, want between %f and %f", m.Trace.EmittedAt, before, after)
	}
}

// closing fails after a number of writes, as a pipe does that nobody reads.
type closing struct{ left, writes int }

var errPipe = errors.New("broken pipe")

func (c *closing) Write(p []byte) (int, error) {
	c.writes++
	if c.left--; c.left < 0 {
		return 0, errPipe
	}
	return len(p), nil
}

func TestTheFirstFailedWriteIsRemembered(t *testing.T) {
	t.Parallel()
	out := &closing{left: 1}
	w := NewWriter(out)
	if err := w.SingerState([]byte("1")); err != nil || w.Err() != nil {
		t.Errorf("the write that works: %v, %v", err, w.Err())
	}
	calls := []func() error{
		func() error { return w.SingerState([]byte("2")) },
		func() error { return w.AirbyteState([]byte(`{"state":{}}`), 1, 0) },
		func() error { return w.Log("INFO", "x") },
		w.Err,
	}
	for i, call := range calls {
		if err := call(); !errors.Is(err, errPipe) {
			t.Errorf("call %d returns %v, want %v", i, err, errPipe)
		}
	}
	if out.writes != 2 {
		t.Errorf("%d writes, want none after the one that failed", out.writes)
	}
}

func TestConcurrentMessagesDoNotMix(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := NewWriter(&out)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 100 {
				_ = w.SingerState([]byte(`{"a":1}`))
				_ = w.Log("INFO", "hello")
				_ = w.AirbyteState([]byte(`{"state":{}}`), 1, 0)
			}
		})
	}
	group.Wait()
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2400 {
		t.Errorf("%d lines, want 2400", len(lines))
	}
	for _, line := range lines {
		if !json.Valid([]byte(line)) {
			t.Fatalf("mixed up: %s", line)
		}
	}
}
