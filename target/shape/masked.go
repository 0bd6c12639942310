package shape

import (
	"slices"
	"strings"

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
	if p.places == nil {
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
	at := p.places[placeOf(path)]
	switch {
	case at == nil:
		return p.undeclared(value, path)
	case at.opened && value[0] == '{':
		return p.maskedAt(value, path)
	case at.hides:
		return nil
	case !at.known:
		return p.undeclared(value, path)
	case !at.stored:
		return nil
	case at.digest != nil:
		return at.digest.JSON(value)
	}
	return value
}

// place is what is known of the values at a path.
type place struct {
	// opened says that columns hold properties of the object there, hides that some of them are hashed or left out.
	opened, hides bool
	// known says that there is a field, stored that it has a column, plain that one of its columns holds the value
	// itself. Otherwise they hold digest.
	known, stored, plain bool
	digest               *typemap.Digest
}

// placeOf is how the places of a plan are called.
func placeOf(path []string) string { return strings.Join(path, "\x00") }

// findPlaces works out what is known of the paths of all fields, if records are to be masked.
func (p *Plan) findPlaces() {
	if !p.masks() {
		return
	}
	p.places = map[string]*place{}
	at := func(path []string) *place {
		name := placeOf(path)
		if p.places[name] == nil {
			p.places[name] = &place{}
		}
		return p.places[name]
	}
	for i, f := range slices.Concat(p.Fields, p.LeftOut, p.flat) {
		if f.Constant != "" || f.Undeclared {
			continue
		}
		path := f.At()
		own := at(path)
		own.known = true
		if i >= len(p.Fields)+len(p.LeftOut) {
			continue // it is only known
		}
		leftOut := i >= len(p.Fields)
		for n := 1; n < len(path); n++ {
			outer := at(path[:n])
			outer.opened, outer.hides = true, outer.hides || leftOut || f.Digest != nil
		}
		switch {
		case leftOut:
			continue
		case f.Digest == nil:
			own.plain, own.digest = true, nil
		case !own.plain && own.digest == nil:
			own.digest = f.Digest
		}
		own.stored = true
	}
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
