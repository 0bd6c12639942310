package cli

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"strings"

	"target-postgres/target"
)

// fromEnvironment is the name that stands for the environment among --config's files.
const fromEnvironment = "ENV"

// given reads the specification and the settings that the user has given.
func (p *Program) given() (*target.Spec, map[string]any, error) {
	spec, err := target.ParseSpec(p.Spec)
	if err != nil {
		return nil, nil, err
	}
	given, err := p.settings(spec)
	return spec, given, err
}

// settings merges the configuration files, later ones over earlier ones, and the environment over all of them.
func (p *Program) settings(spec *target.Spec) (map[string]any, error) {
	merged := map[string]any{}
	environment := false
	for _, name := range p.flags.configs {
		if name == fromEnvironment {
			environment = true
			continue
		}
		given, err := readSettings(name)
		if err != nil {
			return nil, err
		}
		maps.Copy(merged, given)
	}
	if environment {
		for _, name := range spec.TopLevel() {
			variable := "TARGET_POSTGRES_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
			if value := p.Getenv(variable); value != "" {
				merged[name] = value
			}
		}
	}
	return merged, nil
}

func readSettings(name string) (map[string]any, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, &target.ConfigError{Reason: "cannot be read", Err: err, Hint: "give an existing file to --config"}
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	given := map[string]any{}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&given); err != nil {
		return nil, &target.ConfigError{Reason: name + " is not a JSON object", Err: err}
	}
	return given, nil
}
