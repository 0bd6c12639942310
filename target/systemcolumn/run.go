package systemcolumn

import (
	cryptorand "crypto/rand"
	"strconv"
	"time"

	"target-postgres/target/dialect"
	"target-postgres/target/systemvalue"
)

// Run is what metadata columns say of a run.
type Run struct {
	started time.Time
	seconds bool
}

// RunOf is that of a run that began at a time, like that of another loader.
func RunOf(like dialect.Compatibility, started time.Time) Run {
	return Run{started: started, seconds: like == dialect.LikeDatamill}
}

// Append writes the field of a metadata column as far as it does not depend on the record that comes now: NULL, which
// is nothing, of one that does.
func (r Run) Append(dst []byte, kind Kind, now func() time.Time) []byte {
	switch kind {
	case Received, Batched:
		return systemvalue.AppendTime(dst, now())
	case Sequence:
		at := now().UnixMilli()
		if r.seconds {
			at /= 1000
		}
		return strconv.AppendInt(dst, at, 10)
	case Live:
		return append(dst, 'f')
	case Record:
		return append(dst, cryptorand.Text()...)
	case SyncStarted:
		return strconv.AppendInt(dst, r.started.UnixMilli(), 10)
	default:
		return dst
	}
}
