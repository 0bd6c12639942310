package protocol

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// next returns the one message that a line makes.
func next(t *testing.T, r *Reader) (*Message, error) {
	t.Helper()
	m, err := r.Next()
	if m != nil {
		// What is valid until the next call only is compared by tests after it.
		held := *m
		m = &held
	}
	return m, err
}

func singerLine(t *testing.T, line string) (*Message, error) {
	t.Helper()
	r := NewSinger(strings.NewReader(line+"\n"), 0)
	t.Cleanup(r.Close)
	return next(t, r)
}

func TestSingerRecords(t *testing.T) {
	t.Parallel()
	users := Stream{Name: "users"}
	tests := []struct {
		name, line string
		want       Message
	}{
		{
			"the plain form", `{"type":"RECORD","stream":"users","record":{"id":1}}`,
			Message{Stream: users, Record: []byte(`{"id":1}`)},
		},
		{
			"all there is", `{"type": "RECORD", "stream": "users", "record": {"id": 1}, "version": 7, "time_extracted": "2026-11-23T00:00:00Z"}`,
			Message{Stream: users, Record: []byte(`{"id": 1}`), Version: 7, HasVersion: true, Extracted: []byte("2026-11-23T00:00:00Z")},
		},
		{
			"keys in another order", ` { "version":7,"record":{"id":1} ,"stream":"users", "type":"RECORD" } `,
			Message{Stream: users, Record: []byte(`{"id":1}`), Version: 7, HasVersion: true},
		},
		{
			"the type in another case", `{"type":"Record","stream":"users","record":{}}`,
			Message{Stream: users, Record: []byte(`{}`)},
		},
		{
			"nulls are as good as absent", `{"type":"RECORD","stream":"users","record":{},"version":null,"time_extracted":null}`,
			Message{Stream: users, Record: []byte(`{}`)},
		},
		{
			"unknown keys are ignored", `{"a":[{}],"type":"RECORD","b":{"stream":"no"},"stream":"users","record":{},"c":"\u00e9"}`,
			Message{Stream: users, Record: []byte(`{}`)},
		},
		{
			"the last of two equal keys counts", `{"type":"STATE","type":"RECORD","stream":"x","record":{"a":1},"stream":"users","record":{"b":2}}`,
			Message{Stream: users, Record: []byte(`{"b":2}`)},
		},
		{
			"escapes in keys and texts", `{"\u0074ype":"\u0052ECORD","stream":"us\u0065rs","record":{},"time_extracted":"2026\u002d"}`,
			Message{Stream: users, Record: []byte(`{}`), Extracted: []byte("2026-")},
		},
		{
			"a version with a fraction of zero", `{"type":"RECORD","stream":"users","record":{},"version":1.6e12}`,
			Message{Stream: users, Record: []byte(`{}`), Version: 1_600_000_000_000, HasVersion: true},
		},
		{
			"a version of nineteen digits", `{"type":"RECORD","stream":"users","record":{},"version":-9223372036854775807}`,
			Message{Stream: users, Record: []byte(`{}`), Version: -9223372036854775807, HasVersion: true},
		},
		{
			"the content of the record is not ours", `{"type":"RECORD","stream":"users","record":{"a":tru}}`,
			Message{Stream: users, Record: []byte(`{"a":tru}`)},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := singerLine(t, tt.line)
			if err != nil {
				t.Fatal(err)
			}
			tt.want.Kind, tt.want.Line = KindRecord, 1
			if diff := cmp.Diff(&tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSingerMessages(t *testing.T) {
	t.Parallel()
	users := Stream{Name: "users"}
	const schema = `{"properties":{"id":{}}}`
	tests := []struct {
		name, line string
		want       Message
	}{
		{
			"SCHEMA", `{"type":"SCHEMA","stream":"users","schema":` + schema + `,"key_properties":["id"],"bookmark_properties":["at"]}`,
			Message{Kind: KindSchema, Stream: users, Schema: &Schema{JSON: []byte(schema), KeyProperties: []string{"id"}, HasKeyProperties: true}},
		},
		{
			"SCHEMA with an empty key", `{"type":"schema","stream":"users","schema":` + schema + `,"key_properties":[]}`,
			Message{Kind: KindSchema, Stream: users, Schema: &Schema{JSON: []byte(schema), KeyProperties: []string{}, HasKeyProperties: true}},
		},
		{
			"SCHEMA without a key", `{"type":"SCHEMA","stream":"users","schema":` + schema + `}`,
			Message{Kind: KindSchema, Stream: users, Schema: &Schema{JSON: []byte(schema)}},
		},
		{
			"SCHEMA without properties", `{"type":"SCHEMA","stream":"users","schema":{"type":"object"}}`,
			Message{Kind: KindSchema, Stream: users, Schema: &Schema{JSON: []byte(`{"type":"object"}`)}},
		},
		{
			"SCHEMA with a null key", `{"type":"SCHEMA","stream":"users","schema":` + schema + `,"key_properties":null}`,
			Message{Kind: KindSchema, Stream: users, Schema: &Schema{JSON: []byte(schema)}},
		},
		{
			"SCHEMA with a repeated key", `{"type":"SCHEMA","stream":"users","schema":` + schema + `,"key_properties":["id","\u0061","id"]}`,
			Message{Kind: KindSchema, Stream: users, Schema: &Schema{JSON: []byte(schema), KeyProperties: []string{"id", "a"}, HasKeyProperties: true}},
		},
		{
			"SCHEMA with patches, on the message", `{"type":"SCHEMA","stream":"users","schema":` + schema + `,"x-pipelinewise-record-update-mode":"Patch"}`,
			Message{Kind: KindSchema, Stream: users, Schema: &Schema{JSON: []byte(schema), Patch: true}},
		},
		{
			"SCHEMA with patches, in the schema", `{"type":"SCHEMA","stream":"users","schema":{"x-pipelinewise-record-update-mode":"PATCH","properties":{}}}`,
			Message{Kind: KindSchema, Stream: users, Schema: &Schema{JSON: []byte(`{"x-pipelinewise-record-update-mode":"PATCH","properties":{}}`), Patch: true}},
		},
		{
			"STATE", `{"type":"STATE","value":{"b": {"a" : "x y", "n": 1.50e400} }}`,
			Message{Kind: KindState, State: []byte(`{"b": {"a" : "x y", "n": 1.50e400} }`)},
		},
		{
			"STATE that is no object", `{"value":null,"type":"state"}`,
			Message{Kind: KindState, State: []byte(`null`)},
		},
		{
			"STATE with what HTML would escape", `{"type":"STATE","value":"<&>\u2028 \"é"}`,
			Message{Kind: KindState, State: []byte(`"<&>\u2028 \"é"`)},
		},
		{
			"ACTIVATE_VERSION", `{"type":"ACTIVATE_VERSION","stream":"users","version":3}`,
			Message{Kind: KindActivateVersion, Stream: users, Version: 3, HasVersion: true},
		},
		{
			"BATCH", `{"type":"BATCH","stream":"users","encoding":{"format":"jsonl","compression":"gzip"},"manifest":["file:///a","b"],"version":3}`,
			Message{Kind: KindBatch, Stream: users, Batch: &Batch{Format: "jsonl", Compression: "gzip", Manifest: []string{"file:///a", "b"}}, Version: 3, HasVersion: true},
		},
		{
			"BATCH that is not compressed", `{"type":"BATCH","stream":"users","encoding":{"format":"jsonl","compression":"none"},"manifest":[]}`,
			Message{Kind: KindBatch, Stream: users, Batch: &Batch{Format: "jsonl", Manifest: []string{}}},
		},
		{
			"BATCH with a null compression", `{"type":"BATCH","stream":"users","encoding":{"format":"parquet","compression":null},"manifest":["x"]}`,
			Message{Kind: KindBatch, Stream: users, Batch: &Batch{Format: "parquet", Manifest: []string{"x"}}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := singerLine(t, tt.line)
			if err != nil {
				t.Fatal(err)
			}
			tt.want.Line = 1
			if diff := cmp.Diff(&tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestBadSingerLinesSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, line, want string }{
		{"truncated in the record", `{"type":"RECORD","stream":"s","record":{"id":1`, "ends in the middle"},
		{"truncated after the record", `{"type":"RECORD","stream":"s","record":{"id":1}`, "ends in the middle"},
		{"truncated in a key", `{"type":"RECORD","str`, "ends in the middle"},
		{"truncated after a key", `{"type"`, "ends in the middle"},
		{"truncated after a colon", `{"type": `, "ends in the middle"},
		{"truncated in a text", `{"type":"RECORD","stream":"s`, "ends in the middle"},
		{"truncated in a bare word", `{"type":"RECORD","stream":"s","record":{},"version":nu`, "malformed json"},
		{"two messages in a line", `{"type":"STATE","value":1}{"type":"STATE","value":2}`, "something follows"},
		{"a comma too many", `{"type":"STATE","value":1,}`, "a key in quotes was expected"},
		{"a comma first", `{,"type":"STATE","value":1}`, "a key in quotes was expected"},
		{"a comma missing", `{"type":"STATE" "value":1}`, "a comma or closing bracket was expected"},
		{"a colon missing", `{"type" "STATE"}`, "a colon was expected"},
		{"a bracket of the wrong kind", `{"type":"STATE","value":1]`, "a comma or closing bracket was expected"},
		{"not JSON", `hello world`, "an object was expected"},
		{"not an object", `["type","RECORD"]`, "an object was expected"},
		{"a control character in a text", "{\"type\":\"STATE\",\"value\":\"\x01\"}", "malformed json"},

		{"no type", `{"stream":"s","record":{}}`, `Line is missing required type key(s): {...}`},
		{"a type that is no string", `{"type":1}`, `needs "type", a string`},
		{"RECORD without a stream", `{"type":"RECORD","record":{}}`, `Line is missing required stream key(s): {...}`},
		{"RECORD with an empty stream", `{"type":"RECORD","stream":"","record":{}}`, `needs "stream", a name`},
		{"RECORD without a record", `{"type":"RECORD","stream":"s"}`, `stream "s": a RECORD message needs "record", an object (Line is missing required record key(s): {...})`},
		{"RECORD with a null record", `{"type":"RECORD","stream":"s","record":null}`, `needs "record", an object`},
		{"RECORD with an array", `{"type":"RECORD","stream":"s","record":[{}]}`, `needs "record", an object`},
		{"RECORD with a fractional version", `{"type":"RECORD","stream":"s","record":{},"version":1.5}`, "version of a RECORD message is an integer"},
		{"RECORD with a version of text", `{"type":"RECORD","stream":"s","record":{},"version":"1"}`, "version of a RECORD message is an integer"},
		{"RECORD with a huge version", `{"type":"RECORD","stream":"s","record":{},"version":1e19}`, "version of a RECORD message is an integer"},
		{"SCHEMA without a stream", `{"type":"SCHEMA","schema":{"properties":{}}}`, `Line is missing required stream key(s)`},
		{"SCHEMA without a schema", `{"type":"SCHEMA","stream":"s"}`, `Line is missing required schema key(s)`},
		{"SCHEMA with a list of properties", `{"type":"SCHEMA","stream":"s","schema":{"properties":["id"]}}`, "schema are an object"},
		{"SCHEMA with a key of numbers", `{"type":"SCHEMA","stream":"s","schema":{"properties":{}},"key_properties":[1]}`, "a list of names"},
		{"SCHEMA with a key of null", `{"type":"SCHEMA","stream":"s","schema":{"properties":{}},"key_properties":[null]}`, "a list of names"},
		{"SCHEMA with a key of text", `{"type":"SCHEMA","stream":"s","schema":{"properties":{}},"key_properties":"id"}`, "a list of names"},
		{"STATE without a value", `{"type":"STATE"}`, `Line is missing required value key(s)`},
		{"ACTIVATE_VERSION without a stream", `{"type":"ACTIVATE_VERSION","version":1}`, `needs "stream"`},
		{"ACTIVATE_VERSION without a version", `{"type":"ACTIVATE_VERSION","stream":"s"}`, `needs "version"`},
		{"BATCH without a stream", `{"type":"BATCH"}`, `needs "stream"`},
		{"BATCH without an encoding", `{"type":"BATCH","stream":"s","manifest":[]}`, `needs "encoding"`},
		{"BATCH without a format", `{"type":"BATCH","stream":"s","manifest":[],"encoding":{}}`, `needs "format"`},
		{"BATCH without a manifest", `{"type":"BATCH","stream":"s","encoding":{"format":"jsonl"}}`, `needs "manifest"`},
		{"BATCH with a strange compression", `{"type":"BATCH","stream":"s","encoding":{"format":"jsonl","compression":1},"manifest":[]}`, "compression"},
		{"an unknown type", `{"type":"FOO"}`, "unknown message type FOO; the supported ones are SCHEMA, RECORD, STATE, ACTIVATE_VERSION and BATCH"},
		{"a type that is not a name", `{"type":"FOO\n\u001b[31m` + strings.Repeat("x", 100) + `"}`, "unknown message type FOO???31m" + strings.Repeat("x", 31) + "...;"},
		{"Airbyte's record", `{"type":"RECORD","record":{"stream":"s","data":{},"emitted_at":1}}`, "target-postgres write --config FILE --catalog FILE"},
		{"Airbyte's state", `{"type":"STATE","state":{"type":"LEGACY","data":{}}}`, "target-postgres write --config FILE --catalog FILE"},
		{"Airbyte's log", `{"type":"LOG","log":{}}`, "target-postgres write --config FILE --catalog FILE"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := singerLine(t, "\n"+tt.line)
			var bad *LineError
			if !errors.As(err, &bad) {
				t.Fatalf("got %v, want a LineError", err)
			}
			if bad.Line != 2 || !strings.HasPrefix(err.Error(), "line 2: ") {
				t.Errorf("%q does not name line 2", err)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got  %q\nwant %q in it", err, tt.want)
			}
		})
	}
}

func TestNoErrorTellsAValue(t *testing.T) {
	t.Parallel()
	const good = `{"type":"RECORD","stream":"s","record":{"password":"SECRET","b":[1,"SECRET"]},"time_extracted":"SECRET","version":1,"x":"SECRET"}`
	for cut := range len(good) {
		for _, line := range []string{good[:cut], good[:cut] + "\x01" + good[cut:], good[:cut] + good[cut+1:], good[:cut] + "\xff" + good[cut:]} {
			if _, err := singerLine(t, line); err != nil && err != io.EOF && strings.Contains(err.Error(), "SECRET") {
				t.Errorf("%s: %v", line, err)
			}
		}
	}
}

func TestATruncatedLineIsAlwaysAnError(t *testing.T) {
	t.Parallel()
	for _, line := range []string{flight, airbyteFlight, `{"type":"STATE","value":{"a":["b"]}}`} {
		for cut := 1; cut < len(line); cut++ {
			if m, err := singerLine(t, line[:cut]); err == nil {
				t.Fatalf("%q made a message of kind %d", line[:cut], m.Kind)
			}
			r := NewAirbyte(strings.NewReader(line[:cut]), &Catalog{}, 0)
			if m, err := r.Next(); err == nil || err == io.EOF {
				t.Fatalf("%q made %v, %v for Airbyte", line[:cut], m, err)
			}
		}
	}
}

func TestReadingGoesOnAfterABadLine(t *testing.T) {
	t.Parallel()
	r := NewSinger(strings.NewReader(`{"type":"STATE","value":1}`+"\n{oops\n"+`{"type":"STATE","value":2}`), 0)
	wantState(t, r, "1")
	if _, err := r.Next(); err == nil || r.Lines() != 2 {
		t.Errorf("got %v at line %d, want an error at line 2", err, r.Lines())
	}
	wantState(t, r, "2")
	for range 2 {
		if _, err := r.Next(); err != io.EOF {
			t.Errorf("got %v, want io.EOF", err)
		}
	}
}

func TestWhatBelongsToTheCallerSurvivesTheNextLine(t *testing.T) {
	t.Parallel()
	lines := []string{
		`{"type":"SCHEMA","stream":"s","schema":{"properties":{"a":{}}},"key_properties":["a"]}`,
		`{"type":"STATE","value":{"a":1}}`,
		`{"type":"BATCH","stream":"s","encoding":{"format":"jsonl"},"manifest":["m"]}`,
	}
	filler := strings.Repeat(flight+"\n", 2*blockSize/len(flight))
	r := NewSinger(strings.NewReader(strings.Join(lines, "\n")+"\n"+strings.Repeat(filler, 3)), 0)
	schema, _ := next(t, r)
	state, _ := next(t, r)
	batch, _ := next(t, r)
	records := 0
	for {
		m, err := r.Next()
		if err != nil {
			break
		}
		if want := flight[strings.Index(flight, `{"id"`):strings.Index(flight, `, "time_ex`)]; string(m.Record) != want {
			t.Fatalf("record %d is %s", records, m.Record)
		}
		records++
	}
	if records < 3000 || string(schema.Schema.JSON) != `{"properties":{"a":{}}}` || string(state.State) != `{"a":1}` || batch.Batch.Manifest[0] != "m" {
		t.Errorf("%d records; schema %s, state %s, batch %v", records, schema.Schema.JSON, state.State, batch.Batch)
	}
}

func TestRecordLinesCostNoAllocation(t *testing.T) {
	catalog := &Catalog{}
	escaped := strings.ReplaceAll(flight, "flights", `fl\u0069ghts`)
	other := strings.ReplaceAll(flight, "flights", "other")
	tests := map[string]*Reader{
		"Singer":              NewSinger(&endless{line: []byte(flight + "\n")}, 0),
		"several streams":     NewSinger(&endless{line: []byte(flight + "\n" + other + "\n" + escaped + "\n")}, 0),
		"Airbyte":             NewAirbyte(&endless{line: []byte(airbyteFlight + "\n")}, catalog, 0),
		"with all the fields": NewSinger(&endless{line: []byte(`{"version":12,"type":"record","stream":"s","record":{"a":[1]}}` + "\r\n")}, 0),
	}
	for name, r := range tests {
		for range 10_000 { // fill the blocks and learn the streams
			if _, err := r.Next(); err != nil {
				t.Fatal(err)
			}
		}
		if got := testing.AllocsPerRun(5000, func() { _, _ = r.Next() }); got != 0 {
			t.Errorf("%s: %v allocations a line", name, got)
		}
		r.Close()
	}
}
