package target_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"target-postgres/internal/logging"
	"target-postgres/internal/pgtest"
	"target-postgres/protocol"
	"target-postgres/target"
	"target-postgres/target/config"
	"target-postgres/target/summary"
)

// counted runs messages and returns what the run says became of them.
func counted(t *testing.T, cfg *config.Config, log *slog.Logger, messages ...string) (*summary.Run, error) {
	t.Helper()
	reader := protocol.NewSinger(strings.NewReader(strings.Join(messages, "\n")), 0)
	t.Cleanup(reader.Close)
	run, err := target.New(cfg, reader, protocol.NewWriter(&bytes.Buffer{}), log)
	if err != nil {
		t.Fatal(err)
	}
	err = run.Run(t.Context())
	return run.Summary(err), err
}

func TestSummaryCountsWhatBecameOfTheRecords(t *testing.T) {
	t.Parallel()
	const properties = `{"id":{"type":"integer"},"v":{"type":["null","string"]},"_sdc_deleted_at":{"type":["null","string"]}}`
	one, two, three := record("s", `{"id":1,"v":"a"}`), record("s", `{"id":2,"v":"b"}`), record("s", `{"id":3,"v":"c"}`)
	changed, gone := record("s", `{"id":1,"v":"A"}`), record("s", `{"id":2,"_sdc_deleted_at":"2026-01-01T00:00:00Z"}`)
	tests := []struct {
		name     string
		settings settings
		first    []string
		second   []string
		want     summary.Stream // of the second run
	}{
		{
			"append",
			settings{"load_mode": "append"},
			[]string{one},
			[]string{one, two},
			summary.Stream{Mode: "append", Read: 2, Inserted: 2},
		},
		{
			"upsert tells inserted, updated and unchanged apart", nil,
			[]string{one, two},
			[]string{changed, two, three},
			summary.Stream{Mode: "upsert", Read: 3, Inserted: 1, Updated: 1, Unchanged: 1},
		},
		{
			"a record that a later one overtakes wrote nothing", nil,
			[]string{one},
			[]string{two, three, three, two},
			summary.Stream{Mode: "upsert", Read: 4, Inserted: 2, Unchanged: 2},
		},
		{
			"hard_delete",
			settings{"hard_delete": true},
			[]string{one, two},
			[]string{one, gone},
			summary.Stream{Mode: "upsert", Read: 2, Deleted: 1, Unchanged: 1},
		},
		{
			"soft_delete",
			settings{"load_mode": "soft_delete"},
			[]string{one, two},
			[]string{changed, gone, three},
			summary.Stream{Mode: "soft_delete", Read: 3, Inserted: 1, Updated: 1, Deleted: 1},
		},
		{
			"a snapshot's removals are no records",
			settings{"load_mode": "soft_delete", "full_snapshot": true},
			[]string{one, two, three},
			[]string{one},
			summary.Stream{Mode: "soft_delete", Read: 1, Unchanged: 1, Deleted: 2},
		},
		{
			"history: an update closes a version",
			settings{"load_mode": "history"},
			[]string{one, two},
			[]string{changed, two, three, gone},
			summary.Stream{Mode: "history", Read: 4, Inserted: 2, Updated: 2, Unchanged: 1},
		},
		{
			"replace counts what it put in, not what it gathered",
			settings{"load_mode": "replace"},
			[]string{one, two},
			[]string{changed, three, three},
			summary.Stream{Mode: "replace", Read: 3, Inserted: 2, Unchanged: 1},
		},
		{
			"rejected",
			settings{"on_bad_record": "reject"},
			[]string{one},
			[]string{one, record("s", `{"id":"x"}`)},
			summary.Stream{Mode: "upsert", Read: 2, Unchanged: 1, Rejected: 1},
		},
		{
			"replaced characters", nil,
			[]string{one},
			[]string{record("s", `{"id":1,"v":"\u0000"}`)},
			summary.Stream{Mode: "upsert", Read: 1, Updated: 1, Replaced: 1},
		},
		{
			"a stream that is left out",
			settings{"migration_policy": map[string]any{"new_streams": "skip"}},
			nil,
			[]string{one},
			summary.Stream{Mode: "upsert", Read: 1, Skipped: true},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			schema := pgtest.Schema(t)
			cfg := newConfig(t, schema, tt.settings)
			log := slog.New(slog.DiscardHandler)
			describe := schemaOf("s", properties, "id")
			if tt.first != nil {
				if _, err := counted(t, cfg, log, append([]string{describe}, tt.first...)...); err != nil {
					t.Fatal(err)
				}
			}
			got, err := counted(t, cfg, log, append([]string{describe}, tt.second...)...)
			if err != nil {
				t.Fatal(err)
			}
			tt.want.Stream, tt.want.Schema, tt.want.Table = "s", schema, "s"
			if !tt.want.Skipped {
				tt.want.Loaded = tt.want.Read - tt.want.Rejected // the run has succeeded
			}
			timeless := cmp.Options{
				cmpopts.IgnoreFields(summary.Stream{}, "Seconds", "RowsPerSecond"), cmpopts.IgnoreUnexported(summary.Stream{}),
			}
			if diff := cmp.Diff([]summary.Stream{tt.want}, got.Streams, timeless); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSummaryOfAPartitionedTableAddsUp(t *testing.T) {
	t.Parallel()
	schema := pgtest.Schema(t)
	create := fmt.Sprintf(`CREATE TABLE %[1]s.s (id bigint PRIMARY KEY, v text) PARTITION BY HASH (id);
		CREATE TABLE %[1]s.s0 PARTITION OF %[1]s.s FOR VALUES WITH (MODULUS 1, REMAINDER 0)`, schema)
	if _, err := pgtest.Connect(t).Exec(t.Context(), create); err != nil {
		t.Fatal(err)
	}
	got, err := counted(t, newConfig(t, schema, nil), slog.New(slog.DiscardHandler),
		schemaOf("s", `{"id":{"type":"integer"},"v":{"type":"string"}}`, "id"),
		record("s", `{"id":1,"v":"a"}`), record("s", `{"id":2,"v":"b"}`))
	if err != nil {
		t.Fatal(err)
	}
	if s := got.Streams[0]; s.Inserted+s.Updated != 2 || s.Unchanged != 0 {
		t.Errorf("%+v", s)
	}
}

func TestSummaryOfAFailedRunSaysWhatWasCommitted(t *testing.T) {
	t.Parallel()
	got, err := counted(t, newConfig(t, pgtest.Schema(t), nil), slog.New(slog.DiscardHandler),
		schemaOf("s", `{"id":{"type":"integer"}}`, "id"), record("s", `{"id":1}`), stateOf("1"), record("s", `{}`))
	if err == nil {
		t.Fatal("the record without a key was taken")
	}
	want := &summary.Run{
		Error: err.Error(), Lines: 4, Messages: summary.Messages{Schemas: 1, Records: 2, States: 1},
		Streams: []summary.Stream{{Stream: "s", Table: "s", Mode: "upsert", Error: err.Error(), Read: 2, Loaded: 1, Inserted: 1}},
	}
	ignored := cmp.Options{
		cmpopts.IgnoreFields(summary.Run{}, "Started", "Seconds", "SchemaChanges"),
		cmpopts.IgnoreFields(summary.Stream{}, "Schema", "Seconds", "RowsPerSecond"),
		cmpopts.IgnoreUnexported(summary.Stream{}),
	}
	if diff := cmp.Diff(want, got, ignored); diff != "" {
		t.Error(diff)
	}
}

func TestALongRunLogsFewLines(t *testing.T) {
	t.Parallel()
	var said bytes.Buffer
	log := slog.New(logging.NewHumanHandler(&said, slog.LevelInfo, false))
	messages := []string{schemaOf("s", `{"id":{"type":"integer"},"v":{"type":"string"}}`, "id")}
	for i := range 5000 {
		messages = append(messages, record("s", fmt.Sprintf(`{"id":%d,"v":"x"}`, i)), stateOf("1"))
	}
	// Two hundred batches: as many as a run of tens of millions of rows has.
	sum, err := counted(t, newConfig(t, pgtest.Schema(t), settings{"batch_max_rows": 25}), log, messages...)
	if err != nil {
		t.Fatal(err)
	}
	sum.Log(log)
	if lines := strings.Count(said.String(), "\n"); lines >= 30 {
		t.Errorf("%d lines:\n%s", lines, said.String())
	}
	for _, part := range []string{
		"created table", `"metric":"record_count","value":5000,`, `"metric":"batch_processing_time"`,
		"loaded stream=s", "read=5000 inserted=5000 updated=0 unchanged=0 deleted=0 rejected=0", "completed lines=10001",
	} {
		if !strings.Contains(said.String(), part) {
			t.Errorf("the log lacks %q:\n%s", part, said.String())
		}
	}
}

func TestStreamsWithoutRecordsShareALine(t *testing.T) {
	t.Parallel()
	var said bytes.Buffer
	log := slog.New(logging.NewHumanHandler(&said, slog.LevelInfo, false))
	sum := summary.Run{Error: errors.New("x").Error(), Streams: []summary.Stream{
		{Stream: "a"}, {Stream: "b"}, {Stream: "c", Skipped: true, Read: 3}, {Stream: "d", Read: 1, Inserted: 1},
	}}
	sum.Log(log)
	for _, part := range []string{"left out stream=c", "loaded stream=d", "not completed", "streams_without_records=2"} {
		if !strings.Contains(said.String(), part) {
			t.Errorf("the log lacks %q:\n%s", part, said.String())
		}
	}
	if lines := strings.Count(said.String(), "\n"); lines != 3 {
		t.Errorf("%d lines:\n%s", lines, said.String())
	}
}

func TestAnEmptyInputIsToldOf(t *testing.T) {
	t.Parallel()
	var said bytes.Buffer
	log := slog.New(logging.NewHumanHandler(&said, slog.LevelInfo, false))
	(&summary.Run{Complete: true}).Log(log)
	if !strings.Contains(said.String(), "the input had no message") {
		t.Errorf("the log is %s", said.String())
	}
	said.Reset()
	(&summary.Run{Complete: true, Messages: summary.Messages{States: 1}}).Log(log)
	if strings.Contains(said.String(), "no message") {
		t.Errorf("the log is %s", said.String())
	}
}
