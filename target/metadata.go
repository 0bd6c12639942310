package target

import (
	"crypto/rand"
	"strconv"
	"time"

	"target-postgres/protocol"
	"target-postgres/target/config"
	"target-postgres/typemap"
)

// appendMetadata writes one of the columns of add_record_metadata, or the version that travels with a row.
func (t *Target) appendMetadata(dst []byte, s *stream, e *extra, m *protocol.Message) []byte {
	switch e.kind {
	case extraVersion:
		if m.HasVersion {
			dst = strconv.AppendInt(dst, m.Version, 10)
		}
	case extraExtracted:
		dst, _ = appendExtracted(dst, m)
	case extraReceived:
		dst = appendTime(dst, t.now())
	case extraBatched:
		if s.batch.Started.IsZero() {
			s.batch.Started = t.now()
		}
		dst = appendTime(dst, s.batch.Started)
	case extraDeleted:
		// Any value marks; one that is no instant is marked with the time of its arrival.
		if token := s.walker.Watched(e.watched); len(token) > 0 {
			if out, err := typemap.AppendInstant(dst, token); err == nil {
				return out
			}
			dst = appendTime(dst, t.now())
		}
	case extraSequence:
		at := t.now().UnixMilli()
		if t.config.Compatibility == config.LikeDatamill {
			at /= 1000 // it counts in seconds
		}
		dst = strconv.AppendInt(dst, at, 10)
	case extraLive:
		dst = append(dst, 'f')
	case extraRecord:
		dst = append(dst, rand.Text()...)
	case extraSyncStarted:
		dst = strconv.AppendInt(dst, t.started.UnixMilli(), 10)
	}
	return dst
}

func appendTime(dst []byte, at time.Time) []byte {
	return at.UTC().AppendFormat(dst, "2006-01-02T15:04:05.000000Z")
}
