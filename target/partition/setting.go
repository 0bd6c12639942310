package partition

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"

	"target-postgres/typemap"
)

// Setting is partition_by as a configuration has it. The zero value asks for no partitions.
type Setting struct {
	// Column is a field of the stream as it comes out of flattening. By hash it may be "", which stands for the key.
	Column string `json:"column"`
	// Every is how long a period is, "" where the rows are spread by hash.
	Every Unit `json:"every"`
	// Keep is how far back partitions stay attached. Nothing is detached without it.
	Keep Span `json:"keep"`
	// Ahead is how many periods after the one of the run's start have a partition before they begin.
	Ahead int `json:"ahead"`
	// Hash is the number of partitions by hash, 0 for none.
	Hash int `json:"hash"`
}

// On reports whether the table is to be partitioned.
func (s Setting) On() bool { return s.Every != "" || s.Hash > 0 }

// UnmarshalJSON reads a whole setting. Nothing remains of what it was before.
func (s *Setting) UnmarshalJSON(data []byte) error {
	type object Setting
	var read object
	err := json.Unmarshal(data, &read)
	*s = Setting(read)
	return err
}

// Unit is the length of a period.
type Unit string

// The units.
const (
	Day   Unit = "day"
	Week  Unit = "week"
	Month Unit = "month"
	Year  Unit = "year"
)

// Span is a number of units, such as 24 months. The zero value is none.
type Span struct {
	N    int
	Unit Unit
}

var spanText = regexp.MustCompile(`^([1-9]\d{0,3}) (day|week|month|year)s?$`)

// UnmarshalJSON reads a text such as "24 months".
func (s *Span) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return fmt.Errorf("a span of time is a text: %w", err)
	}
	found := spanText.FindStringSubmatch(text)
	if found == nil {
		return errors.New("a span of time is a number and a unit, such as \"24 months\"")
	}
	s.N, _ = strconv.Atoi(found[1])
	s.Unit = Unit(found[2])
	return nil
}

// By is how the table of a stream is partitioned: the setting with the columns that its field or key became.
type By struct {
	Setting

	// Columns are the names of those by which the rows are spread, one unless that is by hash of a key.
	Columns []string
	// Kind is the type of the column of periods: a date, or a timestamp with or without time zone.
	Kind typemap.Kind
	// Nulls is true where rows without a value are no mistake although the stream has a key.
	Nulls bool
}

// Beyond are the columns by which the rows are spread that a key lacks. PostgreSQL wants them in every unique index.
func (b By) Beyond(key []string) []string { return Missing(b.Columns, key) }

// Periods reports whether a type has instants that belong to periods.
func Periods(kind typemap.Kind) bool {
	return kind == typemap.KindDate || kind == typemap.KindTimestamp || kind == typemap.KindTimestampTZ
}
