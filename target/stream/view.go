package stream

import (
	"target-postgres/merge"
	"target-postgres/target/batch"
	"target-postgres/target/failure"
)

// DBError is [failure.FromServer] for a statement about the stream's table, or a table beside it.
func (s *View) DBError(doing string, err error) error {
	return s.nameNull(failure.Concerning(s.SchemaName, s.TableName, failure.FromServer(s.Name, doing, err)))
}

// Promised is the position from which a STATE says more than readers of the stream's table see, should the stream fail. The
// rows of a replace are not there before the input has ended.
func (s *View) Promised() batch.Position {
	if s.SwapsAtEnd() {
		return s.Since
	}
	return batch.MaxPosition
}

// SwapsAtEnd reports whether readers see nothing of the stream's rows before the end of the input. A refresh that a later
// sync goes on with is no such stream: its rows are kept.
func (s *Spec) SwapsAtEnd() bool { return s.Mode == merge.Replace }
