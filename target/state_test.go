package target_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"target-postgres/internal/pgtest"
	"target-postgres/target/pipeline"
)

// witness stands where STATE lines go. At the instant a line leaves, it asks the database over a connection of its own
// how many rows of each table are there.
type witness struct {
	t      *testing.T
	conn   *pgx.Conn
	schema string
	tables []string
	lines  []map[string]int
	onLine func(n int)
}

func (w *witness) Write(line []byte) (int, error) {
	var promised map[string]int
	if err := json.Unmarshal(bytes.TrimSpace(line), &promised); err != nil {
		w.t.Errorf("not a state: %q", line)
	}
	for _, table := range w.tables {
		var rows int
		name := pgx.Identifier{w.schema, table}.Sanitize()
		if err := w.conn.QueryRow(w.t.Context(), "SELECT count(*) FROM "+name).Scan(&rows); err != nil {
			w.t.Errorf("count %s: %v", table, err)
		}
		if rows < promised[table] {
			w.t.Errorf("STATE %s left while %s had %d rows", bytes.TrimSpace(line), table, rows)
		}
	}
	w.lines = append(w.lines, promised)
	if w.onLine != nil {
		w.onLine(len(w.lines))
	}
	return len(line), nil
}

func newWitness(t *testing.T, schema string, tables ...string) *witness {
	t.Helper()
	return &witness{t: t, conn: pgtest.Connect(t), schema: schema, tables: tables}
}

// promise is a STATE that says how many rows of each table came before it.
func promise(counts map[string]int) string {
	value, _ := json.Marshal(counts)
	return stateOf(string(value))
}

func TestStateLeavesOnlyAfterEveryRecordBeforeItIsVisible(t *testing.T) {
	t.Parallel()
	const id = `{"id":{"type":"integer"}}`
	tests := []struct {
		name     string
		settings settings
		// busy streams bring this many records for each one of the quiet stream
		ratio, records int
		// leastStates is how often STATE has to flow.
		leastStates int
	}{
		{name: "by rows", settings: settings{"batch_max_rows": 100}, ratio: 7, records: 3000, leastStates: 20},
		{name: "by bytes", settings: settings{"batch_max_bytes": 65536, "load_mode": "append"}, ratio: 1000, records: 60000, leastStates: 4},
		{name: "all in one batch", ratio: 3, records: 900, leastStates: 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			schema := pgtest.Schema(t)
			w := newWitness(t, schema, "busy", "quiet", "idle")
			var in strings.Builder
			fmt.Fprintln(&in, schemaOf("busy", id, "id"))
			fmt.Fprintln(&in, schemaOf("quiet", id, "id"))
			fmt.Fprintln(&in, schemaOf("idle", id, "id"))
			counts := map[string]int{}
			fmt.Fprintln(&in, promise(counts))
			for i := range test.records {
				fmt.Fprintln(&in, record("busy", fmt.Sprintf(`{"id":%d}`, i)))
				counts["busy"]++
				if i%test.ratio == 0 {
					fmt.Fprintln(&in, record("quiet", fmt.Sprintf(`{"id":%d}`, i)))
					counts["quiet"]++
				}
				if i%10 == 9 {
					fmt.Fprintln(&in, promise(counts))
				}
			}
			run := newTarget(t, newConfig(t, schema, test.settings), strings.NewReader(in.String()), w)
			if err := run.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			if len(w.lines) < test.leastStates {
				t.Errorf("%d states left, want at least %d", len(w.lines), test.leastStates)
			}
			for i, state := range w.lines[1:] {
				if state["busy"] < w.lines[i]["busy"] {
					t.Errorf("state %d goes back from %v to %v", i+1, w.lines[i], state)
				}
			}
			if last := w.lines[len(w.lines)-1]; last["busy"] != counts["busy"] || last["quiet"] != counts["quiet"] {
				t.Errorf("the last state is %v, want %v", last, counts)
			}
		})
	}
}

func TestStateFlowsByAgeWhileTheInputIsSilent(t *testing.T) {
	t.Parallel()
	schema := pgtest.Schema(t)
	in, tap := io.Pipe()
	emitted := make(chan int, 10)
	w := newWitness(t, schema, "a")
	w.onLine = func(n int) { emitted <- n }
	run := newTarget(t, newConfig(t, schema, settings{"batch_max_age": 0.05}), in, w)
	finished := make(chan error, 1)
	go func() { finished <- run.Run(t.Context()) }()
	say := func(message string) {
		if _, err := io.WriteString(tap, message+"\n"); err != nil {
			t.Error(err)
		}
	}
	say(schemaOf("a", `{"id":{"type":"integer"}}`, "id"))
	for i := 1; i <= 3; i++ {
		say(record("a", fmt.Sprintf(`{"id":%d}`, i)))
		say(promise(map[string]int{"a": i}))
		// Nothing more is said until the state of what was said has come back.
		select {
		case <-emitted:
		case err := <-finished:
			t.Fatalf("the run ended: %v", err)
		}
	}
	if err := tap.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-finished; err != nil {
		t.Fatal(err)
	}
	if len(w.lines) != 3 {
		t.Errorf("states %v, want one after each record", w.lines)
	}
}

// TestThreeMegabytesAreCommittedWhileTheDatabaseHasNothingToDo has a tap that falls silent before a batch is full.
func TestThreeMegabytesAreCommittedWhileTheDatabaseHasNothingToDo(t *testing.T) {
	t.Parallel()
	schema := pgtest.Schema(t)
	in, tap := io.Pipe()
	emitted := make(chan int, 1)
	w := newWitness(t, schema, "a")
	w.onLine = func(n int) { emitted <- n }
	run := newTarget(t, newConfig(t, schema, settings{"batch_max_age": 3600}), in, w)
	finished := make(chan error, 1)
	go func() { finished <- run.Run(t.Context()) }()
	messages := []string{schemaOf("a", `{"id":{"type":"integer"},"v":{"type":"string"}}`, "id"), record("a", `{"id":0}`), promise(map[string]int{"a": 1})}
	for i := range 36 {
		messages = append(messages, record("a", fmt.Sprintf(`{"id":%d,"v":%q}`, i+1, strings.Repeat("x", 100_000))))
	}
	if _, err := io.WriteString(tap, strings.Join(messages, "\n")+"\n"); err != nil {
		t.Fatal(err)
	}
	select {
	case <-emitted:
	case err := <-finished:
		t.Fatalf("the run ended: %v", err)
	}
	if err := tap.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-finished; err != nil {
		t.Fatal(err)
	}
}

func TestStopCommitsWhatWasReadAndEmitsItsState(t *testing.T) {
	t.Parallel()
	schema := pgtest.Schema(t)
	in, tap := io.Pipe()
	w := newWitness(t, schema, "a")
	run := newTarget(t, newConfig(t, schema, settings{"batch_max_rows": 2}), in, w)
	// The first state leaves when the second batch is due: by then the tap goes on for ever, until it is stopped.
	w.onLine = func(int) { run.Stop() }
	finished := make(chan error, 1)
	go func() { finished <- run.Run(t.Context()) }()
	go func() {
		_, err := io.WriteString(tap, schemaOf("a", `{"id":{"type":"integer"}}`, "id")+"\n")
		for i := 1; err == nil; i++ {
			_, err = io.WriteString(tap, record("a", fmt.Sprintf(`{"id":%d}`, i))+"\n"+promise(map[string]int{"a": i})+"\n")
		}
	}()
	err := <-finished
	if !errors.Is(err, pipeline.ErrStopped) {
		t.Errorf("Run returned %v, want ErrStopped", err)
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	var rows int
	if err := w.conn.QueryRow(t.Context(), "SELECT count(*) FROM "+pgx.Identifier{schema, "a"}.Sanitize()).Scan(&rows); err != nil {
		t.Fatal(err)
	}
	// Run stops between a record and its state at the worst.
	if last := w.lines[len(w.lines)-1]["a"]; rows < last || rows > last+1 {
		t.Errorf("%d rows are there and the last state says %d", rows, last)
	}
}

func TestASilentTapHasItsRowsAndStateOutSoon(t *testing.T) {
	t.Parallel()
	schema := pgtest.Schema(t)
	in, tap := io.Pipe()
	w := newWitness(t, schema, "a")
	emitted := make(chan int, 1)
	w.onLine = func(n int) { emitted <- n }
	run := newTarget(t, newConfig(t, schema, settings{"batch_max_age": 3600}), in, w)
	finished := make(chan error, 1)
	go func() { finished <- run.Run(t.Context()) }()
	say := func(lines ...string) {
		if _, err := io.WriteString(tap, strings.Join(lines, "\n")+"\n"); err != nil {
			t.Error(err)
		}
	}
	say(schemaOf("a", `{"id":{"type":"integer"}}`, "id"))
	for i := 1; i <= 3; i++ {
		say(record("a", fmt.Sprintf(`{"id":%d}`, i)), promise(map[string]int{"a": i}))
		select {
		case <-emitted: // the witness has looked whether the row is there
		case err := <-finished:
			t.Fatalf("the run ended: %v", err)
		}
	}
	if err := tap.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-finished; err != nil {
		t.Fatal(err)
	}
}
