package target_test

import (
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"target-postgres/internal/pgtest"
	"target-postgres/protocol"
	"target-postgres/target"
)

// keysSent and rowsSent stand in what is logged of the COPY of keys, and of that of rows.
const (
	keysSent = `COPY "pg_temp"."_singular_staged_0_keys"`
	rowsSent = `COPY "pg_temp"."_singular_staged_0" `
)

// reading reads messages.
func reading(t *testing.T, messages []string) *protocol.Reader {
	t.Helper()
	reader := protocol.NewSinger(strings.NewReader(strings.Join(messages, "\n")), 0)
	t.Cleanup(reader.Close)
	return reader
}

// numbered are the messages of rows with these ids, whose texts are one text.
func numbered(text string, ids ...int) []string {
	messages := []string{schemaOf("t", idAndText, "id")}
	for _, id := range ids {
		messages = append(messages, record("t", fmt.Sprintf(`{"id":%d,"v":%q}`, id, text)))
	}
	return messages
}

func TestRowsThatAreThereAreNotSent(t *testing.T) {
	t.Parallel()
	known := numbered("new", 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 9, 3)
	tests := []struct {
		name       string
		as         settings
		before     string
		keys, rows int // how many COPYs of each there are
	}{
		{"only their keys", settings{}, "", 2, 2},
		{"unless rows are updated", settings{"on_conflict": "update"}, "", 0, 3},
		{
			"unless code of the user's own reads the rows",
			settings{},
			"CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'; CREATE TRIGGER f BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()",
			0,
			3,
		},
		{"unless only the server can tell whether it takes them", settings{}, "ALTER TABLE t ALTER v TYPE varchar(5)", 0, 3},
		{"and none where the tap has no tombstones", settings{"hard_delete": true}, "", 2, 2},
		{"unless they are in partitions", settings{}, "ALTER TABLE t RENAME TO p; CREATE TABLE t (LIKE p INCLUDING ALL) PARTITION BY HASH (id); ALTER TABLE t ATTACH PARTITION p FOR VALUES WITH (MODULUS 1, REMAINDER 0)", 0, 3},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := look(t)
			d.mustLoad(settings{"load_mode": "upsert"}, numbered("old", 1, 2, 3, 4, 5, 6, 7, 8, 9)...)
			d.run(test.before)
			keys, rows := 0, 0
			err := loadAloud(t, newConfig(t, d.schema, merged(settings{"on_conflict": "ignore", "batch_max_rows": 4, "parallelism": 1}, test.as)), func(line string) {
				keys += strings.Count(line, keysSent)
				rows += strings.Count(line, rowsSent)
			}, known...)
			if err != nil {
				t.Fatal(err)
			}
			if keys != test.keys || rows != test.rows {
				t.Errorf("keys were copied %d times and rows %d times, want %d and %d", keys, rows, test.keys, test.rows)
			}
			d.want("SELECT count(*), count(*) FILTER (WHERE v = 'old' OR id > 9) FROM t", map[bool]string{true: "11 | 2", false: "11 | 11"}[test.as["on_conflict"] == "update"])
		})
	}
}

// TestRowsAreLoadedWhereTheirKeysAreNot has an event trigger stand in the way of the table that keys are copied into.
func TestRowsAreLoadedWhereTheirKeysAreNot(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, does, says string }{
		{"refused", "RAISE 'no keys'", "their keys could not be looked up"},
		{"lost with the connection", "IF nextval('public.times') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF", "trying again"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			database := pgtest.Database(t)
			d := lookInto(t, "public", database)
			d.run("GRANT CREATE ON SCHEMA public TO PUBLIC; CREATE SEQUENCE times; GRANT ALL ON SEQUENCE times TO PUBLIC")
			d.run(`CREATE FUNCTION keys() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN
				IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() WHERE object_identity LIKE '%_keys') THEN ` + test.does + `; END IF; END$$;
				CREATE EVENT TRIGGER keys ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION keys()`)
			as := settings{"url": pgtest.Role(t, database), "on_conflict": "ignore", "batch_max_rows": 2, "parallelism": 1}
			d.mustLoad(as, numbered("old", 1, 2, 3, 4)...)
			said := 0
			err := loadAloud(t, newConfig(t, "public", as), func(line string) {
				said += strings.Count(line, test.says)
			}, numbered("new", 1, 2, 3, 4, 5, 4, 6, 7)...)
			if err != nil || said == 0 {
				t.Errorf("%q was said %d times, and the run ended with %v", test.says, said, err)
			}
			d.want("SELECT id, v FROM t ORDER BY id", "1 | old", "2 | old", "3 | old", "4 | old", "5 | new", "6 | new", "7 | new")
		})
	}
}

// TestInsertOnlyAgreesWithItsRules compares runs of random records with what the rules of on_conflict: ignore make of
// them, however the records are divided into batches.
func TestInsertOnlyAgreesWithItsRules(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(20, seed))
			d := look(t)
			as := settings{"on_conflict": "ignore", "batch_max_rows": 1 + r.IntN(12), "parallelism": 1 + r.IntN(4), "hard_delete": r.IntN(3) > 0}
			fields := `{"id":{"type":"integer"},"v":{"type":["null","string"]},"_sdc_deleted_at":{"type":["null","string"],"format":"date-time"}}`
			mayDelete := r.IntN(3) > 0
			if !mayDelete {
				fields = idAndText
			}
			want := map[int]string{}
			for pass := range 3 {
				messages, ignored := []string{schemaOf("t", fields, "id")}, 0
				for n := range 60 {
					id := r.IntN(12)
					if mayDelete && as["hard_delete"] == true && r.IntN(4) == 0 {
						messages = append(messages, record("t", fmt.Sprintf(`{"id":%d,"_sdc_deleted_at":"2026-01-01T00:00:00Z"}`, id)))
						delete(want, id)
						continue
					}
					v := fmt.Sprintf("%d, %d", pass, n)
					messages = append(messages, record("t", fmt.Sprintf(`{"id":%d,"v":%q}`, id, v)))
					if _, is := want[id]; is {
						ignored++
					} else {
						want[id] = v
					}
				}
				run, err := target.New(newConfig(t, d.schema, as), reading(t, messages), protocol.NewWriter(io.Discard), slog.New(slog.DiscardHandler))
				if err != nil {
					t.Fatal(err)
				}
				if err = run.Run(t.Context()); err != nil {
					t.Fatal(err)
				}
				if got := run.Summary(nil).Streams[0].Ignored; got != int64(ignored) {
					t.Errorf("run %d: %d records are counted as ignored, want %d", pass, got, ignored)
				}
			}
			var rows []string
			for _, id := range slices.Sorted(maps.Keys(want)) {
				rows = append(rows, fmt.Sprintf("%d | %s", id, want[id]))
			}
			d.want("SELECT id, v FROM t ORDER BY id", rows...)
		})
	}
}
