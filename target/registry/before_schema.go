package registry

import (
	"fmt"

	"target-postgres/protocol"
	"target-postgres/target/failure"
)

// BeforeSchema is the error for a record whose stream is not known yet. The words are singer-sdk's, which its suite looks
// for.
func BeforeSchema(m *protocol.Message) error {
	return &failure.Error{
		Kind: failure.KindInput, Stream: m.Stream.String(), Line: m.Line,
		Reason: fmt.Sprintf("a record for stream '%s' was encountered before a corresponding schema", m.Stream),
		Hint:   "the tap has to send a SCHEMA message before a stream's first record",
	}
}
