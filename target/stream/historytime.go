package stream

import (
	"encoding/json"
	"math/big"
	"time"

	"target-postgres/protocol"
	"target-postgres/target/systemcolumn"
	"target-postgres/target/systemvalue"
	"target-postgres/typemap"
)

// insertsLate reports whether late records go where their instants belong. The rows of a refresh that replaces all are
// the current ones, also if their instants are older.
func (s *Stream) insertsLate() bool { return s.Config.InsertsLate(s.Mode) && !s.Truncates }

// appendInstant writes the instant at which a version starts: that of the time column or the cursor, the extraction's,
// or NULL for the commit's, which only the server knows.
func (s *Stream) appendInstant(dst []byte, e *systemcolumn.Column, m *protocol.Message) ([]byte, error) {
	if e.Watched >= 0 {
		if token := s.Walker.Watched(e.Watched); len(token) > 0 {
			out, err := s.appendTime(dst, token)
			if err == nil || s.Config.HistoryTimeColumn != "" {
				return out, err
			}
			// The cursor is no instant that a version can start at.
		}
	}
	if out, ok := systemvalue.AppendExtracted(dst, m); ok {
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

// epoch reads a number of seconds, milliseconds, microseconds or nanoseconds since 1970, which its size tells apart:
// below 10^11 it is seconds, which are a date before the year 5138, and each of the others is taken up to the same
// year.
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
