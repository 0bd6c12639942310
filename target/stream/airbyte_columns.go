package stream

import (
	"strconv"

	"github.com/goccy/go-json"

	"target-postgres/merge"
	"target-postgres/protocol"
	"target-postgres/target/migrate"
	"target-postgres/target/systemvalue"
	"target-postgres/typemap"
)

// The columns that every table of Airbyte's has, before those of its stream.
const (
	RawIDColumn      = "_airbyte_raw_id"
	EmittedColumn    = "_airbyte_extracted_at"
	MetaColumn       = "_airbyte_meta"
	GenerationColumn = "_airbyte_generation_id"
	// CdcMark is the field of change data capture that says that a row was deleted at the source.
	CdcMark = "_ab_cdc_deleted_at"
)

// airbyteColumns are in the order in which Airbyte's own destination creates them, with its types.
func airbyteColumns() []Extra {
	return []Extra{
		{Name: RawIDColumn, Typ: typemap.ParseType("character varying"), Kind: extraRawID},
		{Name: EmittedColumn, Typ: typemap.TimestampTZ, Kind: extraEmitted},
		{Name: MetaColumn, Typ: typemap.JSONB, Kind: ExtraMeta},
		{Name: GenerationColumn, Typ: typemap.BigInt, Kind: extraGeneration},
	}
}

// airbyteTableColumns lists them for a table. They are NOT NULL where the table is new; rows that are there already
// have none.
func airbyteTableColumns() []migrate.Column {
	columns := make([]migrate.Column, 0, 4)
	for _, e := range airbyteColumns() {
		column := migrate.Column{Name: e.Name, Type: e.Typ, ClauseIfNew: "NOT NULL"}
		if e.Kind == extraGeneration {
			column.ClauseIfNew = ""
		}
		columns = append(columns, column)
	}
	return columns
}

// describeAirbyte tells the merge what these columns are. In upsert the instant and the generation are written if they
// change: an older record must find the newest instant in its row, in any batch.
func (s *Stream) describeAirbyte(job *merge.Job, e Extra) {
	switch e.Kind {
	case ExtraMeta:
		job.Meta = e.Name
		job.Untracked = append(job.Untracked, e.Name)
	case extraRawID:
		job.Untracked = append(job.Untracked, e.Name)
	case extraEmitted:
		if s.Mode != merge.Upsert { // there it orders the records
			job.Untracked = append(job.Untracked, e.Name)
		}
	case extraGeneration:
		if s.Mode == merge.History || s.Mode == merge.SoftDelete || (s.Mode == merge.Upsert && !s.Config.IgnoresConflicts(s.Mode)) {
			job.Version = e.Name
		}
	}
}

// appendAirbyte writes one of the columns.
func (v *Values) appendAirbyte(dst []byte, s *Stream, e *Extra, m *protocol.Message) []byte {
	switch e.Kind {
	case extraRawID:
		dst = systemvalue.AppendUUID(dst, v.random)
	case extraEmitted:
		var ok bool
		if dst, ok = systemvalue.AppendExtracted(dst, m); !ok {
			dst = systemvalue.AppendTime(dst, v.now())
		}
	case ExtraMeta:
		dst = s.appendMeta(dst, m.Meta)
	case extraGeneration:
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
