package stream

import (
	"strconv"

	"github.com/goccy/go-json"

	"target-postgres/merge"
	"target-postgres/protocol"
	"target-postgres/target/systemcolumn"
	"target-postgres/target/systemvalue"
)

// describeAirbyte tells the merge what these columns are. In upsert the instant and the generation are written if they
// change: an older record must find the newest instant in its row, in any batch.
func (s *Stream) describeAirbyte(job *merge.Job, e systemcolumn.Column) {
	switch e.Kind {
	case systemcolumn.Meta:
		job.Meta = e.Name
		job.Untracked = append(job.Untracked, e.Name)
	case systemcolumn.RawID:
		job.Untracked = append(job.Untracked, e.Name)
	case systemcolumn.Emitted:
		if s.Mode != merge.Upsert { // there it orders the records
			job.Untracked = append(job.Untracked, e.Name)
		}
	case systemcolumn.Generation:
		if s.Mode == merge.History || s.Mode == merge.SoftDelete || (s.Mode == merge.Upsert && !s.Config.IgnoresConflicts(s.Mode)) {
			job.Version = e.Name
		}
	}
}

// appendAirbyte writes one of the columns.
func (v *Values) appendAirbyte(dst []byte, s *Stream, e *systemcolumn.Column, m *protocol.Message) []byte {
	switch e.Kind {
	case systemcolumn.RawID:
		dst = systemvalue.AppendUUID(dst, v.random)
	case systemcolumn.Emitted:
		var ok bool
		if dst, ok = systemvalue.AppendExtracted(dst, m); !ok {
			dst = systemvalue.AppendTime(dst, v.now())
		}
	case systemcolumn.Meta:
		dst = s.appendMeta(dst, m.Meta)
	case systemcolumn.Generation:
		if s.Schema.Generation != nil {
			dst = strconv.AppendInt(dst, *s.Schema.Generation, 10)
		}
	}
	return dst
}

// appendMeta writes _airbyte_meta: the sync, the changes that came with the record and those made here.
func (s *Stream) appendMeta(dst, incoming []byte) []byte {
	dst = append(dst, `"{`...)
	if s.Schema.SyncID != nil {
		dst = append(dst, `""sync_id"":`...)
		dst = strconv.AppendInt(dst, *s.Schema.SyncID, 10)
		dst = append(dst, ',')
	}
	dst = append(dst, `""changes"":[`...)
	some := false
	if len(incoming) > 0 {
		var meta struct {
			Changes []json.RawMessage `json:"changes"`
		}
		if json.Unmarshal(incoming, &meta) == nil {
			for _, change := range meta.Changes {
				dst = systemvalue.AppendJSON(dst, change, &some)
			}
		}
	}
	for _, c := range s.Walker.Changes() {
		dst = systemvalue.AppendChange(dst, c.Field, c.Change, c.Reason, &some)
	}
	return append(dst, `]}"`...)
}
