package config

import (
	"maps"
	"slices"

	"target-postgres/target/dialect"
)

// translate turns the settings of another target into ours and returns what its user should know.
func (s *Spec) translate(given map[string]any) ([]string, error) {
	maps.DeleteFunc(given, func(_ string, value any) bool { return value == nil })
	return dialect.Translate(given, s.ownKeys(given), func(name string) bool {
		return s.root.Properties[name] != nil || s.root.aliases()[name] != ""
	})
}

// ownKeys lists those settings given that are not among ours, or are only there as another name for one.
func (s *Spec) ownKeys(given map[string]any) []string {
	var own []string
	for key := range given {
		if s.root.Properties[key] == nil || slices.Contains(dialect.Ambiguous(), key) {
			own = append(own, key)
		}
	}
	return own
}
