package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"strconv"
)

// singer pours a Singer stream, or several that differ in their names.
type singer struct {
	streams int
	schema  []byte
	// rests are the records from behind the id on.
	rests [][]byte
}

// These texts stand in the benchmark's files byte for byte, as Python's json.dumps has written them.
var (
	schemaStart = []byte(`{"type": "SCHEMA"`)
	streamField = []byte(`"stream": "`)
	idField     = []byte(`"record": {"id": `)
)

func (s *singer) write(out *bufio.Writer, in *bufio.Reader, rows int) error {
	if err := s.read(in, rows); err != nil {
		return err
	}
	name, err := s.name()
	if err != nil {
		return err
	}
	names := make([]string, s.streams)
	for i := range names {
		names[i] = name
		if i > 0 {
			names[i] = fmt.Sprintf("%s_%d", name, i)
		}
		quoted := []byte(`"stream": "` + names[i] + `"`)
		line := bytes.Replace(s.schema, []byte(`"stream": "`+name+`"`), quoted, 1)
		if _, err := out.Write(line); err != nil {
			return err
		}
	}
	var line []byte
	for n := range rows {
		line = append(append(line[:0], `{"type": "RECORD", "stream": "`...), names[n%len(names)]...)
		line = append(append(line, `", `...), idField...)
		line = append(strconv.AppendInt(line, int64(n), 10), s.rests[n%len(s.rests)]...)
		if (n+1)%stateEvery == 0 || n+1 == rows {
			line = fmt.Appendf(line, `{"type": "STATE", "value": {"id": %d}}`+"\n", n)
		}
		if _, err := out.Write(line); err != nil {
			return err
		}
	}
	return nil
}

// read keeps the SCHEMA and a block of records.
func (s *singer) read(in *bufio.Reader, rows int) error {
	if err := each(in, func(line []byte) bool {
		if bytes.HasPrefix(line, schemaStart) {
			s.schema = line
		}
		if _, after, found := bytes.Cut(line, idField); found {
			s.rests = append(s.rests, after[bytes.IndexAny(after, ",}"):])
		}
		return len(s.rests) < min(block, rows)
	}); err != nil {
		return err
	}
	if s.schema == nil || len(s.rests) == 0 {
		return errors.New("the file has no SCHEMA or no RECORD that begins with an id")
	}
	return nil
}

// name is the stream's.
func (s *singer) name() (string, error) {
	_, after, _ := bytes.Cut(s.schema, streamField)
	name, _, found := bytes.Cut(after, []byte{'"'})
	if !found {
		return "", errors.New("the SCHEMA names no stream")
	}
	return string(name), nil
}
