package target

import (
	"slices"

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
	next, err := t.describe(m, t.config.ForStream(m.Stream))
	if err != nil {
		return at(m.Line, err)
	}
	t.answer(next)
	if next.skip {
		t.withoutColumns(before, next)
		return nil
	}
	if err := t.prepareRejects(); err != nil {
		return at(m.Line, err)
	}
	if next.lead != nil {
		t.follow(before, next)
		return nil
	}
	if before != nil && before.same(next) {
		before.schema, before.validator = next.schema, next.validator
		return nil
	}
	if before != nil {
		if before.rows() > 0 {
			if err := t.flush(before); err != nil {
				return err
			}
		}
		next.inherit(before)
	} else {
		next.since = batch.PositionOf(m.Line, 0)
		t.order = append(t.order, next)
	}
	t.streams[m.Stream], t.last = next, nil
	for i := range t.order {
		if t.order[i] == before && before != nil {
			t.order[i] = next
		}
	}
	return at(m.Line, t.prepare(next))
}

// follow registers a stream that shares another one's table.
func (t *Target) follow(before, next *stream) {
	if before == nil {
		t.order = append(t.order, next)
	} else {
		next.stats = before.stats
		t.order[slices.Index(t.order, before)] = next
	}
	t.streams[next.id], t.last = next, nil
}

// withoutColumns leaves a stream out whose SCHEMA has no columns. Where an earlier one had some it stays in force.
func (t *Target) withoutColumns(before, next *stream) {
	if before != nil {
		before.schema = next.schema
	} else {
		t.order = append(t.order, next)
		t.streams[next.id], t.last = next, nil
	}
	if before == nil || !before.skip {
		t.log.Warn(next.say("the SCHEMA has no columns and is ignored", "the catalog names no properties of the stream: nothing is loaded of it"), "stream", next.name)
	}
}

// inherit takes over what a stream has learnt and counted before its schema changed.
func (s *stream) inherit(before *stream) {
	lead := s.lead
	s.learnt, s.stats, s.fresh, s.unkeyed, s.inTheWay = before.learnt, before.stats, before.fresh, before.unkeyed, before.inTheWay
	s.lead = lead
}
