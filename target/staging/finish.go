package staging

import (
	"fmt"

	"target-postgres/merge"
	"target-postgres/protocol"
	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
	"target-postgres/target/stream"
)

// Complete ends a stream after the input ended cleanly.
func (g *Stager) Complete(s *stream.Stream) (err error) {
	switch {
	case s.Skip, s.Lead != nil:
		return nil
	case s.Truncates || s.Mode == merge.Replace:
		defer g.Pipeline.Telemetry.Span("complete", s.Stats)(&err)
		return g.completeRefresh(s)
	case s.Seen != "" && !s.Completed():
		g.notCompleted(s)
	case s.Seen != "":
		defer g.Pipeline.Telemetry.Span("complete", s.Stats)(&err)
		return g.removeUnseen(s)
	}
	return nil
}

// removeUnseen removes what a full snapshot did not bring.
func (g *Stager) removeUnseen(s *stream.Stream) error {
	seen := merge.Name{Schema: s.SchemaName, Table: s.Seen}
	statements, err := merge.RemoveUnseen(s.Job(), seen)
	if err != nil {
		return &failure.Error{Blame: failure.Program, Stream: s.Name, Reason: "remove what the snapshot lacks", Err: err}
	}
	if len(statements) == 0 {
		g.Log.Warn("full_snapshot removes nothing in load mode upsert without hard_delete: use soft_delete or history, or set hard_delete",
			"stream", s.Name)
	}
	err = g.RemoveGone(s, "remove what the snapshot lacks", append(statements, drop(seen)), seen)
	if err == nil && s.Slices != "" {
		err = g.dropTable(s, merge.Name{Schema: s.SchemaName, Table: s.Slices}, "drop the table of the slices that the snapshot brought")
	}
	return err
}

func drop(name merge.Name) merge.Statement { return merge.Statement{SQL: "DROP TABLE " + name.SQL()} }

// completeRefresh ends a stream whose older rows go, if it has completed: where the catalog has no generations a clean
// end of the input says so, otherwise only the source.
func (g *Stager) completeRefresh(s *stream.Stream) error {
	if !s.Completed() {
		g.notCompleted(s)
		return nil
	}
	if s.Staging != "" {
		return g.swap(s)
	}
	if s.Mode != merge.History && s.Mode != merge.SoftDelete {
		return nil // the table was empty, or its rows were of this generation
	}
	statements, err := merge.RemoveVersions(s.Job(), *s.Schema.Generation)
	if err != nil {
		return &failure.Error{Blame: failure.Program, Stream: s.Name, Reason: "remove what the refresh lacks", Err: err}
	}
	return g.RemoveGone(s, "remove what the refresh lacks", statements, merge.Name{})
}

// notCompleted keeps the old rows. The run fails for it at its end: a success would tell the platform that they are
// gone.
func (g *Stager) notCompleted(s *stream.Stream) {
	said := "the input ended without a status of the stream"
	if s.Status == protocol.StatusIncomplete {
		said = "the source says that the stream is incomplete"
	}
	err := &failure.Error{
		Blame: failure.Connection, Stream: s.Name,
		Reason: fmt.Sprintf("%s: the rows of %s were not replaced", said, pgtx.Qualified(s.SchemaName, s.TableName)),
		Hint:   "the rows that came are kept, and the next attempt continues with them",
	}
	if s.Seen != "" {
		err.Reason = fmt.Sprintf("%s: no rows of %s were removed, for the snapshot may lack some", said, pgtx.Qualified(s.SchemaName, s.TableName))
		err.Hint = "run the sync again: the next snapshot that is complete removes what it lacks"
	}
	if s.Mode == merge.Replace {
		err.Hint = "run the sync again: a replace begins anew in every run"
	}
	if g.incomplete == nil {
		g.incomplete = err
	}
}

// Incomplete is why the rows of the first stream whose refresh did not complete were not replaced, nil if all were.
func (g *Stager) Incomplete() error { return g.incomplete }
