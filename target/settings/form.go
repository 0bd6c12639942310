package settings

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"target-postgres/target/failure"
)

// Undot takes a dotted name as the nesting that it stands for: "migration_policy.new_fields" is new_fields in
// migration_policy. Where both forms are given the dotted one wins.
func (s *Spec) Undot(given map[string]any) { s.root.undot(given) }

// Normalise gives settings their own names and types: other names are renamed, and texts read where a setting wants
// another type. It refuses a name that no setting has with a ConfigError.
func (s *Spec) Normalise(given map[string]any) error { return s.normalise(s.root, "", given) }

// FillIn adds the defaults of what was not given.
func (s *Spec) FillIn(given map[string]any) { s.root.defaults(given) }

// Has reports whether a setting at the top has this name. Other names of settings do not count.
func (s *Spec) Has(name string) bool { return s.root.Properties[name] != nil }

// Means reports whether a name is that of a setting at the top, or another name for one.
func (s *Spec) Means(name string) bool { return s.Has(name) || s.root.aliases()[name] != "" }

// Decode reads JSON and keeps its numbers as they are written. The error is that of encoding/json.
func Decode(data []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	return decoder.Decode(into)
}

// normalise renames aliases to the settings they stand for, turns the strings of environment variables into the types
// the settings have, and refuses a setting that does not exist.
func (s *Spec) normalise(n *node, path string, given map[string]any) error {
	aliases := n.aliases()
	for _, key := range slices.Sorted(maps.Keys(given)) {
		name, isAlias := aliases[key]
		if !isAlias {
			continue
		}
		if _, both := given[name]; both {
			return &failure.ConfigError{
				Setting: join(path, key),
				Reason:  fmt.Sprintf("is another name for %s, and both are given", join(path, name)),
				Hint:    "keep one of them",
			}
		}
		given[name] = given[key]
		delete(given, key)
	}
	for _, key := range slices.Sorted(maps.Keys(given)) {
		child, known := n.Properties[key]
		if !known {
			child = n.Open
		}
		if child == nil {
			return s.unknown(n, path, key)
		}
		if given[key] == nil {
			delete(given, key)
			continue
		}
		given[key] = child.coerce(given[key])
		if _, nested := given[key].(map[string]any); !known && !nested && n.misses(key) != "" {
			return s.unknown(n, path, key)
		}
		if err := s.within(child, join(path, key), given[key]); err != nil {
			return err
		}
	}
	return nil
}

// within normalises the settings inside a value: an object, or those of a list.
func (s *Spec) within(n *node, path string, value any) error {
	switch value := value.(type) {
	case map[string]any:
		if form := n.object(); form != nil {
			return s.normalise(form, path, value)
		}
	case []any:
		for i, element := range value {
			if n.Items == nil {
				break
			}
			if err := s.within(n.Items, join(path, strconv.Itoa(i)), element); err != nil {
				return err
			}
		}
	}
	return nil
}

// object is the form of a setting in which it has settings of its own, nil if none or several of its forms have.
func (n *node) object() *node {
	if n.Properties != nil || n.Open != nil {
		return n
	}
	var only *node
	for _, form := range slices.Concat(n.OneOf, n.AnyOf) {
		if form.Properties != nil && only != nil {
			return nil
		}
		if form.Properties != nil {
			only = form
		}
	}
	return only
}

// aliases maps every alias of n's settings to the setting's name.
func (n *node) aliases() map[string]string {
	byAlias := map[string]string{}
	for name, child := range n.Properties {
		for _, alias := range child.Aliases {
			byAlias[alias] = name
		}
	}
	return byAlias
}

// coerce reads a string where the setting wants another type: Meltano and environment variables give strings.
func (n *node) coerce(value any) any {
	if n.Type == "integer" {
		value = whole(value)
	}
	text, ok := value.(string)
	if !ok {
		return value
	}
	switch n.Type {
	case "integer", "number":
		if number := json.Number(strings.TrimSpace(text)); json.Valid([]byte(number)) && number != "" {
			return number
		}
	case "boolean":
		switch strings.ToLower(strings.TrimSpace(text)) {
		case "true", "1", "yes", "on":
			return true
		case "false", "0", "no", "off", "":
			return false
		}
	case "object", "array":
		var parsed any
		if json.Unmarshal([]byte(text), &parsed) == nil {
			return parsed
		}
		if n.Type == "array" {
			return commaList(text)
		}
	}
	return value
}

// whole writes a number that has no fraction without one: 5432.0 is 5432. Anything else stays as it is.
func whole(value any) any {
	var text string
	switch v := value.(type) {
	case json.Number:
		text = v.String()
	case string:
		text = strings.TrimSpace(v)
	case float64:
		text = strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return value
	}
	number, ok := new(big.Float).SetString(text)
	if !ok || !json.Valid([]byte(text)) || !number.IsInt() || number.MantExp(nil) > 63 {
		return value
	}
	return json.Number(number.Text('f', 0))
}

// commaList is a list as older configurations write it: a,b.
func commaList(text string) []any {
	list := []any{}
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			list = append(list, item)
		}
	}
	return list
}

// defaults fills in what was not given.
func (n *node) defaults(given map[string]any) {
	for name, child := range n.Properties {
		value, present := given[name]
		if !present && child.Default != nil {
			given[name] = child.Default
			continue
		}
		if !present && child.Properties != nil {
			value = map[string]any{}
			given[name] = value
		}
		if object, ok := value.(map[string]any); ok && child.Properties != nil {
			child.defaults(object)
		}
	}
}
