package target

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"target-postgres/protocol"
	"target-postgres/target/batch"
	"target-postgres/target/failure"
	"target-postgres/typemap"
)

func (s *stream) rows() int {
	if s.batch == nil {
		return 0
	}
	return s.batch.Rows()
}

// record encodes one record into its stream's batch.
func (t *Target) record(m *protocol.Message) error {
	s := t.find(m.Stream)
	if s == nil && t.catalogued {
		t.unknown(m.Stream)
		return nil
	}
	if s == nil {
		return beforeSchema(m)
	}
	s.stats.read.Add(1)
	t.live.rows.Add(1)
	into := t.leader(s)
	if into.skip {
		return nil
	}
	if into.walker == nil {
		return &failure.Error{
			Kind: failure.KindConfig, Stream: s.name, Line: m.Line, Reason: fmt.Sprintf("the table that it shares with stream %q could not be prepared", into.name),
		}
	}
	into.unversioned = into.unversioned || !m.HasVersion
	if err := t.accept(s, m); err != nil {
		return t.bad(s, m, err)
	}
	if into.batch.Rows() >= t.config.BatchMaxRows || t.waiting >= t.config.BatchMaxBytes || t.wasted() {
		return t.checkpoint()
	}
	return nil
}

// What is worth another connection, which may take as long to make as the next megabytes to come, and what is worth a
// transaction while the database has nothing else to do, in bytes.
const (
	worthConnecting = 1 << 20
	worthIt         = 3 << 20
)

// wasted says whether the database stands idle although enough waits for it. One that is busy gets whole batches.
func (t *Target) wasted() bool {
	return t.waiting >= worthConnecting && t.pipeline.Idles() && t.waiting >= worthIt
}

// accept validates a record where that is asked for, and encodes it.
func (t *Target) accept(s *stream, m *protocol.Message) error {
	into := t.leader(s)
	if s.validator != nil {
		if err := into.walker.Walk(m.Record); err != nil {
			return err
		}
		if err := s.validator.check(m.Record, into.walker.Kept()); err != nil {
			return err
		}
	}
	if err := t.encode(into, m); err != nil || !into.shared {
		return err
	}
	into.shareRow(s)
	return nil
}

// encode appends the record to the stream's batch, and changes the table or the layout first where the record needs it.
func (t *Target) encode(s *stream, m *protocol.Message) error {
	for {
		if err := s.walker.Walk(m.Record); err != nil {
			return err
		}
		if changed, err := t.adapt(s, m); err != nil {
			return err
		} else if changed {
			continue
		}
		chunk := s.batch.Room(t.pool, len(m.Record)+s.layout.slack)
		before := s.batch.Size
		row, err := s.encode(t, chunk, m)
		if err != nil {
			if changed, widenErr := t.widenFor(s, m, err); widenErr != nil || !changed {
				return errors.Join(widenErr, err)
			}
			continue
		}
		s.batch.Add(row, batch.PositionOf(m.Line, t.recordOfLine))
		t.waiting += s.batch.Size - before
		t.warnAltered(s, m)
		s.remember()
		t.warnUnknown(s)
		return nil
	}
}

// warnAltered counts what PostgreSQL cannot store as it came, and says once a stream what became of it.
func (t *Target) warnAltered(s *stream, m *protocol.Message) {
	if n := int64(s.walker.Replaced()); n > 0 && s.stats.replaced.Add(n) == n {
		t.log.Warn("PostgreSQL cannot store U+0000 and half surrogate pairs: they become U+FFFD", "stream", s.name, "line", m.Line)
	}
	if n := int64(s.walker.Special()); n > 0 && s.stats.special.Add(n) == n {
		t.log.Warn("jsonb cannot store NaN and Infinity: they become null", "stream", s.name, "line", m.Line)
	}
}

// warnUnknown says once which fields of a stream have no column.
func (t *Target) warnUnknown(s *stream) {
	for _, field := range s.walker.Unknown() {
		if s.airbyte && strings.HasPrefix(field, "_airbyte_") {
			continue // PyAirbyte's cache sends the columns of its own tables along
		}
		if slices.ContainsFunc(s.fields, func(f typemap.Field) bool { return f.Name == field }) {
			continue // why it has none was said when the table was prepared
		}
		t.answers.fields[field] = true // a mark or a time need not be declared
		if s.config.UndeclaredFields != "" && s.config.UndeclaredFields != "warn" {
			continue
		}
		t.log.Warn("field is not in the stream's schema and is left out", "stream", s.name, "field", field)
	}
}

// adapt changes the layout of a stream for the first record that carries a version, a delete mark or only some fields.
func (t *Target) adapt(s *stream, m *protocol.Message) (bool, error) {
	versioned := m.HasVersion && !s.versioned && s.keepsVersions(t.config)
	ops := s.needsOps()
	if !versioned && !ops {
		return false, nil
	}
	if s.batch.Rows() > 0 {
		if err := t.flush(s); err != nil {
			return false, err
		}
	}
	s.versioned = s.versioned || versioned
	s.ops = s.ops || ops
	return true, t.prepare(s)
}
