package registry

import (
	"fmt"

	"target-postgres/protocol"
	"target-postgres/target/failure"
)

// BeforeSchema is the error for a record whose stream is not known yet. The words are singer-sdk's, which its suite
// looks for.
func BeforeSchema(m *protocol.Message) error {
	return &failure.Error{
		Blame: failure.Stream, Stream: m.Stream.String(), Line: m.Line,
		Reason: fmt.Sprintf("a record for stream '%s' was encountered before a corresponding schema", m.Stream),
		Hint:   "the tap has to send a SCHEMA message before a stream's first record",
	}
}

// Unlisted deals with a record of a stream that the catalog does not have. It is left out with a warning. A
// catalog without any stream is an error.
func (r *Registry) Unlisted(m *protocol.Message) error {
	if len(r.streams) > 0 {
		r.Unknown(m.Stream)
		return nil
	}
	return &failure.Error{
		Blame: failure.Configuration, Stream: m.Stream.String(), Line: m.Line, Reason: "the source sends records, and the catalog has no streams",
		Hint: "choose streams in the connection, or give write the catalog that has them",
	}
}
