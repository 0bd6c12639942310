package target_test

import (
	"fmt"
	"strings"
	"testing"

	"target-postgres/target/failure"
)

// modes are all load modes that match rows by key.
func keyedModes() []string { return []string{"replace", "upsert", "history", "soft_delete"} }

// current selects the rows that a reader of mode wants.
func current(mode string) string {
	if mode == "history" {
		return " WHERE _singular_active"
	}
	return ""
}

func TestARowFromBeforeASchemaChangeNeverOverwritesOneFromAfterIt(t *testing.T) {
	t.Parallel()
	narrow, wide := `{"id":{"type":"integer"},"v":{"type":"string"}}`, `{"id":{"type":"integer"},"v":{"type":"string"},"n":{"type":"integer"}}`
	var messages, want []string
	for id := range 20 {
		want = append(want, fmt.Sprintf("%d | after %d | %d", id, id%3, id))
	}
	for round := range 3 {
		messages = append(messages, schemaOf("t", narrow, "id"))
		for id := range 20 {
			messages = append(messages, record("t", fmt.Sprintf(`{"id":%d,"v":"before %d"}`, id, round)))
		}
		messages = append(messages, schemaOf("t", wide, "id"))
		for id := 19; id >= 0; id-- {
			if round == 2 || id%3 == round {
				messages = append(messages, record("t", fmt.Sprintf(`{"id":%d,"v":"after %d","n":%d}`, id, id%3, id)))
			}
		}
	}
	for _, mode := range keyedModes() {
		for _, rows := range []int{1, 7, 250_000} {
			t.Run(fmt.Sprintf("%s in batches of %d", mode, rows), func(t *testing.T) {
				t.Parallel()
				d := look(t)
				d.mustLoad(settings{"load_mode": mode, "batch_max_rows": rows}, messages...)
				d.want("SELECT id, v, n FROM t"+current(mode)+" ORDER BY id", want...)
			})
		}
	}
}

func TestAFieldThatGoesAndComesBackWithinARun(t *testing.T) {
	t.Parallel()
	with, without := `{"id":{"type":"integer"},"b":{"type":"string","description":"what it is"}}`, `{"id":{"type":"integer"}}`
	for _, mode := range []string{"append", "upsert", "history", "soft_delete"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			d := look(t)
			cfg := settings{"load_mode": mode}
			comment := "SELECT regexp_replace(col_description('t'::regclass, 2), '[0-9]{4}-[0-9]{2}-[0-9]{2}', 'TODAY')"
			d.mustLoad(cfg, schemaOf("t", with, "id"), record("t", `{"id":1,"b":"first"}`), schemaOf("t", without, "id"), record("t", `{"id":2}`))
			d.want(comment, "what it is")
			d.mustLoad(cfg, schemaOf("t", without, "id"))
			d.want(comment, "what it is\ndeprecated since TODAY")
			d.mustLoad(cfg,
				schemaOf("t", without, "id"), record("t", `{"id":3}`),
				schemaOf("t", with, "id"), record("t", `{"id":4,"b":"back"}`),
				schemaOf("t", without, "id"), record("t", `{"id":5}`),
				schemaOf("t", with, "id"), record("t", `{"id":6,"b":"again"}`))
			d.want(comment, "what it is")
			d.want("SELECT id, b FROM t ORDER BY id", "1 | first", "2 | ∅", "3 | ∅", "4 | back", "5 | ∅", "6 | again")
		})
	}
}

func TestAColumnWhoseFieldIsGoneKeepsItsDataWhenARowComesAgain(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"upsert", "soft_delete"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			d := look(t)
			d.mustLoad(settings{"load_mode": mode},
				schemaOf("t", `{"id":{"type":"integer"},"a":{"type":"string"},"b":{"type":"string"}}`, "id"), record("t", `{"id":1,"a":"x","b":"kept"}`),
				schemaOf("t", `{"id":{"type":"integer"},"a":{"type":"string"}}`, "id"), record("t", `{"id":1,"a":"y"}`), record("t", `{"id":2,"a":"z"}`))
			d.want("SELECT id, a, b FROM t ORDER BY id", "1 | y | kept", "2 | z | ∅")
		})
	}
}

func TestATypeThatChangesAndChangesBackStaysTheWiderOne(t *testing.T) {
	t.Parallel()
	d := look(t)
	of := func(v string) string { return schemaOf("t", `{"id":{"type":"integer"},"v":`+v+`}`, "id") }
	d.mustLoad(nil,
		of(`{"type":"integer"}`), record("t", `{"id":1,"v":1}`),
		of(`{"type":"number"}`), record("t", `{"id":2,"v":2.50}`),
		of(`{"type":"integer"}`), record("t", `{"id":3,"v":3}`),
		of(`{"type":"string"}`), record("t", `{"id":4,"v":"four"}`),
		of(`{"type":"integer"}`), record("t", `{"id":5,"v":5}`),
		of(`{"type":"object"}`), record("t", `{"id":6,"v":{"k":6}}`))
	d.want("SELECT id, v FROM t ORDER BY id", "1 | 1", "2 | 2.50", "3 | 3", "4 | four", "5 | 5", `6 | {"k":6}`)
	if got := d.typeOf("t", "v"); got != "text" {
		t.Errorf("v is %s, want text, which was enough", got)
	}
}

func TestASchemaThatOnlyNamesItsFieldsInAnotherOrderChangesNothing(t *testing.T) {
	t.Parallel()
	d := look(t)
	d.mustLoad(nil, schemaOf("t", `{"id":{"type":"integer"},"a":{"type":"string"},"b":{"type":"string"}}`, "id"), record("t", `{"id":1,"a":"a1","b":"b1"}`),
		schemaOf("t", `{"b":{"type":"string"},"a":{"type":"string"},"id":{"type":"integer"}}`, "id"), record("t", `{"id":2,"a":"a2","b":"b2"}`))
	d.want("SELECT * FROM t ORDER BY id", "1 | a1 | b1", "2 | a2 | b2")
}

func TestAKeyThatGrowsWithinARunKeysTheRowsAfterIt(t *testing.T) {
	t.Parallel()
	d := look(t)
	const properties = `{"id":{"type":"integer"},"part":{"type":"integer"},"v":{"type":"string"}}`
	d.mustLoad(nil, schemaOf("t", properties, "id"), record("t", `{"id":1,"part":1,"v":"a"}`), record("t", `{"id":2,"part":1,"v":"b"}`),
		schemaOf("t", properties, "id", "part"), record("t", `{"id":1,"part":2,"v":"c"}`), record("t", `{"id":2,"part":1,"v":"d"}`))
	d.want("SELECT id, part, v FROM t ORDER BY id, part", "1 | 1 | a", "1 | 2 | c", "2 | 1 | d")
	d.want("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 't'::regclass AND contype = 'p'", "PRIMARY KEY (id, part)")
}

func TestAKeyWithoutItsFieldIsAnErrorBeforeTheFirstRow(t *testing.T) {
	t.Parallel()
	d := look(t)
	err := d.load(nil, schemaOf("t", `{"id":{"type":"integer"}}`, "nope"), record("t", `{"id":1,"nope":1}`))
	refused(t, err, failure.Stream, "input line 1", `stream "t"`, `column "nope"`, "key_properties")
	d.want("SELECT to_regclass('t')", "∅")
}

func TestASchemaThatCannotBeUsedLeavesWhatCameBeforeIt(t *testing.T) {
	t.Parallel()
	d := look(t)
	states, err := load(t, newConfig(t, d.schema, nil), schemaOf("t", `{"id":{"type":"integer"}}`, "id"), record("t", `{"id":1}`), stateOf("1"),
		schemaOf("t", `{"id":{"type":"integer"}}`, "other"), record("t", `{"id":2}`), stateOf("2"))
	refused(t, err, failure.Stream, "input line 4", `"other"`)
	d.want("SELECT id FROM t", "1")
	if strings.Join(states, " ") != "1" {
		t.Errorf("states %q, want that of what is committed", states)
	}
}

func TestASchemaChangeOfOneStreamLeavesTheOthersAlone(t *testing.T) {
	t.Parallel()
	d := look(t)
	id := `{"id":{"type":"integer"}}`
	messages := []string{schemaOf("a", id, "id"), schemaOf("b", id, "id")}
	for i := range 30 {
		messages = append(messages, record("a", fmt.Sprintf(`{"id":%d,"c%d":"x"}`, i, i/10)), record("b", fmt.Sprintf(`{"id":%d}`, i)))
		if i%10 == 9 {
			messages = append(messages, schemaOf("a", fmt.Sprintf(`{"id":{"type":"integer"},"c%d":{"type":"string"}}`, i/10+1), "id"))
		}
	}
	d.mustLoad(nil, messages...)
	d.want("SELECT count(*) FROM b", "30")
	d.want("SELECT count(*), count(c1), count(c2), count(c3) FROM a", "30 | 10 | 10 | 0")
}

func TestFieldsThatFallTogetherKeepColumnsOfTheirOwn(t *testing.T) {
	t.Parallel()
	d := look(t)
	lower := settings{"lowercase_names": true}
	d.mustLoad(lower, schemaOf("T", `{"ID":{"type":"integer"},"Name":{"type":"string"}}`, "ID"), record("T", `{"ID":1,"Name":"a"}`))
	d.mustLoad(lower, schemaOf("T", `{"ID":{"type":"integer"},"Name":{"type":"string"},"NAME":{"type":"string"},"name":{"type":"string"}}`, "ID"),
		record("T", `{"ID":1,"Name":"b","NAME":"c","name":"d"}`))
	names := d.rows("SELECT attname FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum > 0 ORDER BY attnum")
	if len(names) != 4 || names[0] != "id" || names[1] != "name" {
		t.Fatalf("the columns are %q, want one for each field", names)
	}
	// The field that had the column keeps it; the others get a suffix.
	d.want(fmt.Sprintf("SELECT id, name, %q, %q FROM t", names[2], names[3]), "1 | b | c | d")
}
