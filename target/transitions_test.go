package target_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"target-postgres/protocol"
)

// A step of a walk is a run with a load mode and a key of its own, after runs with other ones.
type step struct {
	airbyte bool
	// mode is the load mode, or a sync mode of Airbyte's.
	mode string
	key  []string
	// all is true where the run removes what it does not bring.
	all   bool
	batch int
	rows  []sent
}

// sent is a record of the columns a, b and v. Every v is greater than those before it.
type sent struct {
	a, b, v, at int
	gone        bool
}

// null is NULL in the column b.
const null = -1

// number is a value as JSON has it.
func number(n int) string {
	if n == null {
		return "null"
	}
	return strconv.Itoa(n)
}

var (
	singerModes  = []string{"append", "upsert", "replace", "soft_delete", "history"}
	airbyteModes = []string{"append", "append_dedup", "overwrite", "refresh of append", "refresh of append_dedup", "not deduplicated", "soft_delete", "history"}
	walkKeys     = [][]string{nil, {"a"}, {"b"}, {"a", "b"}}
)

// walk makes the steps of a seed. Its walks are of Singer, of Airbyte or of both in turns.
func walk(seed uint64, steps int) []step {
	r := rand.New(rand.NewPCG(seed, seed))
	var made []step
	clock := 0
	for range steps {
		s := step{airbyte: seed%3 == 1 || seed%3 == 2 && r.IntN(2) == 0, key: walkKeys[r.IntN(len(walkKeys))], batch: []int{1, 2, 1000}[r.IntN(3)]}
		modes := singerModes
		if s.airbyte {
			modes = airbyteModes
		}
		s.mode = modes[r.IntN(len(modes))]
		s.all = !s.airbyte && s.keyed() && r.IntN(4) == 0
		for range r.IntN(5) {
			clock++
			row := sent{a: r.IntN(3), b: r.IntN(3), v: clock, at: clock, gone: !s.airbyte && s.keyed() && s.mode != "upsert" && r.IntN(4) == 0}
			if !slices.Contains(s.key, "b") && r.IntN(3) == 0 {
				row.b = null
			}
			s.rows = append(s.rows, row)
		}
		made = append(made, s)
	}
	return made
}

// keyed reports whether the mode needs a key.
func (s step) keyed() bool {
	return slices.Contains([]string{"upsert", "append_dedup", "refresh of append_dedup", "soft_delete", "history"}, s.mode)
}

func (s step) String() string {
	by := "Singer"
	if s.airbyte {
		by = "Airbyte"
	}
	return fmt.Sprintf("%s %s by %v, all %t, batches of %d: %v", by, s.mode, s.key, s.all, s.batch, s.rows)
}

// run loads the records of a step. Rows that it sends at once have instants of their own, so that nothing is left to
// chance.
func (s step) run(t *testing.T, d *database, generation int) error {
	t.Helper()
	settings := settings{"batch_max_rows": s.batch}
	if s.airbyte {
		return s.sync(t, d, settings, generation)
	}
	settings["load_mode"] = s.mode
	if s.all {
		settings["full_snapshot"] = true
		settings["hard_delete"] = true
	}
	messages := []string{schemaOf("t", walkFields, s.key...)}
	for _, row := range s.rows {
		fields := fmt.Sprintf(`{"a":%d,"b":%s,"v":%d}`, row.a, number(row.b), row.v)
		if row.gone {
			fields = fmt.Sprintf(`{"a":%d,"b":%s,"_sdc_deleted_at":"2026-01-01T00:00:00Z"}`, row.a, number(row.b))
		}
		messages = append(messages, fmt.Sprintf(`{"type":"RECORD","stream":"t","time_extracted":%q,"record":%s}`, instant(row.at).Format(time.RFC3339), fields))
	}
	return hear(t, newConfig(t, d.schema, settings), protocol.NewSinger(strings.NewReader(strings.Join(messages, "\n")), 0), &strings.Builder{}, func(string) {})
}

const walkFields = `{"a":{"type":["null","integer"]},"b":{"type":["null","integer"]},"v":{"type":["null","integer"]}}`

func instant(at int) time.Time { return time.Date(2026, 1, 1, 0, at, 0, 0, time.UTC) }

// sync loads the records of a step as Airbyte sends them.
func (s step) sync(t *testing.T, d *database, settings settings, generation int) error {
	t.Helper()
	sync, minimum := strings.TrimPrefix(s.mode, "refresh of "), 0
	if sync != s.mode || sync == "overwrite" {
		minimum = generation
	}
	switch s.mode {
	case "soft_delete", "history":
		sync = "append"
		settings["streams"] = map[string]any{"t": map[string]any{"load_mode": s.mode}}
	case "not deduplicated":
		sync = "append_dedup"
		settings["disable_type_dedupe"] = true
	}
	var key []string
	for _, field := range s.key {
		key = append(key, fmt.Sprintf("[%q]", field))
	}
	catalog, err := protocol.ParseCatalog([]byte(fmt.Sprintf(`{"streams":[{"stream":{"name":"t","json_schema":{"type":"object","properties":%s}},"sync_mode":"full_refresh",
		"destination_sync_mode":%q,"cursor_field":[],"primary_key":[%s],"generation_id":%d,"minimum_generation_id":%d,"sync_id":%[4]d}]}`,
		walkFields, sync, strings.Join(key, ","), generation, minimum)))
	if err != nil {
		t.Fatal(err)
	}
	var messages []string
	for _, row := range s.rows {
		messages = append(messages, fmt.Sprintf(`{"type":"RECORD","record":{"stream":"t","emitted_at":%d,"data":{"a":%d,"b":%s,"v":%d}}}`, instant(row.at).UnixMilli(), row.a, number(row.b), row.v))
	}
	messages = append(messages, `{"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1,"stream_status":{"stream_descriptor":{"name":"t"},"status":"COMPLETE"}}}`)
	return hear(t, newConfig(t, d.schema, settings), protocol.NewAirbyte(strings.NewReader(strings.Join(messages, "\n")), catalog, 0), &strings.Builder{}, func(string) {})
}

// TestTheWayBackIsAlwaysOpen walks from one load mode and key to another, and compares the rows with a model of
// docs/load-modes.md and docs/migration.md after every step. A run may only fail where a mode has no key, and then it
// changes nothing.
func TestTheWayBackIsAlwaysOpen(t *testing.T) {
	t.Parallel()
	walks, steps := []uint64{1, 2, 4, 5, 8, 11, 12, 14, 17, 20, 24, 26, 33, 36, 59}, 13
	if testing.Short() {
		walks, steps = []uint64{11, 36, 44}, 6
	}
	for _, seed := range walks {
		t.Run(fmt.Sprint("walk ", seed), func(t *testing.T) {
			t.Parallel()
			d, m := look(t), modelTable{}
			for n, s := range walk(seed, steps) {
				err := s.run(t, d, n+1)
				if refused := s.keyed() && s.key == nil; (err != nil) != refused {
					t.Fatalf("step %d, %v: %v", n, s, err)
				} else if !refused {
					m.take(s, n)
				}
				if !m.made {
					continue
				}
				if seed%4 == 0 {
					d.run("CREATE OR REPLACE VIEW looks AS SELECT a, b, v FROM t") // so that no table takes its place
				}
				got := d.rows(walkRows)
				if want := m.visible(); !slices.Equal(got, want) {
					t.Fatalf("step %d, %v: the rows (a, b, v, closed, deleted) are\n%s\nwant\n%s", n, s, strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
				if moved := d.moved(); moved != m.moved {
					t.Fatalf("step %d, %v: %d closed versions were moved, want %d", n, s, moved, m.moved)
				}
			}
		})
	}
}

const walkRows = `SELECT a, coalesce(b, -1), v, coalesce(r ->> '_singular_active' = 'false', false), coalesce(r ->> '_singular_deleted', 'false')::bool FROM t, to_jsonb(t) AS r ORDER BY 1, 2, 3, 4, 5`

// moved counts the rows of the tables into which closed versions were moved.
func (d *database) moved() int {
	d.t.Helper()
	total := 0
	for _, table := range d.rows(`SELECT oid::regclass FROM pg_class WHERE relname LIKE 't\_singular\_closed\_%' AND relkind = 'r' AND relnamespace = '` + d.schema + `'::regnamespace`) {
		var n int
		if err := d.conn.QueryRow(d.t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
			d.t.Fatal(err)
		}
		total += n
	}
	return total
}
