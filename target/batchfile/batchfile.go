// Package batchfile reads the files that BATCH messages name: raw records, one a line.
//
// It promises that a line reaches its caller whole and once, in the order of the files. Its errors name the file and the line, and no
// value.
package batchfile

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

	"target-postgres/protocol"
	"target-postgres/target/batch"
	"target-postgres/target/failure"
)

// Read calls take for each line of the files that a BATCH message of a stream names.
func Read(m *protocol.Message, stream string, take func(line []byte) error) error {
	fail := func(reason, hint string, err error) error {
		return &failure.Error{Kind: failure.KindInput, Stream: stream, Line: m.Line, Reason: reason, Hint: hint, Err: err}
	}
	if !strings.EqualFold(m.Batch.Format, "jsonl") {
		return fail(fmt.Sprintf("BATCH format %q is not supported", m.Batch.Format), "configure the tap's batch_config for jsonl", nil)
	}
	for _, location := range m.Batch.Manifest {
		path, err := localPath(location)
		if err != nil {
			return fail("BATCH file cannot be read", "configure the tap's batch_config for local files", err)
		}
		if err := readFile(stream, m, path, take); err != nil {
			return failure.AtLine(m.Line, err)
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

func readFile(stream string, m *protocol.Message, path string, take func(line []byte) error) error {
	file, err := os.Open(path)
	if err != nil {
		return &failure.Error{Kind: failure.KindInput, Stream: stream, Reason: "BATCH file cannot be opened", Err: err}
	}
	defer file.Close()
	var in io.Reader = file
	switch strings.ToLower(m.Batch.Compression) {
	case "", "none":
	case "gzip":
		unzipped, err := gzip.NewReader(file)
		if err != nil {
			return &failure.Error{Kind: failure.KindInput, Stream: stream, Reason: fmt.Sprintf("BATCH file %s is not gzip", path), Err: err}
		}
		in = unzipped
	default:
		return &failure.Error{
			Kind: failure.KindInput, Stream: stream, Reason: fmt.Sprintf("BATCH compression %q is not supported", m.Batch.Compression),
			Hint: "configure the tap's batch_config for gzip or none",
		}
	}
	return readLines(stream, path, bufio.NewReaderSize(in, batch.WholeChunk), take)
}

func readLines(stream, path string, in *bufio.Reader, take func(line []byte) error) error {
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
			if faulty := take(line); faulty != nil {
				return fmt.Errorf("%s, line %d: %w", path, n, faulty)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return &failure.Error{Kind: failure.KindInput, Stream: stream, Reason: fmt.Sprintf("BATCH file %s cannot be read to its end", path), Err: err}
		}
	}
}
