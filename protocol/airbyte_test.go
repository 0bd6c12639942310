package protocol

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// airbyteLines returns copies of all the messages that lines make.
func airbyteLines(t *testing.T, lines ...string) ([]*Message, error) {
	t.Helper()
	r := NewAirbyte(strings.NewReader(strings.Join(lines, "\n")), &Catalog{}, 0)
	t.Cleanup(r.Close)
	var got []*Message
	for {
		m, err := next(t, r)
		if err == io.EOF {
			return got, nil
		}
		if err != nil {
			return got, err
		}
		got = append(got, m)
	}
}

func TestAirbyteMessages(t *testing.T) {
	t.Parallel()
	users := Stream{Name: "users"}
	inPublic := Stream{Namespace: "public", Name: "users"}
	tests := []struct {
		name, line string
		want       Message
	}{
		{
			"RECORD", `{"type":"RECORD","record":{"namespace":"public","stream":"users","data":{"id": 1},"emitted_at":1795411355123}}`,
			Message{Kind: KindRecord, Stream: inPublic, Record: []byte(`{"id": 1}`), EmittedAt: 1795411355123},
		},
		{
			"RECORD in PyAirbyte's form", `{"state":null,"record":{"meta":null,"emitted_at":1795411355,"data":{},"namespace":null,"stream":"users","file_reference":null},"trace":null,"log":null,"type":"RECORD"}`,
			Message{Kind: KindRecord, Stream: users, Record: []byte(`{}`), EmittedAt: 1795411355},
		},
		{
			"RECORD with meta", `{"type":"RECORD","record":{"namespace":"","stream":"users","data":{},"emitted_at":1234,"meta":{"changes":[{"field":"foo"}]}}}`,
			Message{Kind: KindRecord, Stream: users, Record: []byte(`{}`), EmittedAt: 1234, Meta: []byte(`{"changes":[{"field":"foo"}]}`)},
		},
		{
			"RECORD without a time", `{"type":"RECORD","record":{"stream":"users","data":{},"new":[1]},"type":"RECORD"}`,
			Message{Kind: KindRecord, Stream: users, Record: []byte(`{}`)},
		},
		{
			"RECORD emitted at a float", `{"type":"RECORD","record":{"stream":"users","data":{},"emitted_at":1795411355123.7}}`,
			Message{Kind: KindRecord, Stream: users, Record: []byte(`{}`), EmittedAt: 1795411355124},
		},
		{
			"RECORD emitted at a fraction of a second", `{"type":"RECORD","record":{"stream":"users","data":{},"emitted_at":1795411355.123}}`,
			Message{Kind: KindRecord, Stream: users, Record: []byte(`{}`), EmittedAt: 1795411355123},
		},
		{
			"the last of two records counts", `{"type":"RECORD","record":{"namespace":"x","stream":"y","data":{"a":1},"meta":{}},"record":{"stream":"users","data":{}}}`,
			Message{Kind: KindRecord, Stream: users, Record: []byte(`{}`)},
		},
		{
			"STATE of a stream", `{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"users","namespace":"public"},"stream_state":{}}, "id":1}}`,
			Message{Kind: KindState, Stream: inPublic, StateScope: StateStream},
		},
		{
			"STATE of a stream without a type", `{"type":"STATE","state":{"stream":{"stream_descriptor":{"name":"users","namespace":null}},"global":null}}`,
			Message{Kind: KindState, Stream: users, StateScope: StateStream},
		},
		{
			"STATE that is global", `{"type":"STATE","state":{"type":"GLOBAL","global":{"shared_state":null,"stream_states":[]}}}`,
			Message{Kind: KindState, StateScope: StateGlobal},
		},
		{
			"STATE that is global without a type", `{"type":"STATE","state":{"global":{}}}`,
			Message{Kind: KindState, StateScope: StateGlobal},
		},
		{
			"STATE that is PyAirbyte's global", `{"type":"STATE","state":{"type":null,"stream":null,"global_":{"stream_states":[]},"data":null}}`,
			Message{Kind: KindState, StateScope: StateGlobal},
		},
		{
			"STATE that is legacy", `{"type":"STATE","state":{"data":{"a":1}}}`,
			Message{Kind: KindState, StateScope: StateLegacy},
		},
		{
			"STATE of a type that is new", `{"type":"STATE","state":{"type":"LEGACY","stream":{}}}`,
			Message{Kind: KindState, StateScope: StateLegacy},
		},
		{
			"STARTED", `{"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1.5,"stream_status":{"stream_descriptor":{"name":"users"},"status":"STARTED"}}}`,
			Message{Kind: KindStatus, Stream: users, Status: StatusStarted},
		},
		{
			"RUNNING", `{"type":"TRACE","trace":{"type":"STREAM_STATUS","stream_status":{"stream_descriptor":{"name":"users"},"status":"RUNNING"}}}`,
			Message{Kind: KindStatus, Stream: users, Status: StatusRunning},
		},
		{
			"COMPLETE", `{"trace":{"stream_status":{"status":"COMPLETE","stream_descriptor":{"namespace":"public","name":"users"}},"type":"STREAM_STATUS"},"type":"TRACE"}`,
			Message{Kind: KindStatus, Stream: inPublic, Status: StatusComplete},
		},
		{
			"INCOMPLETE", `{"type":"TRACE","trace":{"type":"STREAM_STATUS","stream_status":{"stream_descriptor":{"name":"users"},"status":"INCOMPLETE"},"error":null}}`,
			Message{Kind: KindStatus, Stream: users, Status: StatusIncomplete},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := airbyteLines(t, tt.line)
			if err != nil {
				t.Fatal(err)
			}
			tt.want.Line = 1
			if tt.want.Kind == KindState {
				tt.want.State = []byte(tt.line)
			}
			if diff := cmp.Diff([]*Message{&tt.want}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhatDoesNotConcernADestinationIsSkipped(t *testing.T) {
	t.Parallel()
	got, err := airbyteLines(
		t,
		`{"type":"LOG","log":{"level":"INFO","message":"hi"}}`,
		`{"type":"CONTROL","control":{}}`,
		`{"type":"TRACE","trace":{"type":"ERROR","error":{"message":"x"}}}`,
		`{"type":"TRACE","trace":{"type":"ESTIMATE","estimate":{}}}`,
		`{"type":"TRACE","trace":{"type":"STREAM_STATUS","stream_status":{"status":"PAUSED"}}}`,
		`{"type":"TRACE","trace":null}`,
		`{"type":"SOMETHING_NEW","record":{"stream":1,"namespace":2,"data":3}}`,
		`{"type":null,"record":5}`,
		`{"no":"type"}`,
		`{}`,
		`{"type":"RECORD","record":{"stream":"users","data":{}}}`,
	)
	if err != nil || len(got) != 1 || got[0].Line != 11 {
		t.Errorf("got %v, %v; want the one record of line 11", got, err)
	}
}

func TestBadAirbyteLinesSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, line, want string }{
		{"truncated", `{"type":"RECORD","record":{"stream":"s","data":{"a":1}`, "ends in the middle"},
		{"truncated in data", `{"type":"RECORD","record":{"stream":"s","data":{"a":1`, "ends in the middle"},
		{"not JSON", `Traceback (most recent call last):`, "an object was expected"},
		{"garbage after the record", `{"type":"RECORD","record":{"stream":"s","data":{}} 1}`, "a comma or closing bracket was expected"},
		{"broken in what is skipped", `{"type":"LOG","log":{"level":nope}}`, "malformed json"},
		{"RECORD without a record", `{"type":"RECORD","record":null}`, `needs "record", an object`},
		{"RECORD without a stream", `{"type":"RECORD","record":{"data":{}}}`, `needs "stream"`},
		{"RECORD with a stream that is no text", `{"type":"RECORD","record":{"stream":1,"data":{}}}`, `needs "stream"`},
		{"RECORD with a namespace that is no text", `{"type":"RECORD","record":{"stream":"s","namespace":1,"data":{}}}`, `namespace`},
		{"RECORD without data", `{"type":"RECORD","record":{"stream":"s","namespace":"n"}}`, `stream "n.s": a RECORD message needs "data"`},
		{"RECORD with data that is no object", `{"type":"RECORD","record":{"stream":"s","data":[]}}`, `needs "data"`},
		{"RECORD with a time that is no number", `{"type":"RECORD","record":{"stream":"s","data":{},"emitted_at":"2026"}}`, `emitted_at`},
		{"RECORD with a time beyond all time", `{"type":"RECORD","record":{"stream":"s","data":{},"emitted_at":1e300}}`, `emitted_at`},
		{"STATE without a state", `{"type":"STATE","state":null}`, `needs "state"`},
		{"STATE of no stream", `{"type":"STATE","state":{"type":"STREAM"}}`, "needs a stream_descriptor"},
		{"STATE of a stream without a descriptor", `{"type":"STATE","state":{"type":"STREAM","stream":{}}}`, "needs a stream_descriptor"},
		{"STATE of a stream without a name", `{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"namespace":"n"}}}}`, "needs a stream_descriptor"},
		{"COMPLETE of no stream", `{"type":"TRACE","trace":{"type":"STREAM_STATUS","stream_status":{"status":"COMPLETE"}}}`, "needs a stream_descriptor"},
		{"Singer's record", `{"type":"RECORD","stream":"s","record":{"id":1}}`, "a RECORD message in the shape of Singer's protocol; the write command reads Airbyte's"},
		{"Singer's record with a field named data", `{"type":"RECORD","stream":"s","record":{"data":1}}`, "the write command reads Airbyte's"},
		{"Singer's schema", `{"type":"SCHEMA","stream":"s","schema":{},"key_properties":[]}`, "a SCHEMA message in the shape of Singer's protocol; the write command reads Airbyte's"},
		{"Singer's state", `{"type":"STATE","value":{"data":1}}`, "a STATE message in the shape of Singer's protocol; the write command reads Airbyte's"},
		{"Singer's state that is null", `{"type":"STATE","value":null}`, "the write command reads Airbyte's"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := airbyteLines(t, tt.line)
			var bad *LineError
			if !errors.As(err, &bad) {
				t.Fatalf("got %v, %v; want a LineError", got, err)
			}
			if bad.Line != 1 || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got  %q\nwant %q in it", err, tt.want)
			}
		})
	}
}

func TestAStateIsOneLineForEverybody(t *testing.T) {
	t.Parallel()
	got, err := airbyteLines(t, "{\"type\":\"STATE\",\r\"state\":{}}\r")
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"type":"STATE", "state":{}}`; string(got[0].State) != want {
		t.Errorf("got %q, want %q", got[0].State, want)
	}
}

func TestEmittedMillisGuessesTheUnit(t *testing.T) {
	t.Parallel()
	tests := map[int64]int64{
		0:              0,
		1234:           1234, // Airbyte's own tests
		999999999:      999999999,
		1000000000:     1000000000000,
		1795411355:     1795411355000, // PyAirbyte's cached path, November 2026
		1795411355123:  1795411355123,
		99999999999:    99999999999000,
		100000000000:   100000000000, // March 1973
		-1795411355:    -1795411355000,
		-1795411355123: -1795411355123,
	}
	for in, want := range tests {
		if got := (&Message{EmittedAt: in}).EmittedMillis(); got != want {
			t.Errorf("EmittedMillis of %d is %d, want %d", in, got, want)
		}
	}
}
