package target

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"target-postgres/protocol"
	"target-postgres/target/batch"
	"target-postgres/target/failure"
	"target-postgres/target/pipeline"
	"target-postgres/target/stream"
)

// manifest loads the files of a BATCH message: raw records, one a line, under the same guarantees as RECORD.
func (t *Target) manifest(m *protocol.Message) error {
	s := t.find(m.Stream)
	if s == nil {
		return beforeSchema(m)
	}
	fail := func(reason, hint string, err error) error {
		return &failure.Error{Kind: failure.KindInput, Stream: s.Name, Line: m.Line, Reason: reason, Hint: hint, Err: err}
	}
	if !strings.EqualFold(m.Batch.Format, "jsonl") {
		return fail(fmt.Sprintf("BATCH format %q is not supported", m.Batch.Format), "configure the tap's batch_config for jsonl", nil)
	}
	t.recordOfLine = 0
	defer func() { t.recordOfLine = 0 }()
	for _, location := range m.Batch.Manifest {
		path, err := localPath(location)
		if err != nil {
			return fail("BATCH file cannot be read", "configure the tap's batch_config for local files", err)
		}
		if err := t.batchFile(s, m, path); err != nil {
			return at(m.Line, err)
		}
	}
	return nil
}

// localPath turns a manifest entry into a path. singer-sdk writes file:// URLs, also with relative paths behind them.
func localPath(location string) (string, error) {
	scheme, rest, found := strings.Cut(location, "://")
	switch {
	case !found:
		return location, nil
	case scheme != "file":
		return "", fmt.Errorf("%s:// is not supported", scheme)
	}
	if u, err := url.Parse(location); err == nil && u.Path != "" {
		return filepath.FromSlash(u.Host + u.Path), nil
	}
	return filepath.FromSlash(rest), nil
}

func (t *Target) batchFile(s *stream.Stream, m *protocol.Message, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return &failure.Error{Kind: failure.KindInput, Stream: s.Name, Reason: "BATCH file cannot be opened", Err: err}
	}
	defer file.Close()
	var in io.Reader = file
	switch strings.ToLower(m.Batch.Compression) {
	case "", "none":
	case "gzip":
		unzipped, err := gzip.NewReader(file)
		if err != nil {
			return &failure.Error{Kind: failure.KindInput, Stream: s.Name, Reason: fmt.Sprintf("BATCH file %s is not gzip", path), Err: err}
		}
		in = unzipped
	default:
		return &failure.Error{
			Kind: failure.KindInput, Stream: s.Name, Reason: fmt.Sprintf("BATCH compression %q is not supported", m.Batch.Compression),
			Hint: "configure the tap's batch_config for gzip or none",
		}
	}
	return t.batchRecords(s, m, path, bufio.NewReaderSize(in, batch.WholeChunk))
}

func (t *Target) batchRecords(s *stream.Stream, m *protocol.Message, path string, in *bufio.Reader) error {
	var long []byte
	for n := 1; ; n++ {
		line, err := in.ReadSlice('\n')
		for long = long[:0]; err == bufio.ErrBufferFull; line, err = in.ReadSlice('\n') { //nolint:errorlint // ReadSlice returns it bare
			long = append(long, line...)
		}
		if len(long) > 0 {
			line = append(long, line...)
		}
		line = bytes.TrimSpace(line)
		if len(line) > 0 {
			if faulty := t.batchRecord(s, m, line); faulty != nil {
				return fmt.Errorf("%s, line %d: %w", path, n, faulty)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return &failure.Error{Kind: failure.KindInput, Stream: s.Name, Reason: fmt.Sprintf("BATCH file %s cannot be read to its end", path), Err: err}
		}
	}
}

// batchRecord loads one line of a BATCH file.
func (t *Target) batchRecord(s *stream.Stream, m *protocol.Message, line []byte) error {
	if !utf8.Valid(line) {
		return &failure.Error{Kind: failure.KindInput, Stream: s.Name, Line: m.Line, Reason: "the line is not UTF-8"}
	}
	t.recordOfLine++
	err := t.record(&protocol.Message{
		Kind: protocol.KindRecord, Line: m.Line, Stream: m.Stream, Record: line, Version: m.Version, HasVersion: m.HasVersion,
	})
	switch {
	case err != nil:
		return err
	case t.ending.Asks():
		return pipeline.ErrStopped
	case t.due.Load():
		return t.checkpoint()
	}
	return nil
}

// beforeSchema is the error for a record whose stream is not known yet. The words are singer-sdk's, which its suite looks
// for.
func beforeSchema(m *protocol.Message) error {
	return &failure.Error{
		Kind: failure.KindInput, Stream: m.Stream.String(), Line: m.Line,
		Reason: fmt.Sprintf("a record for stream '%s' was encountered before a corresponding schema", m.Stream),
		Hint:   "the tap has to send a SCHEMA message before a stream's first record",
	}
}
