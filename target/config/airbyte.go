package config

import (
	"fmt"
	"maps"
	"slices"

	"target-postgres/target/dialect"
	"target-postgres/target/settings"
)

// ForAirbyte is [New] for a configuration in the form of Airbyte's spec: settings that do not exist are left out as
// Airbyte's protocol asks, names and deletions follow Airbyte's destination-postgres. The warnings say what becomes of
// settings that have no meaning here. The error is a *failure.ConfigError.
func ForAirbyte(spec *settings.Spec, given map[string]any) (*Config, []string, error) {
	var warnings []string
	delete(given, settings.SchemaKey)
	spec.Undot(given)
	for _, key := range slices.Sorted(maps.Keys(given)) {
		if !spec.Means(key) {
			delete(given, key)
			warning := fmt.Sprintf("setting %q is unknown and ignored", key)
			if near := spec.Nearest(key); near != "" {
				warning += "; did you mean " + near + "?"
			}
			warnings = append(warnings, warning)
		}
	}
	if given["cdc_deletion_mode"] == nil && given["hard_delete"] == nil {
		given["hard_delete"] = true
	}
	if given["airbyte_compatible_names"] == nil {
		given["airbyte_compatible_names"] = true
	}
	// Translated before, so that the warnings are told; what is translated already, Config leaves as it is.
	if err := spec.Normalise(given); err != nil {
		return nil, warnings, err
	}
	if given["state_table"] == true {
		given["state_table"] = false
		warnings = append(warnings, "state_table is ignored: the platform keeps the state of every stream and gives it to the source")
	}
	more, err := dialect.TranslateAirbyte(given)
	warnings = append(warnings, more...)
	if err != nil {
		return nil, warnings, err
	}
	cfg, err := New(spec, given)
	return cfg, warnings, err
}

// translate turns the settings of another target into ours and returns what its user should know.
func translate(spec *settings.Spec, given map[string]any) ([]string, error) {
	maps.DeleteFunc(given, func(_ string, value any) bool { return value == nil })
	return dialect.Translate(given, ownKeys(spec, given), spec.Means)
}

// ownKeys lists those settings given that are not among ours, or are only there as another name for one.
func ownKeys(spec *settings.Spec, given map[string]any) []string {
	var own []string
	for key := range given {
		if !spec.Has(key) || slices.Contains(dialect.Ambiguous(), key) {
			own = append(own, key)
		}
	}
	return own
}
