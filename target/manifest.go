package target

import (
	"strings"
	"unicode/utf8"

	"target-postgres/protocol"
	"target-postgres/target/batchfile"
	"target-postgres/target/failure"
	"target-postgres/target/pipeline"
	"target-postgres/target/registry"
	"target-postgres/target/stream"
)

// manifest loads the files of a BATCH message: raw records, one a line, under the same guarantees as RECORD.
func (t *Target) manifest(m *protocol.Message) error {
	s := t.registry.Find(m.Stream)
	if s == nil {
		return registry.BeforeSchema(m)
	}
	t.input.recordOfLine = 0
	defer func() { t.input.recordOfLine = 0 }()
	return batchfile.Read(t.input.files, m, s.Name, s.Schema, func(line []byte) error { return t.batchRecord(s, m, line) })
}

// batchRecord loads one line of a BATCH file.
func (t *Target) batchRecord(s *stream.Stream, m *protocol.Message, line []byte) error {
	if !utf8.Valid(line) {
		e := &failure.Error{Blame: failure.Stream, Stream: s.Name, Line: m.Line, Reason: "the line is not UTF-8", Hint: "the lines of a BATCH file are JSON in UTF-8"}
		if strings.EqualFold(m.Batch.Format, "parquet") {
			e.Reason, e.Hint = "a text of the row is not UTF-8", "let what writes the file write the text in UTF-8, or its column as bytes without the annotation STRING"
		}
		return e
	}
	t.input.recordOfLine++
	err := t.record(&protocol.Message{
		Kind: protocol.KindRecord, Line: m.Line, Stream: m.Stream, Record: line, Version: m.Version, HasVersion: m.HasVersion,
	})
	switch {
	case err != nil:
		return err
	case t.ending.Asks():
		return pipeline.ErrStopped
	case t.trigger.Due():
		return t.checkpoint()
	}
	return nil
}
