package batchfile

import (
	"errors"
	"fmt"
	"strings"

	"target-postgres/protocol"
	"target-postgres/target/failure"
	"target-postgres/target/objects"
)

// Read calls take for each record of the files that a BATCH message of a stream names. The error is [pipeline.ErrStopped]
// if a signal ended a wait for a store.
func Read(stores *objects.Stores, m *protocol.Message, stream string, take func(record []byte) error) error {
	if !strings.EqualFold(m.Batch.Format, "jsonl") {
		return &failure.Error{
			Kind: failure.KindInput, Stream: stream, Line: m.Line, Reason: fmt.Sprintf("BATCH format %q is not supported", m.Batch.Format),
			Hint: "configure the tap's batch_config for jsonl",
		}
	}
	for _, location := range m.Batch.Manifest {
		if err := readFile(stores, location, m.Batch, take); err != nil {
			return failure.AtLine(m.Line, ofStream(stream, err))
		}
	}
	return nil
}

func readFile(stores *objects.Stores, location string, b *protocol.Batch, take func(record []byte) error) error {
	file, err := stores.Open(location)
	if err != nil {
		return err
	}
	defer file.Close()
	content, err := unpack(file, b.Compression)
	if err != nil {
		return err
	}
	defer content.Close()
	return readLines(file, content, take)
}

// ofStream adds the stream to an error that has none.
func ofStream(stream string, err error) error {
	if e, ok := errors.AsType[*failure.Error](err); ok && e.Stream == "" {
		e.Stream = stream
	}
	return err
}
