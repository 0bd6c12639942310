package shape

import (
	"fmt"
	"slices"

	"target-postgres/typemap"
)

// Plan is how the fields of a stream become columns.
type Plan struct {
	// Fields are those that become columns, in the order of the schema.
	Fields []typemap.Field
	// LeftOut are the declared fields that become none.
	LeftOut []typemap.Field
	// Warnings say what was done otherwise than the settings ask, one sentence each.
	Warnings []string

	settings Settings
	key      []string
	// flat are all fields after flattening, schema those before any map.
	flat, schema []typemap.Field
	// alike are the fields that have other names than flattening gives them, because another field is called so, and
	// these names.
	alike map[string]string
	// places are the paths in records of which something is known, nil if records are stored as they are.
	places map[string]*place
}

// New makes the plan for the fields of a schema. key are the fields of the stream's key. The error is an *[Error].
func New(fields []typemap.Field, key []string, settings Settings) (*Plan, error) {
	schema := fields
	fields, left, err := settings.Map.apply(fields, key)
	if err != nil {
		return nil, err
	}
	fields = settings.Flatten.fields(fields)
	p := &Plan{settings: settings, key: key, flat: fields, LeftOut: left, schema: schema, alike: map[string]string{}}
	for _, f := range fields {
		if f.Flat != "" && f.Flat != f.Name {
			p.alike[f.Name] = f.Flat
		}
	}
	if settings.Extra {
		defer p.addExtra()
	}
	if len(settings.Columns) == 0 && !settings.TypeHints {
		p.Fields = slices.Clip(fields)
		p.findPlaces()
		return p, nil
	}
	if err := settings.Check(); err != nil {
		return nil, err
	}
	if err := p.checkHidden(); err != nil {
		return nil, err
	}
	p.Fields = make([]typemap.Field, 0, len(fields))
	renamed := map[string]string{}
	for _, f := range fields {
		column := p.column(f.Name)
		if p.excludes(f.Name) {
			p.LeftOut = append(p.LeftOut, f)
			continue
		}
		if is(column.Exclude) {
			if settings.HashSalt == "" {
				return nil, &Error{
					"columns." + f.Name + ".exclude", "is about a field of the key, which can only be stored as a hash, and hash_salt is missing",
					"set hash_salt, or name another key with key_properties",
				}
			}
			p.Warnings = append(p.Warnings, fmt.Sprintf("field %q is part of the key and cannot be left out: its hash is stored instead", f.Name))
		}
		if other, taken := renamed[column.Rename]; taken && column.Rename != "" {
			return nil, &Error{"columns." + f.Name + ".rename", fmt.Sprintf("is %q, as that of %q is", column.Rename, other), "give each field another name"}
		}
		renamed[column.Rename] = f.Name
		p.Fields = append(p.Fields, p.shaped(f, column))
	}
	p.findPlaces()
	return p, nil
}

// Flattened returns the fields as the stream map and flattening leave them, before the settings of columns. The error
// is an *[Error].
func (s *Settings) Flattened(fields []typemap.Field) ([]typemap.Field, error) {
	fields, _, err := s.Map.apply(fields, nil)
	return s.Flatten.fields(fields), err
}

// shaped is a field with what the settings say of it.
func (p *Plan) shaped(f typemap.Field, column Column) typemap.Field {
	f.Column = column.Rename
	if f.Digest != nil || p.hashes(f.Name) && f.Constant != "" {
		if f.Constant != "" {
			f.Constant = string(p.digest(f.Name).JSON([]byte(f.Constant)))
			f.Type, f.Encoding, f.Container, f.Fixed = typemap.Text, "", "", true
		}
		return f
	}
	if p.hashes(f.Name) {
		f.Digest = &typemap.Digest{Before: p.settings.HashSalt, Normal: true, Number: typemap.SameFamily(f.Type, typemap.Numeric)}
		f.Type, f.Encoding, f.Container, f.Fixed = typemap.Text, "", "", true
		return f
	}
	name := column.Type
	if name == "" && p.settings.TypeHints {
		name = f.SQLType
	}
	if declared, ok := typemap.DeclaredType(name); ok {
		if declared.Kind != typemap.KindBytea {
			f.Encoding = ""
		}
		f.Type, f.Container, f.Fixed, f.Typed = declared, "", true, true
	}
	return f
}

// LeavesOut reports whether a declared field becomes no column.
func (p *Plan) LeavesOut(field string) bool {
	return slices.ContainsFunc(p.LeftOut, func(f typemap.Field) bool { return f.Name == field })
}

// Declares reports whether there is a field of that name: in the schema, or after the steps before columns.
func (p *Plan) Declares(field string) bool {
	is := func(f typemap.Field) bool { return f.Name == field }
	return slices.ContainsFunc(p.schema, is) || slices.ContainsFunc(p.flat, is)
}

// Separator is what stands between the names of the properties of objects that become columns.
func (p *Plan) Separator() string { return p.settings.Flatten.separator() }

// column is what the settings say of a field. To leave out or hash a name is to do so with all fields that flattening
// gives it: which of them has the name depends on what other fields there are.
func (p *Plan) column(field string) Column {
	own := p.settings.Columns[field]
	if name, is := p.alike[field]; is {
		all := p.settings.Columns[name]
		own = own.Over(Column{Exclude: all.Exclude, Hash: all.Hash})
	}
	return own.Over(p.settings.Columns[All])
}

// excludes reports whether a field becomes no column.
func (p *Plan) excludes(field string) bool {
	return is(p.column(field).Exclude) && !slices.Contains(p.key, field)
}

// hashes reports whether the column of a field holds its hash.
func (p *Plan) hashes(field string) bool {
	column := p.column(field)
	return is(column.Hash) || is(column.Exclude) && slices.Contains(p.key, field)
}
