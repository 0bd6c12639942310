//go:build unix

package faults

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"target-postgres/internal/pgserver"
	"target-postgres/internal/pgtest"
)

// asked is what Airbyte asks for of every stream.
type asked struct {
	destination         string // sync mode
	generation, minimum int
}

// airbyteModes are the syncs of Airbyte's write. The last two are refreshes: an earlier generation's rows stay until
// all of the new one's are there, but what a STATE has acknowledged need not be sent again.
func airbyteModes() []mode {
	nothing := func(*debt, []row) string { return "" } // readers see none of it before the end
	return []mode{
		{name: "airbyte append", airbyte: &asked{"append", 1, 0}, keyless: true, repeats: true, owes: owesEveryRow},
		{name: "airbyte append_dedup", airbyte: &asked{"append_dedup", 1, 0}, owes: owesTheNewestOrNone},
		{name: "airbyte overwrite", airbyte: &asked{"overwrite", 2, 2}, keyless: true, repeats: true, whole: true, resumes: true, owes: nothing},
		{name: "airbyte refresh", airbyte: &asked{"append_dedup", 2, 2}, whole: true, resumes: true, owes: nothing},
	}
}

// airbyteFaults are those that a sync is struck by: the ways in which it can end without a word, and be resumed.
func airbyteFaults() []*fault {
	names := []string{
		"SIGKILL", "SIGTERM", "session terminated", "server restarted at once", "connection cut", "answer to a COMMIT lost", "stdout closed",
	}
	return slices.DeleteFunc(faults(), func(f *fault) bool { return !slices.Contains(names, f.name) })
}

// TestNoFaultLosesAnAcknowledgedRowOfASync runs the write command as a platform does: after a failure it begins again
// at the last STATE that came back, with the same generation.
func TestNoFaultLosesAnAcknowledgedRowOfASync(t *testing.T) {
	t.Parallel()
	for _, f := range airbyteFaults() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			url, server := pgtest.URL(t), (*pgserver.Server)(nil)
			if f.restarts {
				server = pgtest.Server(t, map[string]string{"synchronous_commit": "on"})
				url = server.URL
			}
			for _, m := range airbyteModes() {
				for seed := range max(1, seeds()/max(1, f.fewer)) {
					t.Run(m.name+"/"+strconv.Itoa(seed), func(t *testing.T) {
						if !f.restarts {
							t.Parallel()
						}
						newTrial(t, f, m, uint64(seed), url, server).run()
					})
				}
			}
		})
	}
}

// inAirbyte turns what a tap says into what a source says: as many messages, so that positions and revisions stay, then
// the end of every stream.
func (t *tap) inAirbyte(m mode, all []*source, old bool) {
	for i, said := range t.messages {
		t.messages[i] = said.inAirbyte()
	}
	generation, minimum := m.airbyte.generation, m.airbyte.minimum
	if old {
		generation, minimum = 1, 0
	}
	var streams []string
	for _, s := range all {
		streams = append(streams, s.configured(m.airbyte.destination, generation, minimum))
		t.closing = append(t.closing, message{kind: "STATUS", raw: fmt.Sprintf(
			`{"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1.0,"stream_status":{"stream_descriptor":{"name":%q},"status":"COMPLETE"}}}`, s.name)})
	}
	t.catalog = `{"streams":[` + strings.Join(streams, ",") + "]}"
}

func (m message) inAirbyte() message {
	switch m.kind {
	case "STATE":
		m.state = `{"type":"STATE","state":{"type":"GLOBAL","global":{"shared_state":` + m.state + `,"stream_states":[]}}}`
		m.raw = m.state
	case "RECORD":
		var said struct {
			Record    map[string]any `json:"record"`
			Extracted string         `json:"time_extracted"`
		}
		if err := json.Unmarshal([]byte(m.raw), &said); err != nil {
			panic(err)
		}
		if at, gone := said.Record["_sdc_deleted_at"]; gone {
			delete(said.Record, "_sdc_deleted_at")
			said.Record["_ab_cdc_deleted_at"] = at
		}
		m.raw = asJSON(map[string]any{"type": "RECORD", "record": map[string]any{
			"stream": m.stream, "data": said.Record, "emitted_at": millis(said.Extracted),
		}})
	default:
		m.raw = `{"type":"LOG","log":{"level":"INFO","message":"reading"}}`
	}
	return m
}

// configured is the stream in a catalog, with every field that it will ever have.
func (s *source) configured(destination string, generation, minimum int) string {
	whole := *s
	whole.extended, whole.declared = true, s.marks
	var described struct {
		Schema json.RawMessage `json:"schema"`
	}
	if err := json.Unmarshal([]byte(whole.schema()), &described); err != nil {
		panic(err)
	}
	keys := [][]string{}
	for _, key := range s.keys {
		keys = append(keys, []string{key})
	}
	return fmt.Sprintf(`{"stream":{"name":%q,"json_schema":%s,"supported_sync_modes":["full_refresh","incremental"]},"sync_mode":"incremental",
		"destination_sync_mode":%q,"cursor_field":[],"primary_key":%s,"generation_id":%d,"minimum_generation_id":%d,"sync_id":%d}`,
		s.name, strings.ReplaceAll(string(described.Schema), "_sdc_deleted_at", "_ab_cdc_deleted_at"), destination, asJSON(keys), generation, minimum, generation)
}

var destinationStats = regexp.MustCompile(`,"destinationStats":\{"recordCount":(\d+)\.0\}`)

// heard takes a line that write has printed: a STATE is returned as the source said it, with the number of records that
// it counts. Whatever else there is goes to what the program has said.
func (p *process) heard(line []byte) (state []byte, records int) {
	found := destinationStats.FindSubmatchIndex(line)
	if found == nil {
		var other struct {
			Log   struct{ Level, Message string }
			Trace struct{ Error struct{ Message string } }
		}
		_ = json.Unmarshal(line, &other)
		fmt.Fprintf(p.stderr, "| %s %s%s\n", other.Log.Level, other.Log.Message, other.Trace.Error.Message)
		return nil, 0
	}
	records, _ = strconv.Atoi(string(line[found[2]:found[3]]))
	return slices.Concat(line[:found[0]], line[found[1]:]), records
}

// counted is how many records the tap says from one position to another.
func (t *tap) counted(from, to int) int {
	n := 0
	for _, m := range t.messages[from:to] {
		if m.kind == "RECORD" {
			n++
		}
	}
	return n
}

func TestWhatASourceSaysIsWhatATapSays(t *testing.T) {
	t.Parallel()
	for _, m := range airbyteModes() {
		seed := rand.Uint64()
		said := newTap(seed, m)
		if n := len(said.closing); n != len(m.sources()) {
			t.Errorf("%s: %d streams end, want %d", m.name, n, len(m.sources()))
		}
		for i, message := range said.messages {
			if !json.Valid([]byte(message.raw)) || message.kind == "STATE" && message.position() != i+1 {
				t.Errorf("%s, seed %d: message %d is %.200s", m.name, seed, i+1, message.raw)
			}
		}
		if !json.Valid([]byte(said.catalog)) {
			t.Errorf("%s: the catalog is %s", m.name, said.catalog)
		}
	}
}
