package stream

import (
	cryptorand "crypto/rand"
	"math/rand/v2"
	"strconv"
	"time"

	"target-postgres/protocol"
	"target-postgres/target/config"
	"target-postgres/target/dialect"
	"target-postgres/target/systemvalue"
	"target-postgres/typemap"
)

// Values are where the fields come from that the program adds to every record: the settings, the clock and chance. They
// belong to the goroutine that reads the input.
type Values struct {
	config  *config.Config
	now     func() time.Time
	started time.Time
	random  *rand.ChaCha8
}

// NewValues are those of a run that began at a time.
func NewValues(c *config.Config, started time.Time, now func() time.Time) *Values {
	return &Values{config: c, now: now, started: started, random: systemvalue.NewRandom()}
}

// appendMetadata writes one of the columns of add_record_metadata, or the version that travels with a row.
func (v *Values) appendMetadata(dst []byte, s *Stream, e *Extra, m *protocol.Message) []byte {
	switch e.Kind {
	case extraVersion:
		if m.HasVersion {
			dst = strconv.AppendInt(dst, m.Version, 10)
		}
	case extraExtracted:
		dst, _ = systemvalue.AppendExtracted(dst, m)
	case extraReceived:
		dst = systemvalue.AppendTime(dst, v.now())
	case extraBatched:
		if s.Batch.Started.IsZero() {
			s.Batch.Started = v.now()
		}
		dst = systemvalue.AppendTime(dst, s.Batch.Started)
	case extraDeleted:
		// Any value marks; one that is no instant is marked with the time of its arrival.
		if token := s.Walker.Watched(e.watched); len(token) > 0 {
			if out, err := typemap.AppendInstant(dst, token); err == nil {
				return out
			}
			dst = systemvalue.AppendTime(dst, v.now())
		}
	case extraSequence:
		at := v.now().UnixMilli()
		if v.config.Compatibility == dialect.LikeDatamill {
			at /= 1000 // it counts in seconds
		}
		dst = strconv.AppendInt(dst, at, 10)
	case extraLive:
		dst = append(dst, 'f')
	case extraRecord:
		dst = append(dst, cryptorand.Text()...)
	case extraSyncStarted:
		dst = strconv.AppendInt(dst, v.started.UnixMilli(), 10)
	}
	return dst
}
