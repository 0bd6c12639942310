package target_test

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"target-postgres/protocol"
)

// namings are settings under which the tables and columns of one stream have different names.
var namings = map[string]settings{
	"keep":             {},
	"snake_case":       {"naming": "snake_case"},
	"with a separator": {"naming": "snake_case", "stream_name_separator": "-"},
	"lower case":       {"lowercase_names": true},
	"Airbyte's":        {"airbyte_compatible_names": true},
	"meltanolabs":      {"compatibility": "meltanolabs"},
	"pipelinewise":     {"compatibility": "pipelinewise"},
	"datamill":         {"compatibility": "datamill"},
}

// rowsAfterThree is how many rows three runs leave: run n brings the keys 1 to n, and every row says which run brought
// it.
var rowsAfterThree = map[string]string{"append": "6", "replace": "3", "upsert": "3", "history": "6", "soft_delete": "3"}

func TestATableIsGoneOnWithUnderEveryNaming(t *testing.T) {
	t.Parallel()
	for _, mode := range slices.Sorted(maps.Keys(rowsAfterThree)) {
		for from, before := range namings {
			for to, after := range namings {
				if from == to || (mode != "upsert" || testing.Short()) && from != "keep" {
					continue
				}
				t.Run(mode+" from "+from+" to "+to, func(t *testing.T) {
					t.Parallel()
					d := look(t)
					stream := d.schema + "-Order.Lines" // the schema of the test is the one that a separator makes of it
					for n, naming := range []settings{before, after, before} {
						messages := []string{schemaOf(stream, nameableFields, "orderID")}
						for _, row := range nameableRows(n + 1) {
							messages = append(messages, record(stream, row))
						}
						as := merged(settings{"load_mode": mode, "add_record_metadata": false, "activate_version": true}, naming)
						var said []string
						if err := loadAloud(t, newConfig(t, d.schema, as), func(line string) { said = append(said, line) }, messages...); err != nil {
							t.Fatal(err)
						}
						checkSaid(t, said, n == 1 && !sameTable(from, to))
					}
					d.checkOneTable(mode)
				})
			}
		}
	}
}

// TestATableOfAirbyteIsGoneOnWithUnderEveryNaming is the same for the streams of a catalog, whose names are Airbyte's
// unless told otherwise.
func TestATableOfAirbyteIsGoneOnWithUnderEveryNaming(t *testing.T) {
	t.Parallel()
	own := map[string]settings{
		"Airbyte's": {}, "own": {"airbyte_compatible_names": false}, "snake_case": {"naming": "snake_case"}, "lower case": {"lowercase_names": true},
	}
	for _, mode := range slices.Sorted(maps.Keys(rowsAfterThree)) {
		for from, before := range own {
			for to, after := range own {
				if from == to || (mode != "upsert" || testing.Short()) && from != "Airbyte's" {
					continue
				}
				t.Run(mode+" from "+from+" to "+to, func(t *testing.T) {
					t.Parallel()
					d := look(t)
					for n, naming := range []settings{before, after, before} {
						as := merged(settings{"streams": map[string]any{"Order.Lines": map[string]any{"load_mode": mode}}}, naming)
						var said []string
						if err := d.syncNameable(as, func(line string) { said = append(said, line) }, n+1); err != nil {
							t.Fatal(err)
						}
						checkSaid(t, said, n == 1 && !sameTable(from+" of Airbyte", to+" of Airbyte"))
					}
					d.checkOneTable(mode)
				})
			}
		}
	}
}

const nameableFields = `{"orderID":{"type":"integer"},"First Name":{"type":"string"},"plain":{"type":"string"}}`

// nameableRows are the records of a run: as many keys as runs.
func nameableRows(run int) (rows []string) {
	for key := range run {
		rows = append(rows, fmt.Sprintf(`{"orderID":%d,"First Name":"run %d","plain":"x"}`, key+1, run))
	}
	return rows
}

// syncNameable loads the records of a run as Airbyte sends them.
func (d *database) syncNameable(as settings, heard func(string), run int) error {
	d.t.Helper()
	catalog, err := protocol.ParseCatalog([]byte(fmt.Sprintf(`{"streams":[{"stream":{"name":"Order.Lines","namespace":%q,"json_schema":{"type":"object","properties":%s}},
		"sync_mode":"incremental","destination_sync_mode":"append_dedup","cursor_field":[],"primary_key":[["orderID"]],"generation_id":1,"minimum_generation_id":0,"sync_id":%d}]}`,
		d.schema, nameableFields, run)))
	if err != nil {
		d.t.Fatal(err)
	}
	var messages []string
	for _, row := range nameableRows(run) {
		messages = append(messages, fmt.Sprintf(`{"type":"RECORD","record":{"stream":"Order.Lines","namespace":%q,"emitted_at":%d,"data":%s}}`, d.schema, run, row))
	}
	messages = append(messages, fmt.Sprintf(`{"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1,"stream_status":{"stream_descriptor":{"name":"Order.Lines","namespace":%q},"status":"COMPLETE"}}}`, d.schema))
	return hear(d.t, newConfig(d.t, d.schema, as), protocol.NewAirbyte(strings.NewReader(strings.Join(messages, "\n")), catalog, 0), &strings.Builder{}, heard)
}

// checkSaid looks for the line that says that a table of another naming is gone on with: once at most, and once if it
// must be there.
func checkSaid(t *testing.T, said []string, must bool) {
	t.Helper()
	if told := strings.Count(strings.Join(said, "\n"), "keeping the table name"); told > 1 || must && told != 1 {
		t.Errorf("%d lines say that a table is gone on with:\n%s", told, strings.Join(said, "\n"))
	}
}

// checkOneTable looks whether all runs loaded one table, and each field one column.
func (d *database) checkOneTable(mode string) {
	d.t.Helper()
	tables := d.rows("SELECT oid::regclass FROM pg_class WHERE relnamespace = '" + d.schema + "'::regnamespace AND relkind = 'r'")
	if len(tables) != 1 {
		d.t.Fatalf("there are the tables %q, want one", tables)
	}
	d.want("SELECT count(*) FROM "+tables[0], rowsAfterThree[mode])
	d.want("SELECT count(*) FROM information_schema.columns WHERE table_schema = '"+d.schema+"' AND column_name !~ '^_(singular|airbyte)'", "3")
	d.want("SELECT count(*) FROM pg_description WHERE objoid = '"+tables[0]+"'::regclass AND description LIKE '%deprecated%'", "0")
}

// sameTable reports whether two namings give the table of that test one name.
func sameTable(a, b string) bool {
	same := [][]string{{"snake_case", "datamill"}, {"with a separator", "pipelinewise"}, {"snake_case of Airbyte", "lower case of Airbyte"}}
	return slices.ContainsFunc(same, func(pair []string) bool { return slices.Contains(pair, a) && slices.Contains(pair, b) })
}

func TestThePlaceOfOwnTablesIsThatOfStreams(t *testing.T) {
	t.Parallel()
	d := look(t)
	shouted := strings.ToUpper(d.schema)
	for _, as := range []settings{{"lowercase_names": true}, {"lowercase_names": true, "naming": "snake_case"}} {
		as = merged(as, settings{"schema": shouted, "state_table": true, "load_log": true, "on_bad_record": "reject"})
		d.mustLoad(as, schemaOf("Orders", `{"id":{"type":"integer"}}`, "id"), record("Orders", `{"id":1}`), record("Orders", `{"id":"x"}`), `{"type":"STATE","value":1}`)
	}
	d.want("SELECT relname FROM pg_class WHERE relnamespace = '"+d.schema+"'::regnamespace AND relkind = 'r' ORDER BY 1", "_singular_loads", "_singular_rejected", "_singular_state", "orders")
	d.want("SELECT count(*) FROM pg_namespace WHERE nspname = '"+shouted+"'", "0")
	err := d.load(settings{"lowercase_names": true, "schema": shouted}, schemaOf("_Singular_State", `{"id":{"type":"integer"}}`, "id"))
	if err == nil || !strings.Contains(err.Error(), "is a table of the program's own") {
		t.Errorf("a stream may have the name of a table of the program's own: %v", err)
	}
}

func TestADryRunShowsThatATableOfAnotherNamingIsGoneOnWith(t *testing.T) {
	t.Parallel()
	d := look(t)
	messages := []string{schemaOf("public-Orders", nameableFields, "orderID"), record("public-Orders", nameableRows(1)[0])}
	d.mustLoad(settings{}, messages...)
	messages[0] = schemaOf("public-Orders", strings.Replace(nameableFields, "plain", "newField", 1), "orderID")
	var shown strings.Builder
	run := newTarget(t, newConfig(t, d.schema, settings{"naming": "snake_case"}), strings.NewReader(strings.Join(messages, "\n")), io.Discard)
	run.DryRun(&shown)
	if err := run.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`-- stream "public-Orders": keeping the table name "` + d.schema + `"."public-Orders"`, `ADD COLUMN "new_field"`} {
		if !strings.Contains(shown.String(), want) {
			t.Errorf("the dry run shows\n%s\nwant %s in it", shown.String(), want)
		}
	}
	if strings.Contains(shown.String(), "CREATE TABLE") {
		t.Errorf("the dry run would make another table:\n%s", shown.String())
	}
}
