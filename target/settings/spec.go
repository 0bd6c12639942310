package settings

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"target-postgres/internal/jsonscan"
	"target-postgres/target/dialect"
	"target-postgres/target/failure"
)

// Spec is spec.json, the only list of the settings: validation, defaults, aliases, the README's table, Singer's --about
// and Airbyte's spec all come from it.
type Spec struct {
	// JSON is the document as it was given to [Parse].
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
	// OneOf are the forms of a setting that has several. The first is the one that it is said to have. AnyOf are forms,
	// too, or the combinations of settings that an object may have.
	OneOf []*node `json:"oneOf"`
	AnyOf []*node `json:"anyOf"`
	// Items is what the elements of a list are.
	Items *node `json:"items"`
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

// Parse reads spec.json. An error means that the program was built with a broken one.
func Parse(data []byte) (*Spec, error) {
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

// Validate checks a configuration against the document and turns the first failure into a ConfigError.
func (s *Spec) Validate(given map[string]any) error {
	err := s.schema.Validate(given)
	if err == nil {
		return nil
	}
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return &failure.ConfigError{Reason: "could not be checked", Err: err}
	}
	invalid = leaf(invalid)
	way := jsonscan.PointerSteps(invalid.InstanceLocation)
	setting := strings.Join(way, ".")
	for len(way) > 0 && listed.MatchString(way[len(way)-1]) {
		way = way[:len(way)-1]
	}
	hint := ""
	if n := s.find(way); n != nil {
		hint = n.Description
	}
	return &failure.ConfigError{Setting: setting, Reason: invalid.Message, Hint: hint}
}

// listed is the place of a value within a list.
var listed = regexp.MustCompile(`^\d+$`)

// leaf is what is wrong in the end. Of the forms that a value may have the one counts that it comes closest to: where
// the fault lies deepest, and if it has the right type.
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

// find finds the setting by the names on the way to it, nil when there is none.
func (s *Spec) find(way []string) *node {
	n := s.root
	for _, part := range way {
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
