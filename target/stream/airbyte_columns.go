package stream

import (
	"bytes"
	cryptorand "crypto/rand"
	"encoding/hex"
	"math/rand/v2"
	"strconv"

	"github.com/goccy/go-json"

	"target-postgres/merge"
	"target-postgres/protocol"
	"target-postgres/target/migrate"
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

// describeAirbyte tells the merge what these columns are. In upsert the instant and the generation are written whenever
// they change: an older record must find the newest instant in its row, whatever the batches.
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
		if s.Mode == merge.History || s.Mode == merge.SoftDelete {
			job.Version = e.Name
		}
	}
}

// appendAirbyte writes one of the columns.
func (v *Values) appendAirbyte(dst []byte, s *Stream, e *Extra, m *protocol.Message) []byte {
	switch e.Kind {
	case extraRawID:
		dst = appendUUID(dst, v.random)
	case extraEmitted:
		var ok bool
		if dst, ok = appendExtracted(dst, m); !ok {
			dst = AppendTime(dst, v.now())
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
				dst = appendSeparated(dst, storableJSON(change), &some)
			}
		}
	}
	for _, c := range s.Walker.Changes() {
		dst = AppendChange(dst, c.Field, c.Change, c.Reason, &some)
	}
	return append(dst, `]}"`...)
}

// AppendChange appends an entry of the changes, inside a quoted CSV field.
func AppendChange(dst []byte, field, change, reason string, some *bool) []byte {
	entry, err := json.Marshal(struct {
		Field  string `json:"field"`
		Change string `json:"change"`
		Reason string `json:"reason"`
	}{field, change, reason})
	if err != nil {
		return dst // three strings always have a JSON form
	}
	return appendSeparated(dst, storableJSON(entry), some)
}

// appendSeparated appends JSON inside a quoted CSV field, after a comma when it is not the first.
func appendSeparated(dst, value []byte, some *bool) []byte {
	if *some {
		dst = append(dst, ',')
	}
	*some = true
	for _, b := range value {
		if b == '"' {
			dst = append(dst, '"')
		}
		dst = append(dst, b)
	}
	return dst
}

// storableJSON returns JSON that jsonb takes: without U+0000 and half surrogate pairs, which become U+FFFD.
func storableJSON(raw []byte) []byte {
	var value any
	if !bytes.Contains(raw, []byte(`\u`)) || json.Unmarshal(raw, &value) != nil {
		return raw
	}
	clean, err := json.Marshal(value)
	if err != nil {
		return raw
	}
	return bytes.ReplaceAll(clean, []byte(`\u0000`), []byte(`\ufffd`))
}

// newRandom is seeded by the system, and then needs it no more.
func newRandom() *rand.ChaCha8 {
	var seed [32]byte
	_, _ = cryptorand.Read(seed[:]) // never fails
	return rand.NewChaCha8(seed)
}

// appendUUID appends a random UUID (version 4).
func appendUUID(dst []byte, random *rand.ChaCha8) []byte {
	var id [16]byte
	_, _ = random.Read(id[:]) // never fails
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	start := len(dst)
	dst = append(dst, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"...)
	at := start
	for _, part := range [][]byte{id[:4], id[4:6], id[6:8], id[8:10], id[10:]} {
		hex.Encode(dst[at:], part)
		at += 2*len(part) + 1
	}
	return dst
}
