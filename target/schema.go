package target

import (
	"target-postgres/protocol"
	"target-postgres/target/batch"
	"target-postgres/target/failure"
)

// schema takes a SCHEMA message. One that changes nothing costs nothing.
func (t *Target) schema(m *protocol.Message) error {
	t.answers.Stream(m.Stream)
	before := t.registry.Of(m.Stream)
	if before != nil && before.Schema.Same(m.Schema) {
		return nil
	}
	next, err := t.registry.Describe(m, t.config.ForStream(m.Stream), false)
	if err != nil {
		return failure.AtLine(m.Line, err)
	}
	t.answers.Describe(next)
	t.registry.TellShape(before, next)
	if next.Skip && next.Mapped != nil && next.Mapped.Drops {
		t.registry.Drop(before, next)
		return nil
	}
	if next.Skip {
		t.registry.WithoutColumns(before, next)
		return nil
	}
	if err := t.prepareRejects(next); err != nil {
		return failure.AtLine(m.Line, err)
	}
	if next.Lead != nil {
		next = t.registry.Follow(before, next)
		return failure.AtLine(m.Line, t.preparer.Share(next, t.registry.Leader(next)))
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
		t.registry.Add(next)
	}
	t.registry.Set(next)
	if before == nil {
		t.preparer.Expect(next, m.Line)
		return nil
	}
	return failure.AtLine(m.Line, t.preparer.Prepare(next))
}

// prepareNewcomers prepares the streams that wait for it. None waits while the reader does.
func (t *Target) prepareNewcomers() error {
	for _, n := range t.preparer.Newcomers() {
		m := &protocol.Message{Kind: protocol.KindSchema, Line: n.Line, Stream: n.Stream.ID}
		if err := t.contain(m, failure.AtLine(n.Line, t.preparer.Prepare(n.Stream))); err != nil {
			return err
		}
	}
	return nil
}
