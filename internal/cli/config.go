package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/settings"
)

// fromEnvironment is the name that stands for the environment among --config's files.
const fromEnvironment = "ENV"

// given reads the specification and the settings that the user has given. The notes are what the user should know of
// them.
func (p *Program) given() (spec *settings.Spec, given map[string]any, notes []string, err error) {
	if spec, err = p.Spec(); err != nil {
		return nil, nil, nil, err
	}
	given, notes, err = p.settings(spec)
	return spec, given, notes, err
}

// singerConfig reads the configuration and logs what its user should know.
func (p *Program) singerConfig(log *slog.Logger) (*config.Config, error) {
	spec, given, notes, err := p.given()
	if err != nil {
		return nil, err
	}
	for _, note := range notes {
		log.Warn(note)
	}
	return p.configured(log, spec, given)
}

// configured turns the settings into a configuration and logs what its user should know.
func (p *Program) configured(log *slog.Logger, spec *settings.Spec, given map[string]any) (*config.Config, error) {
	cfg, err := config.New(spec, given)
	if err != nil && len(p.flags.configs) == 0 && !p.flags.embedded {
		lacking, _, _ := strings.Cut(err.Error(), " (") // its hint is about a file that is there
		return nil, &failure.ConfigError{
			Reason: "there is no configuration: " + lacking,
			Hint:   "give --config FILE, or --config ENV for the TARGET_POSTGRES_* variables; target-postgres init makes a file",
		}
	}
	if err != nil {
		return nil, err
	}
	for _, note := range cfg.Notes {
		log.Warn(note)
	}
	return cfg, nil
}

// tellSettings logs which files the settings come from, and what in them differs from the defaults.
func (p *Program) tellSettings(log *slog.Logger, cfg *config.Config) {
	if len(p.flags.configs) > 0 {
		log.Info("settings", "config", strings.Join(p.flags.configs, ", "), "changed", cfg.Changed)
	}
}

// settings merges the configuration files, later ones over earlier ones, and the environment over all of them.
func (p *Program) settings(spec *settings.Spec) (merged map[string]any, notes []string, err error) {
	merged = map[string]any{}
	environment := false
	for _, name := range p.flags.configs {
		if name == fromEnvironment {
			environment = true
			continue
		}
		given, repeated, err := readSettings(name)
		if err != nil {
			return nil, nil, err
		}
		notes = append(notes, repeated...)
		maps.Copy(merged, given)
	}
	if !environment {
		return merged, notes, nil
	}
	variables := map[string]string{}
	for _, name := range spec.Names() {
		variable := variablePrefix + strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(name))
		variables[variable] = name
		if value := p.Getenv(variable); value != "" {
			merged[name] = value
		}
	}
	return merged, append(notes, p.unanswered(variables)...), nil
}

// variablePrefix begins the names of the environment variables that are settings.
const variablePrefix = "TARGET_POSTGRES_"

// ownVariables are read elsewhere: they are no settings.
var ownVariables = []string{variablePrefix + "LOGLEVEL"}

// unanswered names the variables that look like settings and are none.
func (p *Program) unanswered(known map[string]string) (notes []string) {
	if p.Environ == nil {
		return nil
	}
	for _, pair := range slices.Sorted(slices.Values(p.Environ())) {
		name, value, _ := strings.Cut(pair, "=")
		_, isSetting := known[name]
		if !strings.HasPrefix(name, variablePrefix) || value == "" || isSetting || slices.Contains(ownVariables, name) {
			continue
		}
		note := fmt.Sprintf("the variable %s has no effect: there is no setting of that name", name)
		if near := failure.Suggest(name[len(variablePrefix):], names(known)); near != "" {
			note += "; did you mean " + variablePrefix + near + "?"
		}
		notes = append(notes, note)
	}
	return notes
}

// names are those of variables, without the prefix that all of them have.
func names(variables map[string]string) []string {
	list := slices.Sorted(maps.Keys(variables))
	for i, name := range list {
		list[i] = strings.TrimPrefix(name, variablePrefix)
	}
	return list
}

// readSettings reads a file of settings. The notes are what the user should know of it.
func readSettings(name string) (given map[string]any, notes []string, err error) {
	data, err := readNamed("--config", name)
	if err != nil {
		return nil, nil, err
	}
	given = map[string]any{}
	if fault := decodeObject(data, given); fault != nil {
		return nil, nil, &failure.ConfigError{Reason: "the configuration " + name + " cannot be read: " + fault.Error(), Hint: fault.hint}
	}
	return given, givenTwice(data), nil
}

// decodeObject reads one JSON object and nothing else.
func decodeObject(data []byte, into map[string]any) *jsonError {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if fault := noObject(data); fault != nil {
		return fault
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&into); err != nil {
		return faultOf(data, err)
	}
	rest := data[decoder.InputOffset():]
	if trimmed := bytes.TrimLeft(rest, " \t\r\n"); len(trimmed) > 0 {
		return &jsonError{line: lineOf(data, len(data)-len(trimmed)), reason: "something follows the end of the JSON object", hint: "give one object"}
	}
	return nil
}
