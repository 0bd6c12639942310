package naming

import (
	"cmp"
	"slices"
	"strings"

	"target-postgres/merge"
	"target-postgres/target/config"
	"target-postgres/target/dialect"
)

// Without is the configuration without the setting naming.
func Without(c *config.Config) *config.Config {
	other := *c
	other.Naming = ""
	return &other
}

// Others are the places where a stream's table may be if it was made under other settings of names: naming, lowercase_names,
// airbyte_compatible_names, compatibility and stream_name_separator. Those that are most likely come first.
func Others(c *config.Config, s Stream) []merge.Name {
	own := Of(c, s)
	var places []merge.Name
	for _, other := range settings(c) {
		place := Of(&other, s)
		if place != own && !slices.Contains(places, place) {
			places = append(places, place)
		}
	}
	// Where no separator is set, one may have been. But the schema of such a name may also be another pipeline's.
	if c.StreamNameSeparator == "" && s.Schema == "" {
		for _, separator := range []string{"-", ".", "_", "__", ":", "/"} {
			other := *c
			other.StreamNameSeparator, other.Compatibility = separator, ""
			for _, other.Naming = range []config.Naming{"", config.SnakeCase} {
				place := Of(&other, s)
				if place.Schema == own.Schema && place != own && !slices.Contains(places, place) {
					places = append(places, place)
				}
			}
		}
	}
	return places
}

// Suffixes are the same places as they are called where another stream has them.
func Suffixes(c *config.Config, s Stream, others []merge.Name) []merge.Name {
	var places []merge.Name
	for _, place := range append([]merge.Name{Of(c, s)}, others...) {
		for _, naming := range []config.Naming{"", config.SnakeCase} {
			other := *c
			other.Naming = naming
			places = append(places, Suffixed(&other, s, place)[1:]...)
		}
	}
	return places
}

// settings are those that may have been in force, those that differ least from c first.
func settings(c *config.Config) []config.Config {
	on, off := true, false
	all := []config.Config{*c}
	all = varied(all, func(c *config.Config, naming config.Naming) { c.Naming = naming }, "", config.SnakeCase)
	all = varied(all, func(c *config.Config, separator string) { c.StreamNameSeparator = separator }, "")
	all = varied(all, func(c *config.Config, compatible *bool) { c.AirbyteCompatibleNames = compatible }, &off, &on)
	all = varied(all, func(c *config.Config, lower bool) { c.LowercaseNames = lower }, off, on)
	return varied(all, func(other *config.Config, compatibility dialect.Compatibility) {
		other.Compatibility = compatibility
		other.Schema = schemaUnder(c, compatibility)
	}, "", dialect.LikeMeltanolabs, dialect.LikePipelinewise, dialect.LikeDatamill)
}

// varied adds, for each of the values that a setting may have had, the same configurations with it.
func varied[T any](all []config.Config, set func(*config.Config, T), values ...T) []config.Config {
	more := all
	for _, value := range values {
		for _, c := range all {
			set(&c, value)
			more = append(more, c)
		}
	}
	return more
}

// schemaUnder is the schema of streams that do not name one. compatibility has a say in that.
func schemaUnder(c *config.Config, compatibility dialect.Compatibility) string {
	const usual, melty = "public", "melty"
	given := cmp.Or(c.GivenSchema, c.Schema)
	switch {
	case compatibility == c.Compatibility:
		return c.Schema
	case compatibility == dialect.LikePipelinewise:
		return strings.ToLower(given)
	case c.GivenSchema != "":
		return given
	case compatibility == dialect.LikeMeltanolabs:
		return melty
	case c.Schema == melty:
		return usual
	default:
		return c.Schema
	}
}
