package target

import (
	"errors"
	"slices"

	"target-postgres/target/failure"
	"target-postgres/target/shape"
	"target-postgres/target/stream"
)

// shapeFields applies the settings that decide which fields become columns, and how.
func (t *Target) shapeFields(s *stream.Stream, key []string) (err error) {
	settings := t.config.Shape(s.Config)
	settings.Map = s.Mapped
	s.Plan, err = shape.New(s.Fields, key, settings)
	if wrong, is := errors.AsType[*shape.Error](err); is {
		return &failure.Error{Kind: failure.KindConfig, Stream: s.Name, Reason: "setting " + wrong.Error(), Hint: wrong.Hint}
	}
	if err != nil {
		return err
	}
	s.Fields = s.Plan.Fields
	return nil
}

// tellShape says once a stream what its settings could not do.
func (t *Target) tellShape(before, next *stream.Stream) {
	if before != nil && slices.Equal(before.Plan.Warnings, next.Plan.Warnings) {
		return
	}
	for _, warning := range next.Plan.Warnings {
		t.log.Warn(warning, "stream", next.Name)
	}
}

// drop leaves a stream out, as stream_maps asks for. It has no table.
func (t *Target) drop(before, next *stream.Stream) {
	if before == nil {
		t.order = append(t.order, next)
		t.log.Info("left out by stream_maps", "stream", next.Name)
		t.streams[next.ID], t.last = next, nil
	}
}
