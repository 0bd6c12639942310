package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"target-postgres/target/failure"
)

// Index is an index that the setting indexes asks for. In a configuration it is a list of fields, or an object.
type Index struct {
	// Columns are fields of the stream as they come out of flattening.
	Columns []string `json:"columns"`
	Unique  bool     `json:"unique"`
	// Where is the condition of a partial index as SQL over the table, "" for an index of all rows.
	Where string `json:"where"`
	// Method is the access method in lower case, "" for btree.
	Method string `json:"method"`
}

// UnmarshalJSON takes either form. Nothing remains of what the index was before.
func (i *Index) UnmarshalJSON(data []byte) error {
	type object Index
	var read object
	err := json.Unmarshal(data, &read)
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("[")) {
		err = json.Unmarshal(data, &read.Columns)
	}
	*i = Index(read)
	i.Where, i.Method = strings.TrimSpace(i.Where), strings.ToLower(i.Method)
	if i.Method == "btree" {
		i.Method = ""
	}
	return err
}

// distinct are some indexes without those that repeat another one.
func distinct(indexes []Index) []Index {
	var all []Index
	for _, one := range indexes {
		same := func(i Index) bool {
			return slices.Equal(i.Columns, one.Columns) && i.Unique == one.Unique && i.Where == one.Where && i.Method == one.Method
		}
		if !slices.ContainsFunc(all, same) {
			all = append(all, one)
		}
	}
	return all
}

// checkIndexes refuses an index that no table could have.
func (c *Config) checkIndexes() error {
	for _, pattern := range slices.Sorted(maps.Keys(c.Streams)) {
		for n, index := range c.Streams[pattern].Indexes {
			for k, column := range index.Columns {
				if slices.Contains(index.Columns[:k], column) {
					return &failure.ConfigError{
						Setting: fmt.Sprintf("streams.%s.indexes.%d", pattern, n), Reason: fmt.Sprintf("names the field %q twice", column),
						Hint: "name each field once",
					}
				}
			}
		}
	}
	return nil
}

// IndexMethods lists the access methods that indexes of the configuration name, in order.
func (c *Config) IndexMethods() []string {
	methods := map[string]bool{}
	for _, entry := range c.Streams {
		for _, index := range entry.Indexes {
			if index.Method != "" {
				methods[index.Method] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(methods))
}
