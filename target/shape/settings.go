package shape

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"

	"target-postgres/typemap"
)

// Settings are what shapes one stream.
type Settings struct {
	// Map is the stream's entry of stream_maps, nil for none.
	Map *StreamMap
	// Columns are the settings of its fields by name; "*" is the default of all.
	Columns Columns
	// HashSalt is put before every value that is hashed.
	HashSalt string
	// Extra asks for a column of the fields that the schema does not have.
	Extra bool
	// Flatten says which objects become columns of their properties.
	Flatten Flatten
	// TypeHints honours the x-sql-datatype of a schema.
	TypeHints bool
}

// Columns are the settings of fields by name.
type Columns map[string]Column

// UnmarshalJSON puts the settings over those that are there, member by member.
func (c *Columns) UnmarshalJSON(data []byte) error {
	var more map[string]Column
	if err := json.Unmarshal(data, &more); err != nil {
		return err
	}
	merged := maps.Clone(*c)
	if merged == nil {
		merged = Columns{}
	}
	for field, column := range more {
		merged[field] = column.Over(merged[field])
	}
	*c = merged
	return nil
}

// Column says how one field becomes a column. A member that is not set leaves the default in force.
type Column struct {
	Exclude *bool  `json:"exclude"`
	Rename  string `json:"rename"`
	Type    string `json:"type"`
	Hash    *bool  `json:"hash"`
}

// All is the name that stands for every field.
const All = "*"

// Over returns c where it is set, else the members of below.
func (c Column) Over(below Column) Column {
	return Column{
		Exclude: cmp.Or(c.Exclude, below.Exclude), Hash: cmp.Or(c.Hash, below.Hash),
		Rename: cmp.Or(c.Rename, below.Rename), Type: cmp.Or(c.Type, below.Type),
	}
}

// Error is a setting that cannot be followed.
type Error struct {
	// Setting is its place among those of the stream: columns.email.type.
	Setting string
	// Reason says what is wrong, Hint how to mend it.
	Reason, Hint string
}

// Error returns the setting and the reason. The hint is left to the caller.
func (e *Error) Error() string { return e.Setting + " " + e.Reason }

// Check refuses settings that no stream could follow.
func (s *Settings) Check() error {
	for field, c := range s.Columns {
		at := "columns." + field
		if field == All && c.Rename != "" {
			return &Error{at + ".rename", "would give every column the same name", "rename fields by their names"}
		}
		if c.Type != "" {
			if _, ok := typemap.DeclaredType(c.Type); !ok {
				return &Error{at + ".type", fmt.Sprintf("is %q, which is no name of a type", c.Type), `write a type as in CREATE TABLE, such as numeric(10,2) or public.citext`}
			}
		}
		if is(c.Hash) && s.HashSalt == "" {
			return &Error{at + ".hash", "needs hash_salt", "set hash_salt to a long random text, and keep it: another salt gives other hashes"}
		}
	}
	return nil
}

func is(flag *bool) bool { return flag != nil && *flag }
