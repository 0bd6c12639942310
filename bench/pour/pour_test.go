package main

import (
	"bufio"
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRecordsAreRepeatedWithNewKeysOverStreams(t *testing.T) {
	t.Parallel()
	in := `{"type": "SCHEMA", "stream": "a", "schema": {"properties": {"id": {}, "v": {}}}, "key_properties": ["id"]}
{"type": "RECORD", "stream": "a", "record": {"id": 7, "v": "x"}}
{"type": "RECORD", "stream": "a", "record": {"id": 8}}
`
	want := `{"type": "SCHEMA", "stream": "a", "schema": {"properties": {"id": {}, "v": {}}}, "key_properties": ["id"]}
{"type": "SCHEMA", "stream": "a_1", "schema": {"properties": {"id": {}, "v": {}}}, "key_properties": ["id"]}
{"type": "RECORD", "stream": "a", "record": {"id": 0, "v": "x"}}
{"type": "RECORD", "stream": "a_1", "record": {"id": 1}}
{"type": "RECORD", "stream": "a", "record": {"id": 2, "v": "x"}}
{"type": "STATE", "value": {"id": 2}}
`
	s := singer{streams: 2}
	if diff := cmp.Diff(want, poured(t, s.write, in, 3)); diff != "" {
		t.Error(diff)
	}
}

func TestLinesOfCSVAreNumbered(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff("0,a,b\n1,c\n2,a,b\n", poured(t, writeCSV, "5,a,b\n6,c\n", 3)); diff != "" {
		t.Error(diff)
	}
}

func TestAFileWithoutRecordsIsAnError(t *testing.T) {
	t.Parallel()
	s := singer{streams: 1}
	if s.write(bufio.NewWriter(&bytes.Buffer{}), bufio.NewReader(strings.NewReader("{}\n")), 1) == nil {
		t.Error("no error")
	}
}

func poured(t *testing.T, write func(*bufio.Writer, *bufio.Reader, int) error, in string, rows int) string {
	t.Helper()
	var b bytes.Buffer
	out := bufio.NewWriter(&b)
	if err := write(out, bufio.NewReader(strings.NewReader(in)), rows); err != nil {
		t.Fatal(err)
	}
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
