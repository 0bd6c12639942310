// Package systemvalue writes the values of system columns into a line of CSV: points in time, UUIDs, and lists of
// changes.
//
// It has functions alone, for any goroutine. A source of random numbers belongs to the goroutine that made it.
package systemvalue

import (
	"bytes"
	cryptorand "crypto/rand"
	"encoding/hex"
	"math/rand/v2"
	"time"

	"github.com/goccy/go-json"

	"target-postgres/protocol"
	"target-postgres/typemap"
)

// AppendTime writes a point in time.
func AppendTime(dst []byte, at time.Time) []byte {
	return at.UTC().AppendFormat(dst, "2006-01-02T15:04:05.000000Z")
}

// AppendExtracted writes the instant at which the record was extracted, if its message says so.
func AppendExtracted(dst []byte, m *protocol.Message) ([]byte, bool) {
	if m.EmittedAt != 0 {
		dst = time.UnixMilli(m.EmittedMillis()).UTC().AppendFormat(dst, "2006-01-02T15:04:05.000Z")
		return dst, true
	}
	if len(m.Extracted) == 0 || bytes.ContainsAny(m.Extracted, `"\`) {
		return dst, false
	}
	out, err := typemap.AppendInstant(dst, m.Extracted)
	return out, err == nil
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
	return AppendJSON(dst, entry, some)
}

// AppendJSON appends an element of a JSON array inside a quoted CSV field, as jsonb takes it. some reports whether it
// is not the first, and is set.
func AppendJSON(dst, value []byte, some *bool) []byte {
	if *some {
		dst = append(dst, ',')
	}
	*some = true
	for _, b := range storableJSON(value) {
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

// NewRandom is seeded by the system, and then needs it no more.
func NewRandom() *rand.ChaCha8 {
	var seed [32]byte
	_, _ = cryptorand.Read(seed[:]) // never fails
	return rand.NewChaCha8(seed)
}

// AppendUUID appends a random UUID (version 4).
func AppendUUID(dst []byte, random *rand.ChaCha8) []byte {
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
