package registry

import (
	"errors"

	"target-postgres/target/failure"
	"target-postgres/target/shape"
	"target-postgres/target/stream"
)

// shapeFields applies the settings that decide which fields become columns, and how.
func (r *Registry) shapeFields(s *stream.Stream, key []string) (err error) {
	settings := r.config.Shape(s.Config)
	settings.Map = s.Mapped
	s.Plan, err = shape.New(s.Fields, key, settings)
	if wrong, is := errors.AsType[*shape.Error](err); is {
		return &failure.Error{Blame: failure.Configuration, Stream: s.Name, Reason: "setting " + wrong.Error(), Hint: wrong.Hint}
	}
	if err != nil {
		return err
	}
	s.Fields = s.Plan.Fields
	return nil
}
