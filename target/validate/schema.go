package validate

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"target-postgres/internal/jsonscan"
)

// usableSchema compiles a stream's schema without the keywords that cannot be compiled: one pattern that Go does not
// know is no reason to load nothing. root is the schema as it was compiled, unused names those keywords by their JSON
// Pointers.
func usableSchema(text []byte, formats bool) (schema *jsonschema.Schema, root map[string]any, unused []string, err error) {
	root, err = decodeSchema(text)
	if err != nil {
		return nil, nil, nil, err
	}
	if draft, _ := root["$schema"].(string); !strings.Contains(draft, "draft-04") {
		eachSubschema(root, "", exclusiveBounds)
	}
	drafts := dropDrafts(root)
	if root["$schema"] == nil {
		eachSubschema(root, "", listsOfItems)
	}
	unused = slices.Concat(drafts, dropReferences(root), dropPatterns(root))
	for {
		schema, err = compileSchema(root, formats)
		var invalid *jsonschema.ValidationError
		if !errors.As(err, &invalid) {
			return schema, root, unused, err
		}
		for len(invalid.Causes) > 0 {
			invalid = invalid.Causes[0]
		}
		dropped := dropKeyword(root, invalid.InstanceLocation)
		if dropped == "" {
			return nil, nil, nil, errors.New(invalid.Message)
		}
		unused = append(unused, dropped)
	}
}

// decodeSchema reads a schema, in which Python may have written Infinity.
func decodeSchema(text []byte) (map[string]any, error) {
	var root map[string]any
	text, _ = jsonscan.AppendStrict(nil, text, "null")
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	err := decoder.Decode(&root)
	return root, err
}

// schemaURL is the schema's name while it is compiled; a file's name would become one in the working directory.
const schemaURL = "singer:///schema"

func compileSchema(root map[string]any, formats bool) (*jsonschema.Schema, error) {
	text, err := json.Marshal(root)
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat = formats
	compiler.LoadURL = noRemoteSchemas
	if err := compiler.AddResource(schemaURL, bytes.NewReader(text)); err != nil {
		return nil, err
	}
	return compiler.Compile(schemaURL)
}

// exclusiveBounds turns the bounds of draft 4, in which exclusiveMinimum is a boolean beside minimum, into today's.
// Taps for databases still send them, and seldom name their draft.
func exclusiveBounds(schema map[string]any, _ string) {
	for exclusive, bound := range map[string]string{"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"} {
		is, ok := schema[exclusive].(bool)
		if !ok {
			continue
		}
		delete(schema, exclusive)
		if limit, there := schema[bound]; is && there {
			schema[exclusive] = limit
			delete(schema, bound)
		}
	}
}

// listsOfItems turns a list of schemas in items, as the drafts up to 2019-09 have it, into today's prefixItems.
func listsOfItems(schema map[string]any, _ string) {
	list, is := schema["items"].([]any)
	if _, newer := schema["prefixItems"]; !is || newer {
		return
	}
	schema["prefixItems"] = list
	delete(schema, "items")
	if rest, there := schema["additionalItems"]; there {
		schema["items"] = rest
		delete(schema, "additionalItems")
	}
}

// knownDraft matches the drafts of JSON Schema that can be checked.
var knownDraft = regexp.MustCompile(`^https?://json-schema\.org/(schema|draft-0[467]/schema|draft/20(19-09|20-12)/schema)#?$`)

// dropDrafts removes every $schema that is no known draft, and returns the pointers to them. The newest draft then
// applies.
func dropDrafts(root map[string]any) (dropped []string) {
	eachSubschema(root, "", func(schema map[string]any, at string) {
		named, there := schema["$schema"]
		if draft, _ := named.(string); there && !knownDraft.MatchString(draft) {
			delete(schema, "$schema")
			dropped = append(dropped, at+"/$schema")
		}
	})
	return dropped
}

// dropReferences removes every $ref to what the schema does not hold, and returns the pointers to them.
func dropReferences(root map[string]any) (dropped []string) {
	eachSubschema(root, "", func(schema map[string]any, at string) {
		ref, ok := schema["$ref"].(string)
		if !ok || ref == "#" || strings.HasPrefix(ref, "#") && !strings.HasPrefix(ref, "#/") {
			return
		}
		pointer, local := strings.CutPrefix(ref, "#")
		if _, found := resolve(root, pointer); !local || !found {
			delete(schema, "$ref")
			dropped = append(dropped, at+"/$ref")
		}
	})
	return dropped
}

// dropPatterns removes the patterns for names of properties that Go's regexp does not know, and returns the pointers to
// them.
func dropPatterns(root map[string]any) (dropped []string) {
	eachSubschema(root, "", func(schema map[string]any, at string) {
		named, _ := schema["patternProperties"].(map[string]any)
		for pattern := range named {
			if _, err := regexp.Compile(pattern); err != nil {
				delete(named, pattern)
				dropped = append(dropped, at+"/patternProperties/"+pointerEscape.Replace(pattern))
			}
		}
	})
	return dropped
}

// resolve returns what a JSON Pointer leads to.
func resolve(value any, pointer string) (any, bool) {
	for _, step := range jsonscan.PointerSteps(pointer) {
		switch parent := value.(type) {
		case map[string]any:
			child, ok := parent[step]
			if !ok {
				return nil, false
			}
			value = child
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(parent) {
				return nil, false
			}
			value = parent[i]
		default:
			return nil, false
		}
	}
	return value, true
}

// dropKeyword removes the keyword that a JSON Pointer leads to or into a list of, and returns its own pointer, "" if
// there is none.
func dropKeyword(root map[string]any, pointer string) string {
	for pointer != "" {
		at := strings.LastIndexByte(pointer, '/')
		if at < 0 {
			return ""
		}
		parent, _ := resolve(root, pointer[:at])
		if schema, ok := parent.(map[string]any); ok {
			name := jsonscan.PointerSteps(pointer[at:])[0]
			if _, there := schema[name]; !there {
				return ""
			}
			delete(schema, name)
			return pointer
		}
		pointer = pointer[:at]
	}
	return ""
}
