package pgcatalog

import (
	"maps"
	"slices"
)

// RefreshDetails is refreshDetails, for tests from outside.
var RefreshDetails = (*Cache).refreshDetails

// Names returns the tables that are known of a schema, in order.
func (c *Cache) Names(schema string) (names []string) {
	for key := range maps.Keys(c.tables) {
		if key[0] == schema {
			names = append(names, key[1])
		}
	}
	slices.Sort(names)
	return names
}
