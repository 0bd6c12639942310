package shape

import (
	"slices"

	"target-postgres/internal/jsonscan"
	"target-postgres/typemap"
)

// masks reports whether some values of the stream's records must not be stored as they are.
func (p *Plan) masks() bool {
	if len(p.LeftOut) > 0 || p.settings.Map != nil {
		return true
	}
	for _, c := range p.settings.Columns {
		if is(c.Exclude) || is(c.Hash) {
			return true
		}
	}
	return false
}

// Masked returns a record as it may be stored: without the fields that are excluded, and with the hashes of those that
// are hashed, also of fields that the schema does not declare. It is nil for what is no JSON object.
func (p *Plan) Masked(record []byte) []byte {
	if !p.masks() {
		return record
	}
	return p.maskedAt(record, nil)
}

// maskedAt masks the object at a path.
func (p *Plan) maskedAt(object []byte, outer []string) []byte {
	out := []byte{'{'}
	ok := jsonscan.EachMember(object, jsonscan.Space(object, 0), func(name, value []byte, _ jsonscan.Kind) {
		text, _ := jsonscan.Unquote(nil, name)
		if value = p.maskedValue(value, append(slices.Clone(outer), string(text))); value == nil {
			return
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(out, name...)
		out = append(out, ':')
		out = append(out, value...)
	})
	if !ok {
		return nil
	}
	return append(out, '}')
}

// maskedValue is what may be stored of the value at a path, nil for nothing. Of what should be an object with columns
// of its own and is none, it is not known which of them it holds.
func (p *Plan) maskedValue(value []byte, path []string) []byte {
	inner := p.fields(func(at []string) bool { return len(at) > len(path) && slices.Equal(at[:len(path)], path) })
	if len(inner) > 0 && value[0] == '{' {
		return p.maskedAt(value, path)
	}
	if slices.ContainsFunc(inner, func(f typemap.Field) bool { return f.Digest != nil || p.LeavesOut(f.Name) }) {
		return nil
	}
	stored := p.fields(func(at []string) bool { return slices.Equal(at, path) })
	if len(stored) == 0 && !p.declared(path) {
		return p.undeclared(value, path)
	}
	for _, f := range stored {
		if f.Digest == nil && !p.LeavesOut(f.Name) {
			return value
		}
	}
	for _, f := range stored {
		if f.Digest != nil {
			return f.Digest.JSON(value)
		}
	}
	return nil
}

// fields are those whose paths are asked for, stored or left out.
func (p *Plan) fields(where func(at []string) bool) []typemap.Field {
	var found []typemap.Field
	for _, f := range slices.Concat(p.Fields, p.LeftOut) {
		if f.Constant == "" && where(f.At()) {
			found = append(found, f)
		}
	}
	return found
}

// declared reports whether the schema has a field at a path.
func (p *Plan) declared(path []string) bool {
	return slices.ContainsFunc(p.flat, func(f typemap.Field) bool { return f.Constant == "" && slices.Equal(f.At(), path) })
}

// undeclared is what may be stored of a field that the schema does not have.
func (p *Plan) undeclared(value []byte, path []string) []byte {
	field := path[0]
	if p.settings.Flatten.MaxLevel > 0 {
		field = p.settings.Flatten.name(path)
	}
	switch {
	case p.excludes(field), p.settings.Map.leavesOut(field) && len(path) == 1:
		return nil
	case p.hashes(field):
		return p.digest(field).JSON(value)
	}
	return value
}

// digest is how a field is hashed.
func (p *Plan) digest(field string) *typemap.Digest {
	if i := slices.IndexFunc(p.Fields, func(f typemap.Field) bool { return f.Name == field }); i >= 0 {
		return p.Fields[i].Digest
	}
	return &typemap.Digest{Before: p.settings.HashSalt, Normal: true}
}
