package stream

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"target-postgres/protocol"
	"target-postgres/target/config"
	"target-postgres/target/systemcolumn"
	"target-postgres/target/systemvalue"
	"target-postgres/typemap"
)

// Values are where the fields come from that the program adds to every record: the settings, the clock and chance. They
// belong to the goroutine that reads the input.
type Values struct {
	now    func() time.Time
	run    systemcolumn.Run
	random *rand.ChaCha8
}

// NewValues are those of a run that began at a time.
func NewValues(c *config.Config, started time.Time, now func() time.Time) *Values {
	return &Values{now: now, run: systemcolumn.RunOf(c.Compatibility, started), random: systemvalue.NewRandom()}
}

// appendMetadata writes one of the columns of add_record_metadata, or the version that travels with a row.
func (v *Values) appendMetadata(dst []byte, s *Stream, e *systemcolumn.Column, m *protocol.Message) []byte {
	switch e.Kind {
	case systemcolumn.Version:
		if m.HasVersion {
			dst = strconv.AppendInt(dst, m.Version, 10)
		}
	case systemcolumn.Extracted:
		dst, _ = systemvalue.AppendExtracted(dst, m)
	case systemcolumn.Batched:
		if s.Batch.Started.IsZero() {
			s.Batch.Started = v.now()
		}
		dst = systemvalue.AppendTime(dst, s.Batch.Started)
	case systemcolumn.Deleted:
		// Any value marks; one that is no instant is marked with the time of its arrival.
		if token := s.Walker.Watched(e.Watched); len(token) > 0 {
			if out, err := typemap.AppendInstant(dst, token); err == nil {
				return out
			}
			dst = systemvalue.AppendTime(dst, v.now())
		}
	default:
		dst = v.run.Append(dst, e.Kind, v.now)
	}
	return dst
}

// KeepsVersions reports whether the version of a record is kept in a column that the metadata columns do not have.
func (s *Stream) KeepsVersions(c *config.Config) bool {
	has := func(e systemcolumn.Column) bool { return e.Kind == systemcolumn.Version }
	return s.Config.ActivateVersion && !s.Versionless && !slices.ContainsFunc(s.Metadata(c), has)
}

// hasMetadata reports whether a stream's table gets the column: datamill's random name of a record is for streams
// without a key.
func (s *Stream) hasMetadata(e systemcolumn.Column) bool {
	return e.Kind != systemcolumn.Record || len(s.Key) == 0
}
