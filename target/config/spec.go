package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"target-postgres/target/dialect"
	"target-postgres/target/failure"
)

// Spec is spec.json, the only list of the settings: validation, defaults, aliases, the README's table, Singer's --about
// and Airbyte's spec all come from it.
type Spec struct {
	// JSON is the document as it was given to [ParseSpec].
	JSON []byte

	root   *node
	schema *jsonschema.Schema
}

// node is one setting, or an object that groups settings.
type node struct {
	Title       string           `json:"title"`
	Description string           `json:"description"`
	Type        string           `json:"type"`
	Default     any              `json:"default"`
	Order       int              `json:"order"`
	Enum        []any            `json:"enum"`
	Aliases     []string         `json:"x-aliases"`
	Secret      bool             `json:"airbyte_secret"`
	PerStream   bool             `json:"x-per-stream"`
	Properties  map[string]*node `json:"properties"`
	// OneOf are the forms of a setting that has several. The first is the one that it is said to have.
	OneOf []struct {
		Type string `json:"type"`
	} `json:"oneOf"`
	// Open is set where the keys are the user's own, as in streams.
	Open *node `json:"-"`
	// KeyOf says what these keys name, "" for streams.
	KeyOf string `json:"x-key"`

	Additional json.RawMessage `json:"additionalProperties"`
	// keys are the names in Properties as they stand in the document.
	keys []string
}

// UnmarshalJSON also keeps the order of the properties, which a map does not.
func (n *node) UnmarshalJSON(data []byte) error {
	type plain node
	if err := json.Unmarshal(data, (*plain)(n)); err != nil {
		return err
	}
	if n.Type == "" && len(n.OneOf) > 0 {
		n.Type = n.OneOf[0].Type
	}
	var order struct {
		Properties ordered `json:"properties"`
	}
	if err := json.Unmarshal(data, &order); err != nil {
		return err
	}
	n.keys = order.Properties
	return nil
}

// ordered are the keys of an object, in order.
type ordered []string

// UnmarshalJSON reads an object for its keys.
func (o *ordered) UnmarshalJSON(data []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	if _, err := decoder.Token(); err != nil {
		return err
	}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return err
		}
		name, _ := key.(string)
		*o = append(*o, name)
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return err
		}
	}
	return nil
}

// specURL names spec.json for the compiler of schemas. A relative name would be resolved against the current directory,
// whose path may hold a # that ends a URL's path.
const specURL = "mem:///spec.json"

// ParseSpec reads spec.json. An error means that the program was built with a broken one.
func ParseSpec(data []byte) (*Spec, error) {
	root := &node{}
	if err := json.Unmarshal(data, root); err != nil {
		return nil, fmt.Errorf("spec.json: %w", err)
	}
	if err := root.resolve(); err != nil {
		return nil, fmt.Errorf("spec.json: %w", err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat = true
	if err := compiler.AddResource(specURL, bytes.NewReader(data)); err != nil {
		return nil, fmt.Errorf("spec.json: %w", err)
	}
	schema, err := compiler.Compile(specURL)
	if err != nil {
		return nil, fmt.Errorf("spec.json: %w", err)
	}
	return &Spec{JSON: data, root: root, schema: schema}, nil
}

// resolve turns an additionalProperties schema into Open, all the way down.
func (n *node) resolve() error {
	if bytes.HasPrefix(n.Additional, []byte("{")) {
		n.Open = &node{}
		if err := json.Unmarshal(n.Additional, n.Open); err != nil {
			return err
		}
		if err := n.Open.resolve(); err != nil {
			return err
		}
	}
	for _, child := range n.Properties {
		if err := child.resolve(); err != nil {
			return err
		}
	}
	return nil
}

// normalise renames aliases to the settings they stand for, turns the strings of environment variables into the
// types the settings have, and refuses a setting that does not exist.
func (n *node) normalise(path string, given map[string]any) error {
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
			return n.unknown(path, key)
		}
		if given[key] == nil {
			delete(given, key)
			continue
		}
		given[key] = child.coerce(given[key])
		if object, ok := given[key].(map[string]any); ok && (child.Properties != nil || child.Open != nil) {
			if err := child.normalise(join(path, key), object); err != nil {
				return err
			}
		}
	}
	return nil
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

// unknown is the error for a setting that does not exist, with the nearest one that does.
func (n *node) unknown(path, key string) error {
	candidates := slices.Sorted(maps.Keys(n.Properties))
	for alias := range n.aliases() {
		candidates = append(candidates, alias)
	}
	hint := "see `target-postgres --about` for the settings"
	if best := failure.Suggest(key, candidates); best != "" {
		hint = fmt.Sprintf("did you mean %s?", join(path, best))
	}
	return &failure.ConfigError{Setting: join(path, key), Reason: "is not a setting of target-postgres", Hint: hint}
}

// validate checks a configuration against the document and turns the first failure into a ConfigError.
func (s *Spec) validate(given map[string]any) error {
	err := s.schema.Validate(given)
	if err == nil {
		return nil
	}
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return &failure.ConfigError{Reason: "could not be checked", Err: err}
	}
	invalid = leaf(invalid)
	setting := strings.ReplaceAll(strings.TrimPrefix(invalid.InstanceLocation, "/"), "/", ".")
	hint := ""
	if n := s.lookup(listed.ReplaceAllString(setting, "")); n != nil {
		hint = n.Description
	}
	return &failure.ConfigError{Setting: setting, Reason: invalid.Message, Hint: hint}
}

// listed is the place of a setting's value within lists.
var listed = regexp.MustCompile(`(\.\d+)+$`)

// leaf is what is wrong in the end. Of the forms that a value may have the one counts that it comes closest to: where the fault lies
// deepest, and if it has the right type.
func leaf(invalid *jsonschema.ValidationError) *jsonschema.ValidationError {
	var best *jsonschema.ValidationError
	for _, cause := range invalid.Causes {
		each := leaf(cause)
		deeper := best != nil && len(each.InstanceLocation) > len(best.InstanceLocation)
		closer := best != nil && each.InstanceLocation == best.InstanceLocation &&
			strings.HasSuffix(best.KeywordLocation, "/type") && !strings.HasSuffix(each.KeywordLocation, "/type")
		if best == nil || deeper || closer {
			best = each
		}
	}
	if best == nil {
		return invalid
	}
	return best
}

// lookup finds the setting at a dotted path, nil when there is none.
func (s *Spec) lookup(path string) *node {
	n := s.root
	for part := range strings.SplitSeq(path, ".") {
		child := n.Properties[part]
		if child == nil {
			child = n.Open
		}
		if child == nil {
			return nil
		}
		n = child
	}
	return n
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// topLevel lists the names of the settings that stand at the top, aliases and those of other targets included.
func (s *Spec) topLevel() []string {
	names := slices.Sorted(maps.Keys(s.root.Properties))
	names = append(names, slices.Sorted(maps.Keys(s.root.aliases()))...)
	for _, foreign := range dialect.Targets() {
		for _, setting := range foreign.Settings {
			if !strings.Contains(setting.Name, ".") && !slices.Contains(names, setting.Name) {
				names = append(names, setting.Name)
			}
		}
	}
	return names
}
