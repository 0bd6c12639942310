package target

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"target-postgres/merge"
	"target-postgres/protocol"
	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/registry"
	"target-postgres/target/stream"
	"target-postgres/target/trigger"
	"target-postgres/typemap"
)

// record encodes one record into its stream's batch.
func (t *Target) record(m *protocol.Message) error {
	s := t.registry.Find(m.Stream)
	if s == nil && t.registry.Catalogued {
		return t.registry.Unlisted(m)
	}
	if s == nil {
		return registry.BeforeSchema(m)
	}
	s.Stats.Read.Add(1)
	if t.weighs() {
		s.Stats.Bytes.Add(int64(len(m.Record)))
	}
	t.metrics.rows.Add(1)
	into := t.registry.Leader(s)
	if into.Skip {
		return nil
	}
	if into.Walker == nil {
		return &failure.Error{
			Blame: failure.Configuration, Stream: s.Name, Line: m.Line, Reason: fmt.Sprintf("the table that it shares with stream %q could not be prepared", into.Name),
		}
	}
	into.Unversioned = into.Unversioned || !m.HasVersion
	advance(s, m)
	if err := t.accept(s, m); err != nil {
		return t.bad(s, m, err)
	}
	if into.Batch.Rows() >= t.config.BatchMaxRows || t.buffers.waiting >= t.config.BatchMaxBytes || t.wasted() {
		return t.checkpoint()
	}
	return nil
}

// advance lets the versions of a stream's records never go back within a run: a record of an older version than those
// before it, or of none, is part of the newest pass all the same. So a key's row does not depend on where batches end.
func advance(s *stream.Stream, m *protocol.Message) {
	switch {
	case !s.Keyed() || s.Mode == merge.Replace:
	case m.HasVersion && (!s.Passes || m.Version >= s.Pass):
		s.Passes, s.Pass = true, m.Version
	case s.Passes:
		m.Version, m.HasVersion = s.Pass, true
	}
}

// wasted reports whether the database stands idle although enough waits for it. One that is busy gets whole batches.
func (t *Target) wasted() bool {
	b := &t.buffers
	ready := b.waiting - b.uncovered
	if ready < trigger.WorthConnecting {
		return false
	}
	idles := t.pipeline.Idles()
	return trigger.WorthIt(ready, b.filled, b.checkpoints, t.config.Connections(), idles, t.pipeline.HasRoom())
}

// accept validates a record where that is asked for, and encodes it.
func (t *Target) accept(s *stream.Stream, m *protocol.Message) error {
	into := t.registry.Leader(s)
	if s.Validator != nil && !s.Validator.Proves(m.Record) {
		if err := into.Walker.Walk(m.Record); err != nil {
			return err
		}
		if err := s.Validator.Check(m.Record, into.Walker.Kept()); err != nil {
			return err
		}
	}
	if err := t.encode(into, m); err != nil || !into.Shared {
		return err
	}
	into.ShareRow(s)
	return nil
}

// encode appends the record to the stream's batch, and changes the table or the layout first where the record needs it.
func (t *Target) encode(s *stream.Stream, m *protocol.Message) error {
	for {
		if err := s.Walker.Walk(m.Record); err != nil {
			return err
		}
		if changed, err := t.adapt(s, m); err != nil {
			return err
		} else if changed {
			continue
		}
		chunk := s.Batch.Room(t.buffers.pool, len(m.Record)+s.Slack)
		where := t.input.position(m.Line)
		row, err := s.Encode(t.buffers.values, chunk, m, where)
		t.answers.Mark(s.Walker.Marked())
		if err != nil {
			if changed, widenErr := t.widenFor(s, m, err); widenErr != nil || !changed {
				return errors.Join(widenErr, err)
			}
			continue
		}
		t.buffers.add(s.Batch, row, where, t.committer.Waits(&s.Revision))
		t.noteAge(s)
		t.warnAltered(s, m)
		s.Remember()
		t.warnUnknown(s)
		return nil
	}
}

// warnAltered counts what PostgreSQL cannot store as it came, and says once a stream what became of it.
func (t *Target) warnAltered(s *stream.Stream, m *protocol.Message) {
	if n := int64(s.Walker.Replaced()); n > 0 && s.Stats.Replaced.Add(n) == n {
		t.log.Warn("PostgreSQL cannot store U+0000 and half surrogate pairs: they become U+FFFD", "stream", s.Name, "line", m.Line)
	}
	if n := int64(s.Walker.Special()); n > 0 && s.Stats.Special.Add(n) == n {
		t.log.Warn("jsonb cannot store NaN and Infinity: they become null", "stream", s.Name, "line", m.Line)
	}
}

// warnUnknown says once which fields of a stream have no column.
func (t *Target) warnUnknown(s *stream.Stream) {
	for _, field := range s.Walker.Unknown() {
		if s.Airbyte && strings.HasPrefix(field, "_airbyte_") {
			continue // PyAirbyte's cache sends the columns of its own tables along
		}
		if slices.ContainsFunc(s.Fields, func(f typemap.Field) bool { return f.Name == field }) {
			continue // why it has none was said when the table was prepared
		}
		t.answers.Undeclared(s, field)
		if policy := s.Config.UndeclaredFields; policy == config.StoreUndeclaredFields || policy == config.FailUndeclaredFields {
			continue
		}
		switch n := s.Stats.Undeclared.Add(1); {
		case n <= mostNamed:
			t.log.Warn("field is not in the stream's schema and is left out", "stream", s.Name, "field", field)
		case n == mostNamed+1:
			t.log.Warn("further fields are not in the stream's schema either: they are left out and not named", "stream", s.Name)
		}
	}
}

// mostNamed is how many fields without a column the log names of a stream: the names may be data.
const mostNamed = 20

// adapt changes the layout of a stream for the first record that carries a version, a delete mark or only some fields.
func (t *Target) adapt(s *stream.Stream, m *protocol.Message) (bool, error) {
	versioned := m.HasVersion && !s.Versioned && s.KeepsVersions(t.config)
	ops := s.NeedsOps()
	if !versioned && !ops {
		return false, nil
	}
	if s.Batch.Rows() > 0 {
		if err := t.flush(s); err != nil {
			return false, err
		}
	}
	s.Versioned = s.Versioned || versioned
	s.Ops = s.Ops || ops
	return true, t.preparer.Prepare(s)
}
