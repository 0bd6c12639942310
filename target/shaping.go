package target

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"target-postgres/target/failure"
	"target-postgres/target/shape"
	"target-postgres/typemap"
)

// shapeFields applies the settings that decide which fields become columns, and how.
func (t *Target) shapeFields(s *stream, key []string) (err error) {
	settings := t.config.Shape(s.config)
	settings.Map = s.mapped
	s.plan, err = shape.New(s.fields, key, settings)
	if wrong, is := errors.AsType[*shape.Error](err); is {
		return &failure.Error{Kind: failure.KindConfig, Stream: s.name, Reason: "setting " + wrong.Error(), Hint: wrong.Hint}
	}
	if err != nil {
		return err
	}
	s.fields = s.plan.Fields
	return nil
}

// tellShape says once a stream what its settings could not do.
func (t *Target) tellShape(before, next *stream) {
	if before != nil && slices.Equal(before.plan.Warnings, next.plan.Warnings) {
		return
	}
	for _, warning := range next.plan.Warnings {
		t.log.Warn(warning, "stream", next.name)
	}
}

// describeOrder refuses to store only hashes, or nothing, of the field by which records are ordered.
func (s *spec) describeOrder() error {
	for setting, field := range map[string]string{"history_time_column": s.config.HistoryTimeColumn, "the cursor": s.schema.Cursor, "order_by": s.config.OrderBy} {
		hidden := s.plan.LeavesOut(field) || slices.ContainsFunc(s.fields, func(f typemap.Field) bool {
			return f.Name == field && f.Digest != nil
		})
		if field != "" && hidden {
			return &failure.Error{
				Kind: failure.KindConfig, Stream: s.name, Column: field,
				Reason: setting + " is a field that columns excludes or hashes, and records are ordered by its values",
				Hint:   fmt.Sprintf("take exclude and hash away from %q, or order the records by another field", field),
			}
		}
	}
	return nil
}

// drop leaves a stream out, as stream_maps asks for. It has no table.
func (t *Target) drop(before, next *stream) {
	if before == nil {
		t.order = append(t.order, next)
		t.log.Info("left out by stream_maps", "stream", next.name)
		t.streams[next.id], t.last = next, nil
	}
}

// declares reports whether the stream has a field, in its schema or by a stream map, be it left out.
func (s *spec) declares(field string) bool { return s.plan.Declares(field) }

// sameField reports whether two descriptions of a field lead to the same values in the same column.
func sameField(a, b typemap.Field) bool {
	sameDigest := a.Digest == nil && b.Digest == nil || a.Digest != nil && b.Digest != nil && *a.Digest == *b.Digest
	return a.Name == b.Name && a.Type.Equal(b.Type) && a.Encoding == b.Encoding && a.Column == b.Column && a.Fixed == b.Fixed && sameDigest &&
		slices.Equal(a.Path, b.Path) && a.Constant == b.Constant
}

// fixed reports whether the type of a column was asked for, so that no value changes it.
func (s *spec) fixed(column string) bool {
	i := slices.Index(s.names, column)
	return i >= 0 && s.fields[i].Fixed
}

// renamed are the columns of the fields that have a name of their own, and the fields' places.
func (s *spec) renamed(fold func(string) string) (places []int, columns []string) {
	var names []string
	for i, f := range s.fields {
		if f.Column != "" {
			places, names = append(places, i), append(names, f.Column)
		}
	}
	return places, typemap.Identifiers(names, s.reservedNames(), fold)
}

// undeclared says what is stored instead of a field that the schema does not have, and whether it is left out.
func (s *spec) undeclared(field string) (instead *typemap.Digest, leaveOut bool) {
	if s.airbyte && strings.HasPrefix(field, "_airbyte_") {
		return nil, true // PyAirbyte's cache sends the columns of its own tables along
	}
	return s.plan.Undeclared(field)
}
