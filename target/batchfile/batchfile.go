package batchfile

import (
	"errors"
	"fmt"
	"strings"

	"target-postgres/protocol"
	"target-postgres/target/failure"
	"target-postgres/target/objects"
)

// Read calls take for each record of the files that a BATCH message of a stream names. The error is
// [pipeline.ErrStopped] if a signal ended a wait for a store.
func Read(stores *objects.Stores, m *protocol.Message, stream string, schema *protocol.Schema, take func(record []byte) error) error {
	read := readLines
	switch strings.ToLower(m.Batch.Format) {
	case "jsonl":
	case "parquet":
		read = readParquet(schema)
	default:
		return &failure.Error{
			Blame: failure.Stream, Stream: stream, Line: m.Line, Reason: fmt.Sprintf("BATCH format %q is not supported", m.Batch.Format),
			Hint: "configure the tap's batch_config for jsonl or parquet",
		}
	}
	p := progress{line: m.Line, take: take}
	for _, location := range m.Batch.Manifest {
		if err := readFile(stores, location, m.Batch.Compression, read, &p); err != nil {
			return failure.AtLine(m.Line, ofMessage(stream, m.Line, err))
		}
	}
	return nil
}

// reading calls take for each record of a file.
type reading func(file *objects.File, compression string, take func(record []byte) error) error

func readFile(stores *objects.Stores, location, compression string, read reading, p *progress) error {
	file, err := stores.Open(location)
	if err != nil {
		return err
	}
	defer file.Close()
	p.files = append(p.files, begun{name: file.Name, before: p.records})
	return read(file, compression, p.record)
}

// ofMessage adds the stream to an error that has none, and the line to one about the file: another run may not meet it,
// but the line says which message names the file.
func ofMessage(stream string, line int64, err error) error {
	e, ok := errors.AsType[*failure.Error](err)
	if ok && e.Stream == "" {
		e.Stream = stream
	}
	if ok && objects.OfFile(err) {
		e.Line = line
	}
	return err
}
