package naming

import (
	"crypto/sha1" //nolint:gosec // Airbyte's rule for names, nothing secret
	"encoding/hex"

	"target-postgres/merge"
	"target-postgres/target/config"
	"target-postgres/typemap"
)

// Suffixed are the names that a stream's table may get where another stream has its own: that first, then the same with
// more and more digits of a hash of the stream's name. They are Airbyte's own for its streams unless naming is
// snake_case, which is the same for all. There is but one where the settings leave it to the user to keep such streams
// apart.
func Suffixed(c *config.Config, s Stream, place merge.Name) []merge.Name {
	names := []merge.Name{place}
	with := func(table string) { names = append(names, merge.Name{Schema: place.Schema, Table: table}) }
	switch {
	case c.Naming == config.SnakeCase:
		for n := range 4 {
			with(typemap.WithSuffix(place.Table, s.ID.Name, n))
		}
	case s.Airbyte:
		sum := sha1.Sum([]byte(s.ID.Namespace + "&airbyte&" + s.ID.Name)) //nolint:gosec // as above
		digits := hex.EncodeToString(sum[:])
		for n := 3; n <= len(digits); n++ {
			with(typemap.AirbyteName(place.Table + "_" + digits[:n]))
		}
	}
	return names
}
