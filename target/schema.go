package target

import (
	"target-postgres/protocol"
	"target-postgres/target/batch"
	"target-postgres/target/failure"
	"target-postgres/target/stream"
)

// find returns the stream of a message, nil before its SCHEMA.
func (t *Target) find(id protocol.Stream) *stream.Stream {
	if t.last == nil || t.last.ID != id {
		t.last = t.streams[id]
		if t.last != nil {
			t.live.stream.Store(&t.last.Name)
		}
	}
	return t.last
}

// schema takes a SCHEMA message. One that changes nothing costs nothing.
func (t *Target) schema(m *protocol.Message) error {
	t.catalogued = t.catalogued || m.Schema.SyncMode != ""
	t.answers.Stream(m.Stream)
	before := t.streams[m.Stream]
	if before != nil && before.Schema.Same(m.Schema) {
		return nil
	}
	next, err := t.describe(m, t.config.ForStream(m.Stream), false)
	if err != nil {
		return failure.AtLine(m.Line, err)
	}
	t.answers.Describe(next)
	t.tellShape(before, next)
	if next.Skip && next.Mapped != nil && next.Mapped.Drops {
		t.drop(before, next)
		return nil
	}
	if next.Skip {
		t.withoutColumns(before, next)
		return nil
	}
	if err := t.prepareRejects(next); err != nil {
		return failure.AtLine(m.Line, err)
	}
	if next.Lead != nil {
		t.follow(before, next)
		return nil
	}
	if before != nil && before.Same(next.Spec) {
		before.Spec, before.Validator = before.With(next.Schema), next.Validator
		return nil
	}
	if before != nil {
		if before.Rows() > 0 {
			if err := t.flush(before); err != nil {
				return err
			}
		}
		before.Become(next)
		next = before
	} else {
		next.Since = batch.PositionOf(m.Line, 0)
		t.order = append(t.order, next)
	}
	t.streams[m.Stream], t.last = next, nil
	return failure.AtLine(m.Line, t.prepare(next))
}

// follow registers a stream that shares another one's table.
func (t *Target) follow(before, next *stream.Stream) {
	if before == nil {
		t.order = append(t.order, next)
	} else {
		before.Become(next)
		next = before
	}
	t.streams[next.ID], t.last = next, nil
}

// withoutColumns leaves a stream out whose SCHEMA has no columns. Where an earlier one had some it stays in force.
func (t *Target) withoutColumns(before, next *stream.Stream) {
	if before != nil {
		before.Spec = before.With(next.Schema)
	} else {
		t.order = append(t.order, next)
		t.streams[next.ID], t.last = next, nil
	}
	if before == nil || !before.Skip {
		t.log.Warn(next.Say("the SCHEMA has no columns and is ignored", "the catalog names no properties of the stream: nothing is loaded of it"), "stream", next.Name)
	}
}
