package protocol

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestACatalogIsRead(t *testing.T) {
	t.Parallel()
	number := func(n int64) *int64 { return &n }
	schema := []byte(`{"type":"object","properties":{"id":{"type":"integer"}}}`)
	tests := []struct {
		name, stream string
		want         ConfiguredStream
	}{
		{
			"as the platform writes it", `{"stream":{"name":"users","namespace":"public","json_schema":{"type":"object","properties":{"id":{"type":"integer"}}},
			 "supported_sync_modes":["full_refresh"],"default_cursor_field":["x","y"],"source_defined_primary_key":[["a","b"]]},
			 "sync_mode":"incremental","destination_sync_mode":"append_dedup","cursor_field":["updated_at"],"primary_key":[["id"],["org"]],
			 "generation_id":7,"minimum_generation_id":0,"sync_id":42}`,
			ConfiguredStream{Stream: Stream{"public", "users"}, Schema: Schema{
				JSON: schema, KeyProperties: []string{"id", "org"}, HasKeyProperties: true, SyncMode: SyncAppendDedup, Cursor: "updated_at",
				Generation: number(7), MinimumGeneration: number(0), SyncID: number(42),
			}},
		},
		{
			"with nulls for what is unknown", `{"stream":{"name":"users","namespace":null,"json_schema":{"type":"object","properties":{"id":{"type":"integer"}}},"source_defined_primary_key":null},
			 "destination_sync_mode":"overwrite","cursor_field":null,"primary_key":null,"generation_id":null,"minimum_generation_id":null,"sync_id":null}`,
			ConfiguredStream{Stream: Stream{"", "users"}, Schema: Schema{JSON: schema, SyncMode: SyncOverwrite}},
		},
		{
			"with as little as possible", `{"stream":{"name":"users","json_schema":{"type":"object","properties":{"id":{"type":"integer"}}}}}`,
			ConfiguredStream{Stream: Stream{"", "users"}, Schema: Schema{JSON: schema, SyncMode: SyncAppend}},
		},
		{
			"with nested paths", `{"stream":{"name":"users","json_schema":{"type":"object","properties":{"id":{"type":"integer"}}}},
			 "destination_sync_mode":"append","cursor_field":["meta","at"],"primary_key":[["id"],[],["a","b"]]}`,
			ConfiguredStream{Stream: Stream{"", "users"}, Schema: Schema{
				JSON: schema, SyncMode: SyncAppend, KeyPaths: [][]string{{"id"}, {"a", "b"}}, CursorPath: []string{"meta", "at"},
			}},
		},
		{
			"with empty paths", `{"stream":{"name":"users","json_schema":{"type":"object","properties":{"id":{"type":"integer"}}}},
			 "destination_sync_mode":"APPEND_DEDUP","cursor_field":[],"primary_key":[["id"],[]]}`,
			ConfiguredStream{Stream: Stream{"", "users"}, Schema: Schema{JSON: schema, KeyProperties: []string{"id"}, HasKeyProperties: true, SyncMode: SyncAppendDedup}},
		},
		{
			"with overwrite_dedup and generations", `{"stream":{"name":"users","json_schema":{"type":"object","properties":{"id":{"type":"integer"}}}},
			 "destination_sync_mode":"overwrite_dedup","primary_key":[["id"]],"generation_id":1}`,
			ConfiguredStream{Stream: Stream{"", "users"}, Schema: Schema{JSON: schema, KeyProperties: []string{"id"}, HasKeyProperties: true, SyncMode: SyncAppendDedup, Generation: number(1)}},
		},
		{
			"with overwrite_dedup and no generations", `{"stream":{"name":"users","json_schema":{"type":"object","properties":{"id":{"type":"integer"}}}},
			 "destination_sync_mode":"overwrite_dedup"}`,
			ConfiguredStream{Stream: Stream{"", "users"}, Schema: Schema{JSON: schema, SyncMode: SyncOverwrite}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := ParseCatalog([]byte(`{"streams":[` + tt.stream + `],"more":1}`))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]ConfiguredStream{tt.want}, got.Streams); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestABadCatalogIsExplained(t *testing.T) {
	t.Parallel()
	const schema = `"json_schema":{}`
	tests := []struct{ name, catalog, want string }{
		{"not JSON", `{"streams":[`, "the catalog is not valid"},
		{"of another form", `{"streams":{}}`, "the catalog is not valid"},
		{"no streams", `{}`, `needs "streams"`},
		{"null streams", `{"streams":null}`, `needs "streams"`},
		{"a stream of nothing", `{"streams":[{}]}`, "stream number 1 has no name"},
		{"a null stream", `{"streams":[null]}`, "stream number 1 has no name"},
		{"a stream without a name", `{"streams":[{"stream":{` + schema + `}}]}`, "stream number 1 has no name"},
		{"a stream twice", `{"streams":[{"stream":{"name":"a","namespace":null,` + schema + `}},{"stream":{"name":"a","namespace":"",` + schema + `}}]}`, `stream "a" twice`},
		{"no schema", `{"streams":[{"stream":{"name":"a"}}]}`, `stream "a" in the catalog: its json_schema is not an object`},
		{"a schema that is no object", `{"streams":[{"stream":{"name":"a","json_schema":true}}]}`, `json_schema is not an object`},
		{"a mode of another world", `{"streams":[{"stream":{"name":"a",` + schema + `},"destination_sync_mode":"soft_delete"}]}`, `destination_sync_mode "soft_delete" is not supported`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := ParseCatalog([]byte(tt.catalog))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, %v; want %q in the error", got, err, tt.want)
			}
		})
	}
}

func TestTheStreamsOfTheCatalogComeFirst(t *testing.T) {
	t.Parallel()
	catalog, err := ParseCatalog([]byte(`{"streams":[
		{"stream":{"name":"b","json_schema":{"x":1}},"destination_sync_mode":"append"},
		{"stream":{"name":"a","namespace":"n","json_schema":{"y":1}},"destination_sync_mode":"overwrite"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	r := NewAirbyte(strings.NewReader(airbyteFlight), catalog, 0)
	for i, want := range catalog.Streams {
		m, err := r.Next()
		if err != nil || m.Kind != KindSchema || m.Line != 0 || m.Stream != want.Stream || !bytes.Equal(m.Schema.JSON, want.Schema.JSON) {
			t.Errorf("message %d is %+v, %v; want the schema of %s", i, m, err, want.Stream)
		}
	}
	if m, err := r.Next(); err != nil || m.Kind != KindRecord || m.Line != 1 {
		t.Errorf("got %+v, %v; want the record of line 1", m, err)
	}
	if _, err := r.Next(); err != io.EOF {
		t.Errorf("got %v, want io.EOF", err)
	}
}
