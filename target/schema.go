package target

import (
	"target-postgres/protocol"
	"target-postgres/target/batch"
)

// find returns the stream of a message, nil before its SCHEMA.
func (t *Target) find(id protocol.Stream) *stream {
	if t.last == nil || t.last.id != id {
		t.last = t.streams[id]
		if t.last != nil {
			t.live.stream.Store(&t.last.name)
		}
	}
	return t.last
}

// schema takes a SCHEMA message. One that changes nothing costs nothing.
func (t *Target) schema(m *protocol.Message) error {
	t.catalogued = t.catalogued || m.Schema.SyncMode != ""
	t.answers.streams[m.Stream] = true
	before := t.streams[m.Stream]
	if before != nil && before.schema.Same(m.Schema) {
		return nil
	}
	next, err := t.describe(m, t.config.ForStream(m.Stream), false)
	if err != nil {
		return at(m.Line, err)
	}
	t.answer(next)
	t.tellShape(before, next)
	if next.skip && next.mapped != nil && next.mapped.Drops {
		t.drop(before, next)
		return nil
	}
	if next.skip {
		t.withoutColumns(before, next)
		return nil
	}
	if err := t.prepareRejects(next); err != nil {
		return at(m.Line, err)
	}
	if next.lead != nil {
		t.follow(before, next)
		return nil
	}
	if before != nil && before.same(next.spec) {
		before.spec, before.validator = before.with(next.schema), next.validator
		return nil
	}
	if before != nil {
		if before.rows() > 0 {
			if err := t.flush(before); err != nil {
				return err
			}
		}
		before.become(next)
		next = before
	} else {
		next.since = batch.PositionOf(m.Line, 0)
		t.order = append(t.order, next)
	}
	t.streams[m.Stream], t.last = next, nil
	return at(m.Line, t.prepare(next))
}

// follow registers a stream that shares another one's table.
func (t *Target) follow(before, next *stream) {
	if before == nil {
		t.order = append(t.order, next)
	} else {
		before.become(next)
		next = before
	}
	t.streams[next.id], t.last = next, nil
}

// withoutColumns leaves a stream out whose SCHEMA has no columns. Where an earlier one had some it stays in force.
func (t *Target) withoutColumns(before, next *stream) {
	if before != nil {
		before.spec = before.with(next.schema)
	} else {
		t.order = append(t.order, next)
		t.streams[next.id], t.last = next, nil
	}
	if before == nil || !before.skip {
		t.log.Warn(next.say("the SCHEMA has no columns and is ignored", "the catalog names no properties of the stream: nothing is loaded of it"), "stream", next.name)
	}
}
