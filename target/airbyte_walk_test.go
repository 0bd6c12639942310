package target_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"target-postgres/protocol"
)

// walkSeeds are the seeds of random walks: few, or those from WALK_SEED on, as many as WALK_SEEDS says.
func walkSeeds(t *testing.T, few int) []uint64 {
	t.Helper()
	first, _ := strconv.ParseUint(os.Getenv("WALK_SEED"), 10, 64)
	if n, err := strconv.Atoi(os.Getenv("WALK_SEEDS")); err == nil {
		few = n
	}
	var seeds []uint64
	for n := range few {
		seeds = append(seeds, first+uint64(n))
	}
	return seeds
}

// syncOf is what Airbyte says of a sync of the stream t.
type syncOf struct {
	mode                string
	generation, minimum int
	cursor, status      string
	fields              string
	records             []string
}

// send runs a sync.
func (s syncOf) send(t *testing.T, d *database, as settings) error {
	t.Helper()
	sync, own := s.mode, merged(settings{}, as)
	if s.mode == "soft_delete" || s.mode == "history" {
		sync, own["streams"] = "append", map[string]any{"t": map[string]any{"load_mode": s.mode}}
	}
	catalog, err := protocol.ParseCatalog([]byte(fmt.Sprintf(`{"streams":[{"stream":{"name":"t","json_schema":{"type":"object","properties":%s}},"sync_mode":"incremental",
		"destination_sync_mode":%q,"cursor_field":[%s],"primary_key":[["id"]],"generation_id":%d,"minimum_generation_id":%d,"sync_id":%[4]d}]}`,
		s.fields, sync, s.cursor, s.generation, s.minimum)))
	if err != nil {
		t.Fatal(err)
	}
	messages := slices.Clone(s.records)
	if s.status != "" {
		messages = append(messages, fmt.Sprintf(`{"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1,"stream_status":{"stream_descriptor":{"name":"t"},"status":%q}}}`, s.status))
	}
	return hear(t, newConfig(t, d.schema, own), protocol.NewAirbyte(strings.NewReader(strings.Join(messages, "\n")), catalog, 0), &strings.Builder{}, func(string) {})
}

// airbyteRecord is a record that was emitted at a minute of its own.
func airbyteRecord(at int, data string) string {
	return fmt.Sprintf(`{"type":"RECORD","record":{"stream":"t","emitted_at":%d,"data":%s}}`, instant(at).UnixMilli(), data)
}

// TestEqualCursorsGiveTheSameRowsWhereverBatchesEnd has records and tombstones of many keys in two syncs, at three
// instants of the cursor, and then the second sync once more.
func TestEqualCursorsGiveTheSameRowsWhereverBatchesEnd(t *testing.T) {
	t.Parallel()
	queries := map[string]string{
		"soft_delete": `SELECT id, v, at, _singular_deleted FROM t ORDER BY 1`,
		"history":     `SELECT id, v, at, _singular_start, _singular_end, _singular_active FROM t WHERE _singular_end IS DISTINCT FROM _singular_start ORDER BY 1, 4, 2`,
	}
	for mode, query := range queries {
		for _, seed := range walkSeeds(t, 1) {
			t.Run(fmt.Sprint(mode, " ", seed), func(t *testing.T) {
				t.Parallel()
				first, second := cursorRecords(rand.New(rand.NewPCG(seed, 1)))
				var want []string
				for _, batch := range []int{1000, 37, 2} {
					d := look(t)
					for n, records := range [][]string{first, second, second} {
						s := syncOf{mode: mode, generation: 1, cursor: `"at"`, status: "COMPLETE", fields: cursorFields, records: records}
						if err := s.send(t, d, settings{"batch_max_rows": batch}); err != nil {
							t.Fatal(err)
						}
						switch got := d.rows(query); {
						case n == 0:
						case want == nil:
							want = got
						case !slices.Equal(got, want):
							t.Fatalf("sync %d in batches of %d:\n%s\nwant\n%s\nof\n%s\nand\n%s", n+1, batch, strings.Join(got, "\n"), strings.Join(want, "\n"),
								strings.Join(first, "\n"), strings.Join(second, "\n"))
						}
					}
				}
			})
		}
	}
}

const cursorFields = `{"id":{"type":"integer"},"v":{"type":["null","integer"]},"at":{"type":["null","string"],"format":"date-time"},
	"_ab_cdc_deleted_at":{"type":["null","string"],"format":"date-time"}}`

// cursorRecords makes the records of two syncs.
func cursorRecords(r *rand.Rand) (first, second []string) {
	const keys, longest = 16, 4
	for _, records := range []*[]string{&first, &second} {
		for range longest {
			for id := range keys {
				if r.IntN(4) == 0 {
					continue
				}
				at, gone := instant(1+r.IntN(3)).Format("2006-01-02T15:04:05Z"), "null"
				if r.IntN(4) == 0 {
					gone = `"` + at + `"`
				}
				*records = append(*records, airbyteRecord(9, fmt.Sprintf(`{"id":%d,"v":%d,"at":%q,"_ab_cdc_deleted_at":%s}`, id, r.IntN(3), at, gone)))
			}
		}
	}
	return first, second
}

// refreshed is the model of a table that refreshes may replace, and that they may be interrupted before they do.
type refreshed struct {
	mode string
	rows []refreshedRow
	// staged are the rows of an unfinished refresh that the table does not show, of a generation, 0 for none.
	staged     []refreshedRow
	generation int
}

type refreshedRow struct {
	id, v, generation int
	gone              bool
}

// put adds a row as the mode does.
func (m *refreshed) put(rows []refreshedRow, row refreshedRow) []refreshedRow {
	place := slices.IndexFunc(rows, func(r refreshedRow) bool { return r.id == row.id && !(m.mode == "history" && r.gone) })
	switch {
	case place < 0 || m.mode == "append" || m.mode == "overwrite":
		return append(rows, row)
	case m.mode == "history":
		rows[place].gone = true
		return append(rows, row)
	default:
		rows[place] = row
		return rows
	}
}

// take applies a sync.
func (m *refreshed) take(s syncOf, records []refreshedRow) {
	refresh, complete := s.minimum > 0, s.status == "COMPLETE"
	aside := refresh && m.mode != "soft_delete" && m.mode != "history"
	switch {
	case aside && m.generation > 0 && m.generation < s.minimum:
		m.staged, m.generation = nil, 0
	case !aside:
		for _, row := range m.staged {
			m.rows = m.put(m.rows, row)
		}
		m.staged, m.generation = nil, 0
	}
	older := slices.ContainsFunc(m.rows, func(r refreshedRow) bool { return r.generation < s.minimum })
	if aside && (older || m.generation > 0) {
		for _, row := range records {
			m.staged = m.put(m.staged, row)
		}
		m.generation = s.generation
		if complete {
			m.rows, m.staged, m.generation = m.staged, nil, 0
		}
		return
	}
	for _, row := range records {
		m.rows = m.put(m.rows, row)
	}
	for i, row := range m.rows {
		m.rows[i].gone = row.gone || (refresh && complete && row.generation < s.minimum)
	}
}

// visible are the rows as the table shows them.
func (m *refreshed) visible() []string {
	var rows []string
	for _, row := range m.rows {
		rows = append(rows, fmt.Sprintf("%d | %d | %t", row.id, row.v, row.gone))
	}
	slices.Sort(rows)
	return rows
}

// TestAnInterruptedRefreshIsGoneOnWithCancelledOrBegunAnew walks through syncs and refreshes, some of which end without
// the status that completes them, and compares the table with the model after every step.
func TestAnInterruptedRefreshIsGoneOnWithCancelledOrBegunAnew(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"append", "append_dedup", "overwrite", "overwrite_dedup", "soft_delete", "history"} {
		for _, seed := range walkSeeds(t, 1) {
			t.Run(fmt.Sprint(mode, " ", seed), func(t *testing.T) {
				t.Parallel()
				walkRefreshes(t, mode, rand.New(rand.NewPCG(seed, 2)))
			})
		}
	}
}

func walkRefreshes(t *testing.T, mode string, r *rand.Rand) {
	t.Helper()
	d, m := look(t), refreshed{mode: mode}
	var said []string
	generation, clock := 10, 0
	pending := false // the refresh of this generation has not completed
	for range 9 {
		s := syncOf{mode: mode, status: []string{"COMPLETE", "COMPLETE", "INCOMPLETE", ""}[r.IntN(4)], fields: `{"id":{"type":"integer"},"v":{"type":["null","integer"]}}`}
		if !pending && r.IntN(2) == 0 {
			generation, pending = generation+1, true
		}
		if pending && r.IntN(5) == 0 {
			generation++ // another refresh
		}
		s.generation = generation
		if pending && r.IntN(5) > 0 || strings.HasPrefix(mode, "overwrite") {
			s.minimum = generation
		}
		pending = pending && s.minimum > 0 && s.status != "COMPLETE"
		var records []refreshedRow
		for range r.IntN(5) {
			clock++
			row := refreshedRow{id: r.IntN(4), v: clock, generation: generation}
			records = append(records, row)
			s.records = append(s.records, airbyteRecord(clock, fmt.Sprintf(`{"id":%d,"v":%d}`, row.id, row.v)))
		}
		err := s.send(t, d, settings{"batch_max_rows": []int{1, 2, 1000}[r.IntN(3)]})
		said = append(said, fmt.Sprintf("generation %d, minimum %d, status %q: %v: %v", s.generation, s.minimum, s.status, records, err))
		if fails := s.status != "COMPLETE" && s.minimum > 0; (err != nil) != fails {
			t.Fatalf("%s\nwant an error: %t", strings.Join(said, "\n"), fails)
		}
		m.take(s, records)
		got := d.rows(`SELECT id, v, CASE WHEN r ->> '_singular_active' = 'false' OR r ->> '_singular_deleted' = 'true' THEN 'true' ELSE 'false' END
			FROM t, to_jsonb(t) AS r`)
		slices.Sort(got)
		if want := m.visible(); !slices.Equal(got, want) {
			t.Fatalf("%s\nthe rows are\n%s\nwant\n%s", strings.Join(said, "\n"), strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}
