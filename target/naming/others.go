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

// Former are the settings of names that may have been in force when the tables of a run's streams were made: naming,
// lowercase_names, airbyte_compatible_names, compatibility and stream_name_separator. They are the same for all
// streams.
type Former struct {
	config *config.Config
	// all are whole configurations, those that differ least from config first.
	all []config.Config
	// separated have a separator where config has none, named have the setting naming in both of its ways.
	separated, named []config.Config
}

// NewFormer works out what may have been in force before c.
func NewFormer(c *config.Config) *Former {
	f := &Former{config: c, all: settings(c)}
	f.named = varied([]config.Config{*c}, func(c *config.Config, naming config.Naming) { c.Naming = naming }, "", config.SnakeCase)[1:]
	if c.StreamNameSeparator == "" {
		for _, separator := range []string{"-", ".", "_", "__", ":", "/"} {
			for _, other := range f.named {
				other.StreamNameSeparator, other.Compatibility = separator, ""
				f.separated = append(f.separated, other)
			}
		}
	}
	return f
}

// Others are the places where a stream's table may be if it was made under other settings of names. Those that are most
// likely come first.
func (f *Former) Others(s Stream) []merge.Name {
	own := Of(f.config, s)
	var places []merge.Name
	add := func(place merge.Name) {
		if place != own && !slices.Contains(places, place) {
			places = append(places, place)
		}
	}
	for i := range f.all {
		add(Of(&f.all[i], s))
	}
	// Where no separator is set, one may have been. But the schema of such a name may also be another pipeline's.
	for i := range f.separated {
		if place := Of(&f.separated[i], s); s.Schema == "" && place.Schema == own.Schema {
			add(place)
		}
	}
	return places
}

// Suffixes are the same places as they are called where another stream has them.
func (f *Former) Suffixes(s Stream, others []merge.Name) []merge.Name {
	var places []merge.Name
	for _, place := range append([]merge.Name{Of(f.config, s)}, others...) {
		for i := range f.named {
			places = append(places, Suffixed(&f.named[i], s, place)[1:]...)
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
	all = varied(all, func(other *config.Config, compatibility dialect.Compatibility) {
		other.Compatibility = compatibility
		other.Schema = schemaUnder(c, compatibility)
	}, "", dialect.LikeMeltanolabs, dialect.LikePipelinewise, dialect.LikeDatamill)
	return distinct(all)
}

// distinct leaves out configurations that call everything as one before them does.
func distinct(all []config.Config) (kept []config.Config) {
	type names struct {
		naming               config.Naming
		separator, schema    string
		compatible, airbytes bool
		lower                bool
		compatibility        dialect.Compatibility
	}
	seen := map[names]bool{}
	for _, c := range all {
		n := names{
			naming: c.Naming, separator: c.StreamNameSeparator, schema: c.Schema, compatible: c.CompatibleNames(false), airbytes: c.CompatibleNames(true),
			lower: c.LowercaseNames, compatibility: c.Compatibility,
		}
		if !seen[n] {
			kept = append(kept, c)
		}
		seen[n] = true
	}
	return kept
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
