package protocol

import (
	"bytes"
	"slices"
	"strings"
)

func (r *Reader) singerState(line []byte) *LineError {
	values, err := members(line, "value", "state")
	if err != nil {
		return syntaxError(err)
	}
	if values[0] == nil {
		bad := missingKey("STATE", "value", "which may be anything")
		if isObject(values[1]) {
			bad.hintAirbyte()
		}
		return bad
	}
	// A carriage return between tokens is white space here, but may end a line for the reader of the output.
	r.message.Kind, r.message.State = KindState, bytes.ReplaceAll(values[0], []byte("\r"), []byte(" "))
	return nil
}

const updateMode = "x-pipelinewise-record-update-mode"

func (r *Reader) singerSchema(line []byte, e *singerEnvelope) *LineError {
	if len(e.stream) == 0 {
		return missingKey("SCHEMA", "stream", "a name")
	}
	m := &r.message
	m.Kind, m.Stream = KindSchema, r.stream(nil, e.stream)
	schema, err := singerSchema(line)
	if err != nil {
		err.Stream = m.Stream
		return err
	}
	m.Schema = schema
	return nil
}

func singerSchema(line []byte) (*Schema, *LineError) {
	message, err := members(line, "schema", "key_properties", updateMode)
	if err != nil {
		return nil, syntaxError(err)
	}
	if !isObject(message[0]) {
		return nil, missingKey("SCHEMA", "schema", "an object")
	}
	schema, err := members(message[0], "properties", updateMode)
	if err != nil {
		return nil, syntaxError(err)
	}
	// A schema without properties is the same as one with none, unless other keywords such as $ref and allOf bring
	// some.
	if !isObject(schema[0]) && !absent(schema[0]) {
		return nil, badLine("the properties of a SCHEMA message's schema are an object")
	}
	s := &Schema{JSON: bytes.Clone(message[0]), Patch: isPatch(message[2]) || isPatch(schema[1])}
	if absent(message[1]) {
		return s, nil
	}
	keys, ok := stringsOf(message[1])
	if !ok {
		return nil, badLine("the key_properties of a SCHEMA message are a list of names")
	}
	s.KeyProperties, s.HasKeyProperties = unique(keys), true
	return s, nil
}

func isPatch(value []byte) bool {
	mode, ok := stringOf(value)
	return ok && strings.EqualFold(mode, "PATCH")
}

// unique drops repetitions, which a primary key cannot have.
func unique(names []string) []string {
	out := names[:0]
	for _, name := range names {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

func (r *Reader) singerBatch(line []byte, e *singerEnvelope) *LineError {
	if len(e.stream) == 0 {
		return missingKey("BATCH", "stream", "a name")
	}
	m := &r.message
	m.Kind, m.Stream = KindBatch, r.stream(nil, e.stream)
	batch, err := singerBatch(line)
	if err != nil {
		err.Stream = m.Stream
		return err
	}
	m.Batch = batch
	return r.singerVersion("BATCH", e)
}

func singerBatch(line []byte) (*Batch, *LineError) {
	message, err := members(line, "encoding", "manifest")
	if err != nil {
		return nil, syntaxError(err)
	}
	if !isObject(message[0]) {
		return nil, missingKey("BATCH", "encoding", "an object")
	}
	manifest, ok := stringsOf(message[1])
	if !ok {
		return nil, missingKey("BATCH", "manifest", "a list of files")
	}
	encoding, err := members(message[0], "format", "compression")
	if err != nil {
		return nil, syntaxError(err)
	}
	b := &Batch{Manifest: manifest}
	if b.Format, ok = stringOf(encoding[0]); !ok {
		return nil, missingKey("BATCH", "format", "a string in its encoding")
	}
	b.Compression, ok = stringOf(encoding[1])
	if !ok && !absent(encoding[1]) {
		return nil, badLine("the compression of a BATCH message is a string")
	}
	if b.Compression == "none" {
		b.Compression = ""
	}
	return b, nil
}
