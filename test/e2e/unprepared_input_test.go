package e2e

import (
	"fmt"
	"strings"
)

// singerInput is the input: two complete rows of a, then b, which fails, then c and a again.
func (u *unprepared) singerInput() string {
	schema, keys := u.described()
	b := u.line
	if b == "" {
		b = fmt.Sprintf(`{"type":"SCHEMA","stream":"b","schema":%s,"key_properties":%s}`, schema, keys)
	}
	record := func(stream string, id int) string {
		return fmt.Sprintf(`{"type":"RECORD","stream":%q,"record":{"id":%d,"v":"text"}}`, stream, id)
	}
	state := func(n int) string { return fmt.Sprintf(`{"type":"STATE","value":{"n":%d}}`, n) }
	first := `{"type":"SCHEMA","stream":"a","schema":` + idAndValue + `,"key_properties":["id"]}`
	return strings.Join([]string{
		first, record("a", 1), state(1), record("a", 2), state(2),
		b, record("b", 1), state(3), record("b", 2),
		strings.Replace(first, `"a"`, `"c"`, 1), record("c", 1), state(4), record("a", 3), state(5),
	}, "\n") + "\n"
}

// described returns the schema and the key of b.
func (u *unprepared) described() (schema, keys string) {
	schema, keys = u.schema, `["`+u.keys+`"]`
	if schema == "" {
		schema = idAndValue
	}
	switch u.keys {
	case "":
		keys = `["id"]`
	case "-":
		keys = `[]`
	}
	return schema, keys
}

// airbyteInput is the same as a catalog and messages. The states of a are 1, 2 and 6, those of b 3 and 4, that of c is
// 5.
func (u *unprepared) airbyteInput() (catalog, messages string) {
	var streams []string
	for _, name := range []string{"a", "b", "c"} {
		schema, keys := idAndValue, `["id"]`
		if name == "b" {
			schema, keys = u.described()
		}
		streams = append(streams, fmt.Sprintf(`{"stream":{"name":%q,"json_schema":%s},"sync_mode":"incremental","destination_sync_mode":"append_dedup",
			"cursor_field":[],"primary_key":[%s],"generation_id":1,"minimum_generation_id":0,"sync_id":1}`, name, schema, keys))
	}
	record := func(stream string, id int) string {
		return fmt.Sprintf(`{"type":"RECORD","record":{"stream":%q,"data":{"id":%d,"v":"text"},"emitted_at":1000}}`, stream, id)
	}
	state := func(stream string, n int) string {
		return fmt.Sprintf(`{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":%q},"stream_state":{"n":%d}}}}`, stream, n)
	}
	complete := func(stream string) string {
		return fmt.Sprintf(`{"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1.0,"stream_status":{"stream_descriptor":{"name":%q},"status":"COMPLETE"}}}`, stream)
	}
	return `{"streams":[` + strings.Join(streams, ",") + `]}`, strings.Join([]string{
		record("a", 1), state("a", 1), record("a", 2), state("a", 2),
		record("b", 1), state("b", 3), record("b", 2), state("b", 4),
		record("c", 1), state("c", 5), record("a", 3), state("a", 6),
		complete("a"), complete("b"), complete("c"),
	}, "\n") + "\n"
}
