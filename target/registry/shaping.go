package registry

import (
	"errors"

	"target-postgres/target/failure"
	"target-postgres/target/shape"
	"target-postgres/target/stream"
)

// shapeFields applies the settings that decide which fields become columns, and how.
func (r *Registry) shapeFields(s *stream.Stream, key []string) (err error) {
	s.Plan, err = shape.New(s.Fields, key, r.shaping(s))
	if err != nil {
		return shapingError(s, err)
	}
	s.Fields = s.Plan.Fields
	return nil
}

// shaping are the settings for the columns of a stream.
func (r *Registry) shaping(s *stream.Stream) shape.Settings {
	settings := r.config.Shape(s.Config)
	settings.Map = s.Mapped
	return settings
}

// shapingError says which setting is wrong.
func shapingError(s *stream.Stream, err error) error {
	if wrong, is := errors.AsType[*shape.Error](err); is {
		return &failure.Error{Blame: failure.Configuration, Stream: s.Name, Reason: "setting " + wrong.Error(), Hint: wrong.Hint}
	}
	return err
}
