package stream

import (
	"encoding/json"
	"math/big"
	"slices"
	"time"

	"target-postgres/merge"
	"target-postgres/protocol"
	"target-postgres/target/failure"
	"target-postgres/typemap"
)

// DescribeInstant refuses a history_time_column that cannot hold an instant, before any row counts from it: wrong instants in
// a history cannot be mended afterwards. One that the schema does not have is told by [Target.warnUnanswered].
func (s *Spec) DescribeInstant() error {
	name := s.Config.HistoryTimeColumn
	at := slices.IndexFunc(s.Fields, func(f typemap.Field) bool { return f.Name == name })
	if s.Mode != merge.History || name == "" || at < 0 {
		return nil
	}
	field := s.Fields[at]
	switch field.Type.Kind {
	case typemap.KindTimestampTZ, typemap.KindTimestamp, typemap.KindDate, typemap.KindText,
		typemap.KindInt2, typemap.KindInt4, typemap.KindInt8, typemap.KindNumeric, typemap.KindFloat4, typemap.KindFloat8:
		return nil
	case typemap.KindJSON, typemap.KindJSONB:
		if field.Container == "" && !onlyContainers(s.Schema.JSON, name) {
			return nil // every record says for itself what it is
		}
	}
	return &failure.Error{
		Kind: failure.KindConfig, Stream: s.Name, Column: name,
		Reason: "history_time_column names a field that holds no times: its type is " + field.Type.Name,
		Hint:   "name a field of date-times, dates or epoch numbers, or leave history_time_column out",
	}
}

// DescribeLate refuses a history that inserts late records while a cursor orders them that holds no instants: nothing would say
// where they belong.
func (s *Spec) DescribeLate() error {
	name := s.Schema.Cursor
	at := slices.IndexFunc(s.Fields, func(f typemap.Field) bool { return f.Name == name })
	if !s.Config.InsertsLate(s.Mode) || s.Config.HistoryTimeColumn != "" || name == "" || at < 0 || IsInstant(s.Fields[at].Type) {
		return nil
	}
	return &failure.Error{
		Kind: failure.KindConfig, Stream: s.Name, Column: name,
		Reason: "late is insert, but the cursor that orders the records holds no date-times",
		Hint:   "name the field that says when a record counts in history_time_column, or leave late out",
	}
}

// insertsLate reports whether late records go where their instants belong. A refresh that replaces the rows brings what counts now,
// whatever its instants say.
func (s *Stream) insertsLate() bool { return s.Config.InsertsLate(s.Mode) && !s.Truncates }

// onlyContainers reports whether a schema lets a property be nothing but an object or a list.
func onlyContainers(schema []byte, property string) bool {
	var document struct {
		Properties map[string]struct {
			Type any `json:"type"`
		} `json:"properties"`
	}
	if json.Unmarshal(schema, &document) != nil {
		return false
	}
	types, isList := document.Properties[property].Type.([]any)
	if !isList {
		types = []any{document.Properties[property].Type}
	}
	return !slices.ContainsFunc(types, func(name any) bool { return name != "object" && name != "array" && name != "null" })
}

// appendInstant writes the instant at which a version starts: that of the time column or the cursor, the extraction's, or NULL
// for the commit's, which only the server knows.
func (s *Stream) appendInstant(dst []byte, e *Extra, m *protocol.Message) ([]byte, error) {
	if e.watched >= 0 {
		if token := s.Walker.Watched(e.watched); len(token) > 0 {
			out, err := s.appendTime(dst, token)
			if err == nil || s.Config.HistoryTimeColumn != "" {
				return out, err
			}
			// The cursor is no instant that a version can start at.
		}
	}
	if out, ok := appendExtracted(dst, m); ok {
		return out, nil
	}
	s.Batch.Timeless = true
	return dst, nil
}

// appendTime writes a value of the time column: a date-time, or a number since 1970.
func (s *Stream) appendTime(dst, token []byte) ([]byte, error) {
	why := "it is neither a date-time nor a number"
	if token[0] == '"' {
		out, err := typemap.AppendInstant(dst, token)
		if err == nil {
			return out, nil
		}
		why, token = err.Error(), token[1:len(token)-1] // taps that keep every digit write numbers as texts
	}
	if at, ok := epoch(token); ok {
		return at.AppendFormat(dst, "2006-01-02T15:04:05.000000Z"), nil
	}
	return dst, &typemap.ValueError{
		Column: s.Config.HistoryTimeColumn, Type: typemap.TimestampTZ, Reason: "history_time_column: " + why,
	}
}

// epoch reads a number of seconds, milliseconds, microseconds or nanoseconds since 1970, which its size tells apart: below
// 10^11 it is seconds, which are a date before the year 5138, and each of the others is taken up to the same year.
func epoch(token []byte) (time.Time, bool) {
	const longest = 40
	if len(token) == 0 || len(token) > longest || !json.Valid(token) {
		return time.Time{}, false
	}
	number, ok := new(big.Float).SetPrec(128).SetString(string(token))
	if !ok {
		return time.Time{}, false
	}
	size := new(big.Float).Abs(number)
	limit := big.NewFloat(1e11)
	for _, unit := range []time.Duration{time.Second, time.Millisecond, time.Microsecond, time.Nanosecond} {
		if size.Cmp(limit) < 0 {
			micros, _ := new(big.Float).Quo(number.Mul(number, big.NewFloat(float64(unit))), big.NewFloat(float64(time.Microsecond))).Int64()
			return time.UnixMicro(micros).UTC(), true
		}
		limit.Mul(limit, big.NewFloat(1000))
	}
	return time.Time{}, false
}
