package protocol

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func seed(f *testing.F) {
	f.Helper()
	for _, line := range []string{
		flight, airbyteFlight,
		`{"type":"RECORD","stream":"s","record":{"a":[1,{"b":"\"}"}]},"version":12,"time_extracted":"x"}`,
		`{"version":-1.0e3,"type":"record","record":{},"str\u0065am":"\ud83d\ude00\ud800"}`,
		`{"type":"SCHEMA","stream":"s","schema":{"properties":{"a":{}}},"key_properties":["a"]}`,
		`{"type":"STATE","value":{"a": [1, 2.50, "<\u2028>"]}}`,
		`{"type":"ACTIVATE_VERSION","stream":"s","version":1}`,
		`{"type":"BATCH","stream":"s","encoding":{"format":"jsonl","compression":"gzip"},"manifest":["x"]}`,
		`{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"s"}},"destinationStats":null}}`,
		`{"type":"TRACE","trace":{"type":"STREAM_STATUS","stream_status":{"stream_descriptor":{"name":"s"},"status":"COMPLETE"}}}`,
		"\xef\xbb\xbf{}\r\n\n" + flight, `{"type":"RECORD","stream":"s","record":{"a":1`, "null", "[]", "\xff",
	} {
		f.Add([]byte(line))
	}
}

// FuzzReader checks that no input makes a Reader panic, that a line which encoding/json takes for an object means the
// same to both, and that a RECORD whose record is taken out is valid JSON: nothing malformed gets through but in the
// record, which its walker validates.
func FuzzReader(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, input []byte) {
		drain(NewAirbyte(bytes.NewReader(input), &Catalog{}, 1<<20))
		drain(NewSinger(bytes.NewReader(input), 1<<20))
		line, _, _ := bytes.Cut(input, []byte("\n"))
		line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
		if len(bytes.TrimSpace(line)) == 0 {
			return
		}
		r := NewSinger(bytes.NewReader(line), 0)
		defer r.Close()
		m, err := r.Next()
		if err == nil && m.Kind == KindRecord {
			at := bytes.Index(line, m.Record)
			if rest := string(line[:at]) + "{}" + string(line[at+len(m.Record):]); !json.Valid([]byte(rest)) {
				t.Errorf("a malformed line made a record: %s", line)
			}
		}
		var want map[string]json.RawMessage
		if !utf8.Valid(line) || json.Unmarshal(line, &want) != nil || want == nil {
			if err == nil && m.Kind != KindRecord {
				t.Errorf("a malformed line made a message of kind %d: %s", m.Kind, line)
			}
			return
		}
		agree(t, want, m, err)
	})
}

func drain(r *Reader) {
	defer r.Close()
	for {
		_, err := r.Next()
		var bad *LineError
		if err != nil && !errors.As(err, &bad) {
			return
		}
	}
}

// agree compares a message with what encoding/json found in its line.
func agree(t *testing.T, want map[string]json.RawMessage, m *Message, err error) {
	t.Helper()
	if err != nil && strings.Contains(err.Error(), "malformed") {
		t.Fatalf("valid JSON is refused: %v", err)
	}
	kind := strings.ToUpper(text(want["type"]))
	if err != nil {
		if kind == "RECORD" && text(want["stream"]) != "" && bytes.HasPrefix(want["record"], []byte("{")) && !strings.Contains(err.Error(), "version") {
			t.Errorf("a good record is refused: %v", err)
		}
		return
	}
	if got := map[Kind]string{KindRecord: "RECORD", KindSchema: "SCHEMA", KindState: "STATE", KindActivateVersion: "ACTIVATE_VERSION", KindBatch: "BATCH"}[m.Kind]; got != kind {
		t.Errorf("type is %s, want %s", got, kind)
	}
	if m.Kind != KindState && m.Stream.Name != strings.ReplaceAll(text(want["stream"]), "\x00", "\ufffd") {
		t.Errorf("stream is %q, want %s", m.Stream.Name, want["stream"])
	}
	if m.Kind == KindRecord && !bytes.Equal(m.Record, want["record"]) {
		t.Errorf("record is %s, want %s", m.Record, want["record"])
	}
	if m.Kind == KindState {
		if value := bytes.ReplaceAll(want["value"], []byte("\r"), []byte(" ")); !bytes.Equal(value, m.State) {
			t.Errorf("state is %s, want %s", m.State, value)
		}
		return
	}
	var version json.Number
	if json.Unmarshal(want["version"], &version) == nil && want["version"][0] != '"' && version != "" {
		f, _ := version.Float64()
		if !m.HasVersion || float64(m.Version) != f {
			t.Errorf("version is %d, %v; want %s", m.Version, m.HasVersion, version)
		}
	} else if m.HasVersion {
		t.Errorf("version is %d, want none", m.Version)
	}
}

func text(raw json.RawMessage) string {
	var s string
	_ = json.Unmarshal(raw, &s)
	return s
}

// FuzzAirbyteState checks that a state gains its stats and loses nothing.
func FuzzAirbyteState(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		var before, after struct {
			State map[string]any `json:"state"`
		}
		got, err := appendState(nil, raw, 5, 2)
		if err != nil {
			return
		}
		if !json.Valid(raw) || !json.Valid(got) {
			t.Fatalf("%s became %s", raw, got)
		}
		if bytes.Contains(bytes.ToLower(raw), []byte("stat")) && strings.Count(strings.ToLower(string(raw)), "state\"") > 1 {
			return // encoding/json merges objects of equal names
		}
		if json.Unmarshal(raw, &before) != nil || json.Unmarshal(got, &after) != nil || before.State == nil {
			return
		}
		before.State["destinationStats"] = map[string]any{"recordCount": 5.0, "rejectedRecordCount": 2.0}
		if diff := cmp.Diff(before, after); diff != "" {
			t.Error(diff)
		}
	})
}

// FuzzSkipObject checks the fast search for an object's end against a slow one.
func FuzzSkipObject(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, input []byte) {
		line := "{" + string(input)
		if got, want := skipObject([]byte(line), 0), skipSlowly(line); got != want {
			t.Errorf("ends at %d, want %d", got, want)
		}
	})
}
