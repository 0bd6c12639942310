package target_test

import (
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"target-postgres/internal/pgtest"
	"target-postgres/protocol"
	"target-postgres/target"
	"target-postgres/target/config"
	"target-postgres/target/failure"
)

// refusal is a reason for which the server refuses a row in every load mode.
type refusal struct {
	name string
	// sql makes the table t refuse the row, which has these fields in the place of those of a good one.
	sql, bad string
	// column is the column to blame, "" where the server does not tell.
	column string
	// stays is true where the row is refused also with NULL for that value.
	stays bool
}

// refusals are of as many kinds as a table has means to object. Their values all have CANARY or 47110815 in them.
func refusals() []refusal {
	return []refusal{
		{name: "an index entry that is too long", sql: "CREATE INDEX ON t (v)", bad: `"v":"CANARY` + noise(9000) + `"`},
		{name: "a check", sql: "ALTER TABLE t ADD CHECK (n < 100)", bad: `"n":47110815`},
		{name: "a unique constraint", sql: "ALTER TABLE t ADD UNIQUE (v)", bad: `"v":"CANARY1"`},
		{name: "an exclusion constraint", sql: "ALTER TABLE t ADD EXCLUDE USING hash (v WITH =)", bad: `"v":"CANARY1"`},
		{name: "a foreign key", sql: "CREATE TABLE p (n numeric PRIMARY KEY); INSERT INTO p VALUES (1); GRANT SELECT ON p TO PUBLIC; ALTER TABLE t ADD FOREIGN KEY (n) REFERENCES p", bad: `"n":47110815`},
		{
			name: "a deferred foreign key", bad: `"n":47110815`,
			sql: "CREATE TABLE p (n numeric PRIMARY KEY); INSERT INTO p VALUES (1); GRANT SELECT ON p TO PUBLIC; ALTER TABLE t ADD FOREIGN KEY (n) REFERENCES p INITIALLY DEFERRED",
		},
		{name: "a trigger", sql: raising("BEFORE INSERT OR UPDATE ON t FOR EACH ROW", "new.n > 100"), bad: `"n":47110815`},
		{
			name: "a trigger for a statement", bad: `"n":47110815`,
			sql: raising("AFTER INSERT ON t REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT", "EXISTS (SELECT FROM fresh WHERE n > 100)"),
		},
		{
			name: "a policy", bad: `"n":47110815`,
			sql: "CREATE POLICY p ON t USING (true) WITH CHECK (n IS NULL OR n < 100); ALTER TABLE t ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
		},
		{name: "JSON that is too deep", sql: "SELECT 1", bad: `"j":` + strings.Repeat("[", 40000) + `"CANARY"` + strings.Repeat("]", 40000), column: "j"},
		{name: "a NULL", sql: "ALTER TABLE t ALTER v SET NOT NULL", bad: `"v":null,"w":"CANARY"`, column: "v", stays: true},
		{name: "an enumeration", sql: "CREATE TYPE mood AS ENUM ('sad'); ALTER TABLE t ALTER w TYPE mood USING w::mood", bad: `"w":"CANARY"`, column: "w"},
		{name: "a domain", sql: "CREATE DOMAIN low AS numeric CHECK (value < 100); ALTER TABLE t ALTER n TYPE low", bad: `"n":47110815`, column: "n"},
	}
}

// noise is text that does not compress.
func noise(length int) string {
	var b strings.Builder
	for sum := sha512.Sum512(nil); b.Len() < length; sum = sha512.Sum512(sum[:]) {
		b.WriteString(base64.StdEncoding.EncodeToString(sum[:]))
	}
	return b.String()[:length]
}

func raising(when, condition string) string {
	return "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF " + condition +
		" THEN RAISE 'CANARY'; END IF; RETURN new; END $$; CREATE TRIGGER g " + when + " EXECUTE FUNCTION f()"
}

const refusedFields = `{"id":{"type":"integer"},"v":{"type":["null","string"]},"n":{"type":["null","number"]},"w":{"type":["null","string"]},"j":{"type":["null","object","array"]}}`

// sender sends rows in one of the protocols.
type sender struct {
	name string
	// modes are the load modes, as the protocol has them.
	modes []string
	// gathers are those of modes in which readers see nothing before the end.
	gathers []string
	run     func(t *testing.T, d *database, mode string, generation int, more settings, heard func(string), records []string) ([]string, error)
	// nulls is true where one value is set to NULL rather than the row refused.
	nulls bool
}

func senders() []sender {
	return []sender{
		{name: "Singer", modes: []string{"append", "upsert", "replace", "soft_delete", "history"}, gathers: []string{"replace"}, run: sendSinger},
		{
			name: "Airbyte", modes: []string{"append", "append_dedup", "overwrite", "refresh", "soft_delete", "history"}, gathers: []string{"overwrite", "refresh"},
			run: sendAirbyte, nulls: true,
		},
	}
}

// hear makes a run that says what it logs.
func hear(t *testing.T, cfg *config.Config, reader *protocol.Reader, out *strings.Builder, heard func(string)) error {
	t.Helper()
	t.Cleanup(reader.Close)
	run, err := target.New(cfg, reader, protocol.NewWriter(out), listen(heard))
	if err != nil {
		t.Fatal(err)
	}
	return run.Run(t.Context())
}

// sendSinger sends records, each on a line of its own after the SCHEMA. A STATE follows the first and the last.
func sendSinger(t *testing.T, d *database, mode string, _ int, more settings, heard func(string), records []string) ([]string, error) {
	t.Helper()
	messages := []string{schemaOf("t", refusedFields, "id")}
	for i, one := range records {
		messages = append(messages, record("t", one))
		if i == 0 || i == len(records)-1 {
			messages = append(messages, stateOf(fmt.Sprintf(`{"n":%d}`, i+1)))
		}
	}
	var out strings.Builder
	cfg := newConfig(t, d.schema, merged(settings{"load_mode": mode}, more))
	err := hear(t, cfg, protocol.NewSinger(strings.NewReader(strings.Join(messages, "\n")), 0), &out, heard)
	return strings.Fields(out.String()), err
}

// sendAirbyte does what sendSinger does, with a line that means nothing in the place of the SCHEMA.
func sendAirbyte(t *testing.T, d *database, mode string, generation int, more settings, heard func(string), records []string) ([]string, error) {
	t.Helper()
	sync, minimum := mode, 0
	switch mode {
	case "refresh":
		sync, minimum = "overwrite", generation
	case "soft_delete", "history":
		sync = "append"
		more = merged(settings{"streams": map[string]any{"t": map[string]any{"load_mode": mode}}}, more)
	}
	numbers := fmt.Sprintf(`,"generation_id":%d,"minimum_generation_id":%d,"sync_id":%[1]d`, generation, minimum)
	if mode == "overwrite" {
		numbers = ""
	}
	catalog, err := protocol.ParseCatalog([]byte(fmt.Sprintf(`{"streams":[{"stream":{"name":"t","json_schema":{"type":"object","properties":%s}},
		"sync_mode":"full_refresh","destination_sync_mode":%q,"cursor_field":[],"primary_key":[["id"]]%s}]}`, refusedFields, sync, numbers)))
	if err != nil {
		t.Fatal(err)
	}
	messages := []string{`{"type":"LOG"}`}
	for i, one := range records {
		messages = append(messages, `{"type":"RECORD","record":{"stream":"t","emitted_at":1,"data":`+one+`}}`)
		if i == 0 || i == len(records)-1 {
			messages = append(messages, fmt.Sprintf(`{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"t"},"stream_state":{"n":%d}}}}`, i+1))
		}
	}
	messages = append(messages, `{"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1,"stream_status":{"stream_descriptor":{"name":"t"},"status":"COMPLETE"}}}`)
	var out strings.Builder
	err = hear(t, newConfig(t, d.schema, more), protocol.NewAirbyte(strings.NewReader(strings.Join(messages, "\n")), catalog, 0), &out, heard)
	return strings.Split(strings.TrimSpace(out.String()), "\n"), err
}

// goodRow is a record that nothing objects to.
func goodRow(id int) string {
	return fmt.Sprintf(`{"id":%d,"v":"CANARY%[1]d","n":1,"w":"sad","j":[]}`, id)
}

// badLine is where the row stands that is refused: after SCHEMA, row, STATE and row.
const badLine = 5

// TestTheRowThatTheServerRefusesIsTheOneThatIsNamed is the whole matrix: every kind of refusal, in both protocols and
// all load modes, whether bad records end the run or are set aside. Where a value becomes NULL no record is bad: the
// setting takes turns, and with -short everywhere, as the load modes do.
func TestTheRowThatTheServerRefusesIsTheOneThatIsNamed(t *testing.T) {
	t.Parallel()
	for k, fault := range refusals() {
		for _, by := range senders() {
			for i, mode := range by.modes {
				turn := i + k
				if testing.Short() {
					if i != k%len(by.modes) {
						continue
					}
					turn = k
				}
				ways := []string{"fail", "reject"}
				if by.nulls && !fault.stays || testing.Short() {
					ways = ways[turn%2:][:1]
				}
				for _, on := range ways {
					t.Run(strings.Join([]string{fault.name, by.name, mode, on}, "/"), func(t *testing.T) {
						t.Parallel()
						refuse(t, fault, by, mode, on)
					})
				}
			}
		}
	}
}

// ordinary is a schema and how an ordinary role loads into it, for whom policies hold.
func ordinary(t *testing.T) (*database, settings) {
	t.Helper()
	d := look(t)
	login := pgtest.Role(t, pgtest.URL(t))
	d.run("GRANT USAGE, CREATE ON SCHEMA " + d.schema + " TO " + pgx.Identifier{pgtest.User(t, login)}.Sanitize())
	return d, settings{"url": login, "skip_schema_creation": true}
}

func refuse(t *testing.T, fault refusal, by sender, mode, on string) {
	t.Helper()
	d, as := look(t), settings{}
	if fault.name == "a policy" {
		d, as = ordinary(t)
	}
	var said []string
	heard := func(message string) { said = append(said, message) }
	if _, err := by.run(t, d, mode, 1, as, heard, []string{goodRow(100)}); err != nil {
		t.Fatal(err)
	}
	d.run(fault.sql)
	said = nil
	bad := strings.TrimSuffix(goodRow(3), "}") + "," + fault.bad + "}"
	states, err := by.run(t, d, mode, 2, merged(as, settings{"on_bad_record": on}), heard, []string{goodRow(1), goodRow(2), bad, goodRow(4)})
	gathers := slices.Contains(by.gathers, mode)
	nulled := by.nulls && !fault.stays
	if on == "fail" && !nulled {
		refused(t, err, failure.Row, fmt.Sprintf("input line %d", badLine), `stream "t"`, fault.column)
	} else if err != nil {
		t.Error(err)
	}
	if err != nil {
		said = append(said, err.Error())
	}
	for _, message := range said {
		if strings.Contains(message, "CANARY") || strings.Contains(message, "47110815") {
			t.Errorf("a message has the value of a row: %.300s", message)
		}
	}

	rows := []string{"1", "2"}
	last := "1"
	switch {
	case err == nil && nulled:
		rows, last = append(rows, "3", "4"), "4"
	case err == nil:
		rows, last = append(rows, "4"), "4"
	case gathers && mode == "refresh":
		rows, last = nil, "4" // the rows of a refresh are kept
	case gathers:
		rows, last = nil, ""
	}
	if !gathers || err != nil {
		rows = append(rows, "100")
	}
	d.want("SELECT id FROM t ORDER BY id", rows...)
	if !fault.stays {
		d.want("SELECT count(*) FROM t WHERE id = 3 AND (v = 'CANARY1' OR n = 47110815)", "0")
	}
	if got := lastState(states); got != last {
		t.Errorf("the last STATE is of record %q, want %q: %q", got, last, states)
	}
	if on == "reject" {
		var want []string
		if !nulled {
			want = []string{fmt.Sprintf("t | %d | t", badLine)}
		}
		d.want("SELECT stream, line, reason <> '' FROM _singular_rejected", want...)
	}
}

// lastState is the number of records that the last of the states says were loaded.
func lastState(states []string) string {
	if len(states) == 0 {
		return ""
	}
	_, rest, _ := strings.Cut(states[len(states)-1], `"n":`)
	number, _, _ := strings.Cut(rest, "}")
	return number
}
