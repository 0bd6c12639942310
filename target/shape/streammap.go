package shape

import (
	"fmt"
	"maps"
	"slices"

	"target-postgres/typemap"
)

// StreamMap is what the setting stream_maps says of one stream. The zero StreamMap changes nothing.
type StreamMap struct {
	// Alias is the name that the stream goes by, "" for its own.
	Alias string
	// Drops says that the stream is left out.
	Drops bool
	// Key are the fields of the key if SetsKey says that it sets them.
	Key     []string
	SetsKey bool

	entry  string // of the setting
	only   bool   // fields that it does not name are left out, but for those of the key
	fields map[string]*expression
}

// null is what the SDK writes for null where a configuration cannot have one.
const null = "__NULL__"

// IsNull reports whether a member of stream_maps is null, or stands for it.
func IsNull(value any) bool { return value == nil || value == null }

// NewStreamMap reads an entry of the setting stream_maps for a stream. The error is an *[Error].
func NewStreamMap(entry string, value any, stream string, cfg map[string]any) (*StreamMap, error) {
	m := &StreamMap{entry: entry, Drops: IsNull(value), fields: map[string]*expression{}}
	members, is := value.(map[string]any)
	if !is && !m.Drops {
		return nil, m.wrong("", "is neither an object nor null", "write the fields of the stream and what they become, or null to leave the stream out")
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		var err error
		switch value := members[name]; name {
		case "__alias__":
			m.Alias, err = m.alias(value, stream, cfg)
		case "__else__":
			if m.only = IsNull(value); !m.only {
				err = m.wrong(name, "can only be null", "leave it out to keep the fields that are not named")
			}
		case "__key_properties__":
			m.SetsKey = true
			m.Key, err = m.key(value)
		case "__filter__":
			err = m.wrong(name, "needs Python, and is not supported", "select the rows at the source, or through a view over the table; or filter with a mapper such as meltano-map-transform")
		case "__source__":
			err = m.wrong(name, "is not supported: a stream is loaded into one table", "create a view over the table of the stream, or copy the stream with a mapper such as meltano-map-transform")
		default:
			m.fields[name], err = m.expression(name, value, scope{stream: stream, self: name, config: cfg})
		}
		if err != nil {
			return nil, err
		}
	}
	return m, nil
}

// wrong is an error about the entry.
func (m *StreamMap) wrong(member, reason, hint string) error {
	setting := "stream_maps." + m.entry
	if member != "" {
		setting += "." + member
	}
	return &Error{setting, reason, hint}
}

// alias is a name, which may be an expression of texts.
func (m *StreamMap) alias(value any, stream string, cfg map[string]any) (string, error) {
	text, is := value.(string)
	if !is || text == "" {
		return "", m.wrong("__alias__", "is no name", "write the name that the stream is to go by")
	}
	e, err := parse(text, scope{stream: stream, config: cfg})
	if word, is := e.word(); err == nil && is && e.field == "" {
		return word, nil
	}
	if tokens, err := tokenize(text); err == nil && slices.ContainsFunc(tokens, func(token string) bool { return token == "(" || token == "+" }) {
		return "", m.unsupported("__alias__", text, errUnsupported)
	}
	return text, nil
}

// key is a list of fields, or null for no key.
func (m *StreamMap) key(value any) ([]string, error) {
	key := []string{}
	list, is := value.([]any)
	for _, one := range list {
		field, isText := one.(string)
		is = is && isText
		key = append(key, field)
	}
	if !is && !IsNull(value) {
		return nil, m.wrong("__key_properties__", "is no list of fields", "write the names of the fields that make the key, or null")
	}
	return key, nil
}

// expression reads what a field becomes, nil for nothing.
func (m *StreamMap) expression(name string, value any, in scope) (*expression, error) {
	if IsNull(value) {
		return nil, nil
	}
	text, is := value.(string)
	if !is {
		return nil, m.wrong(name, "is neither a text nor null", "write an expression in quotes, such as \"'a text'\" or \"5\" for a constant")
	}
	e, err := parse(text, in)
	if err != nil {
		return nil, m.unsupported(name, text, err)
	}
	return &e, nil
}

// unsupported names an expression and what to use instead of it.
func (m *StreamMap) unsupported(name, text string, err error) error {
	return m.wrong(name, fmt.Sprintf("has the expression %s, which %s", text, err),
		"a field, a constant, md5(…) and sha256(…) are; for another type set streams.<stream>.columns.<field>.type, and compute all else in the tap, "+
			"in a view, or with a mapper such as meltano-map-transform")
}

// apply makes the fields of the map out of those of the schema. The fields that it leaves out come second.
func (m *StreamMap) apply(fields []typemap.Field, key []string) (kept, left []typemap.Field, err error) {
	if m == nil {
		return fields, nil, nil
	}
	byName := map[string]typemap.Field{}
	for _, f := range fields {
		byName[f.Name] = f
		e, named := m.fields[f.Name]
		switch isKey := slices.Contains(key, f.Name); {
		case named && e == nil && isKey:
			return nil, nil, m.wrong(f.Name, "is null, and the field is part of the key", "set __key_properties__ to another key, or to null for none")
		case named && e == nil, m.only && !named && !isKey:
			left = append(left, f)
		case !named:
			kept = append(kept, f)
		default:
			kept = append(kept, typemap.Field{Name: f.Name}) // its place
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.fields)) {
		e := m.fields[name]
		if e == nil {
			continue
		}
		f, err := m.field(name, e, byName)
		if err != nil {
			return nil, nil, err
		}
		if i := slices.IndexFunc(kept, func(k typemap.Field) bool { return k.Name == name }); i >= 0 {
			kept[i] = f
		} else {
			kept = append(kept, f)
		}
	}
	return kept, left, nil
}

// field is what an expression makes. As in the SDK it has the type of the field of its name, else of the field that it
// is a copy of, else text.
func (m *StreamMap) field(name string, e *expression, fields map[string]typemap.Field) (typemap.Field, error) {
	own, exists := fields[name]
	from, found := fields[e.field]
	if e.field != "" && !found {
		return own, m.wrong(name, fmt.Sprintf("names %s, which is no field of the stream", e.field), "name a field of the stream, or write a text in quotes within quotes: \"'a text'\"")
	}
	f := typemap.Field{Name: name, Type: typemap.Text}
	switch {
	case exists && e.digest == nil && !e.text:
		f = own
	case e.field != "" && e.digest == nil && !e.text:
		f = from
	}
	f.Name = name
	switch {
	case e.field == "":
		f.Constant, f.Properties = e.constant, nil
	case e.digest != nil:
		digest := *e.digest
		digest.Whole = from.Type.Kind == typemap.KindInt8
		f.Digest, f.Fixed, f.Description = &digest, true, own.Description
	}
	if e.field != "" && e.field != name {
		f.Path = []string{e.field}
	}
	return f, nil
}

// leavesOut reports whether a field that the schema does not have is left out.
func (m *StreamMap) leavesOut(field string) bool {
	if m == nil {
		return false
	}
	_, named := m.fields[field]
	return named || m.only
}

// Hashes reports whether the map makes a field the hash of a value.
func (m *StreamMap) Hashes(field string) bool {
	return m != nil && m.fields[field] != nil && m.fields[field].digest != nil
}

// KeyOf is the key of the stream.
func (m *StreamMap) KeyOf(key []string) []string {
	if m != nil && m.SetsKey {
		return m.Key
	}
	return key
}
