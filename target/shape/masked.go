package shape

import (
	"slices"

	"target-postgres/internal/jsonscan"
	"target-postgres/typemap"
)

// Masks reports whether some values of the stream's records must not be stored as they are.
func (p *Plan) Masks() bool {
	for _, c := range p.settings.Columns {
		if is(c.Exclude) || is(c.Hash) {
			return true
		}
	}
	return false
}

// Masked returns a record as it may be stored: without the fields that are excluded, and with the hashes of those that are
// hashed, also of fields that the schema does not declare. It is nil for what is no JSON object.
func (p *Plan) Masked(record []byte) []byte {
	if !p.Masks() {
		return record
	}
	return p.maskedAt(record, nil)
}

// maskedAt masks the object at a path.
func (p *Plan) maskedAt(object []byte, outer []string) []byte {
	out := []byte{'{'}
	ok := members(object, func(name, value []byte) {
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

// maskedValue is what may be stored of the value at a path, nil for nothing. Of what should be an object with columns of its own
// and is none, it is not known which of them it holds.
func (p *Plan) maskedValue(value []byte, path []string) []byte {
	inner := p.inside(path)
	if len(inner) > 0 && value[0] == '{' {
		return p.maskedAt(value, path)
	}
	field := p.at(path)
	if p.excludes(field) || string(value) != "null" && slices.ContainsFunc(inner, func(f string) bool { return p.excludes(f) || p.hashes(f) }) {
		return nil
	}
	if p.hashes(field) {
		return p.digest(field).JSON(value)
	}
	return value
}

// inside are the fields within the object at a path.
func (p *Plan) inside(path []string) []string {
	var inner []string
	for _, f := range p.flat {
		if len(f.Path) > len(path) && slices.Equal(f.Path[:len(path)], path) {
			inner = append(inner, f.Name)
		}
	}
	return inner
}

// at is the field at a path.
func (p *Plan) at(path []string) string {
	for _, f := range p.flat {
		if len(path) == 1 && f.Path == nil && f.Name == path[0] || len(f.Path) > 0 && slices.Equal(f.Path, path) {
			return f.Name
		}
	}
	if len(path) == 1 && p.settings.Flatten.MaxLevel == 0 {
		return path[0]
	}
	return p.settings.Flatten.name(path)
}

// digest is how a field is hashed.
func (p *Plan) digest(field string) *typemap.Digest {
	if i := slices.IndexFunc(p.Fields, func(f typemap.Field) bool { return f.Name == field }); i >= 0 {
		return p.Fields[i].Digest
	}
	return &typemap.Digest{Before: p.settings.HashSalt}
}

// members calls do for each member of a JSON object, with the text of its name and value. It reports whether the text is an object.
func members(text []byte, do func(name, value []byte)) bool {
	i := jsonscan.Space(text, 0)
	if i >= len(text) || text[i] != '{' {
		return false
	}
	if i = jsonscan.Space(text, i+1); i < len(text) && text[i] == '}' {
		return true
	}
	for {
		end, _, err := jsonscan.String(text, i)
		if err != nil {
			return false
		}
		name := text[i:end]
		if i, err = jsonscan.Colon(text, end); err != nil {
			return false
		}
		i = jsonscan.Space(text, i)
		if end, _, err = jsonscan.Value(text, i); err != nil {
			return false
		}
		do(name, text[i:end])
		if i = jsonscan.Space(text, end); i >= len(text) || text[i] != ',' {
			return i < len(text) && text[i] == '}'
		}
		i = jsonscan.Space(text, i+1)
	}
}
