package e2e

import (
	"fmt"
	"strings"
)

// unprepared is a reason for which nothing can be loaded into the table of stream b.
type unprepared struct {
	name string
	// setup is SQL of a superuser. {{schema}} is the run's schema, {{role}} the loader.
	setup string
	// settings are those of the run, as they stand in the braces of a configuration.
	settings string
	// schema is the JSON Schema of b, idAndValue where it is "", and keys its key, id where it is "". line takes the
	// place of the whole SCHEMA message: the catalog of Airbyte's protocol cannot have such a fault.
	schema, keys, line string
	// held is what another session does in a transaction that it leaves open.
	held string
	// says are texts of the reason.
	says []string
	// singer is true for a fault of Singer only.
	singer bool
}

const idAndValue = `{"type":"object","properties":{"id":{"type":"integer"},"v":{"type":["null","string"]}}}`

// own creates b for the loader, others for somebody else.
func own(columns string) string {
	return "CREATE TABLE b (" + columns + "); ALTER TABLE b OWNER TO {{role}};"
}

func others(columns string) string {
	return "CREATE TABLE b (" + columns + "); GRANT ALL ON b TO {{role}};"
}

func ofB(settings string) string { return `"streams": {"b": {` + settings + `}}` }

// refusesB is an event trigger that refuses the table b.
const refusesB = `CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN
	IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() WHERE object_identity = '{{schema}}.b') THEN RAISE EXCEPTION 'no'; END IF;
	END$$;
	CREATE EVENT TRIGGER {{schema}}_e ON ddl_command_end EXECUTE FUNCTION refuse()`

var unpreparedCauses = []unprepared{
	{name: "a view", setup: "CREATE VIEW b AS SELECT 1::bigint AS id, ''::text AS v", says: []string{`"b" is a view`, "rename the view"}},
	{name: "a materialized view", setup: "CREATE MATERIALIZED VIEW b AS SELECT 1 AS id", says: []string{`"b" is a materialized view`, "rename"}},
	{name: "a sequence", setup: "CREATE SEQUENCE b", says: []string{`"b" is a sequence`, "rename"}},
	{name: "an index", setup: "CREATE TABLE x (id bigint); CREATE INDEX b ON x (id)", says: []string{`"b" is an index`, "rename"}},
	{name: "a composite type", setup: "CREATE TYPE b AS (id bigint)", says: []string{`"b" is a composite type`, "rename"}},
	{name: "an enum type", setup: "CREATE TYPE b AS ENUM ('x')", says: []string{`"b" is an enum type`, "rename"}},
	{name: "a domain", setup: "CREATE DOMAIN b AS text", says: []string{`"b" is a domain`, "rename"}},
	{
		name: "a foreign table that cannot be written", says: []string{`"b"`},
		setup: "CREATE FOREIGN DATA WRAPPER {{schema}}_w; CREATE SERVER {{schema}}_s FOREIGN DATA WRAPPER {{schema}}_w; " +
			"CREATE FOREIGN TABLE b (id bigint, v text) SERVER {{schema}}_s; GRANT ALL ON b TO {{role}}",
	},

	{name: "not the owner, a column is missing", setup: others("id bigint PRIMARY KEY"), says: []string{"must be owner of table b", "or as the owner: ALTER TABLE", "ADD COLUMN"}},
	{name: "not the owner, a type is too narrow", setup: others("id bigint PRIMARY KEY, v int"), says: []string{"must be owner of table", "or as the owner: ALTER TABLE"}},
	{
		name: "no CREATE on the schema", settings: ofB(`"schema": "{{schema}}_closed"`), says: []string{"permission denied for schema", "GRANT"},
		setup: "CREATE SCHEMA {{schema}}_closed; GRANT USAGE ON SCHEMA {{schema}}_closed TO {{role}}",
	},
	{
		name: "no USAGE on the schema", settings: ofB(`"schema": "{{schema}}_closed"`), says: []string{"permission denied for schema", "GRANT"},
		setup: "CREATE SCHEMA {{schema}}_closed; CREATE TABLE {{schema}}_closed.b (id bigint PRIMARY KEY, v text)",
	},
	{
		name: "no INSERT on the table", setup: "CREATE TABLE b (id bigint PRIMARY KEY, v text); GRANT SELECT ON b TO {{role}}",
		says: []string{"permission denied for table b", "GRANT"}, singer: true,
	},
	{
		name: "no privilege on the table", setup: "CREATE TABLE b (id bigint PRIMARY KEY, v text)",
		says: []string{"permission denied for table b", "GRANT"}, singer: true,
	},
	{name: "a reader that is no role", settings: ofB(`"grant_select_to": ["{{schema}}_nobody"]`), says: []string{`role "{{schema}}_nobody" does not exist`}},
	{name: "the schema may not be created", settings: ofB(`"schema": "{{schema}}_none"`), says: []string{"permission denied for database", "GRANT CREATE"}},
	{name: "no schema", settings: `"skip_schema_creation": true, ` + ofB(`"schema": "{{schema}}_none"`), says: []string{`schema "{{schema}}_none" does not exist`}},

	{
		name: "new streams fail", settings: `"migration_policy": {"new_streams": "fail"}`, says: []string{"migration_policy.new_streams"}, singer: true,
		setup: "CREATE TABLE a (id bigint PRIMARY KEY, v text); CREATE TABLE c (id bigint PRIMARY KEY, v text); GRANT ALL ON a, c TO {{role}}",
	},
	{name: "new fields fail", setup: own("id bigint PRIMARY KEY"), settings: `"migration_policy": {"new_fields": "fail"}`, says: []string{`column "v"`, "migration_policy.new_fields"}},
	{
		name: "missing fields fail", setup: own("id bigint PRIMARY KEY, v text, gone text"), singer: true,
		settings: `"migration_policy": {"missing_fields": "fail"}`, says: []string{`column "gone"`, "migration_policy.missing_fields"},
	},
	{
		name: "changed types fail", setup: own("id bigint PRIMARY KEY, v int"), settings: `"migration_policy": {"changed_types": "fail"}`,
		says: []string{`column "v"`}, singer: true,
	},
	{name: "too many columns", schema: manyColumns(1601), says: []string{"PostgreSQL allows 1600"}},
	{name: "too many columns to be added", setup: own("id bigint PRIMARY KEY, old text"), schema: manyColumns(1600), says: []string{"PostgreSQL allows 1600"}},
	{name: "after_create fails", settings: ofB(`"after_create": "SELECT 1/0 FROM {table}"`), says: []string{"after_create"}},
	{name: "after_create drops the table", settings: ofB(`"after_create": "DROP TABLE {table}"`), says: []string{"after_create"}},
	{name: "after_create commits", settings: ofB(`"after_create": "COMMIT"`), says: []string{"after_create"}},
	{name: "an event trigger", setup: refusesB, says: []string{"prepare table"}},
	{
		name: "a view uses the column", setup: own("id bigint PRIMARY KEY, v int") + "CREATE VIEW uses AS SELECT v FROM b",
		says: []string{`column "v"`, "uses"}, singer: true,
	},

	{
		name: "lock_timeout", setup: own("id bigint PRIMARY KEY") + "ALTER ROLE {{role}} SET lock_timeout = '100ms'", says: []string{"lock"},
		held: "LOCK TABLE b IN ACCESS SHARE MODE", settings: `"max_retry_seconds": 1`,
	},
	{
		name: "statement_timeout", setup: own("id bigint PRIMARY KEY") + "ALTER ROLE {{role}} SET statement_timeout = '300ms'", says: []string{"statement"},
		held: "LOCK TABLE b IN ACCESS SHARE MODE", settings: `"max_retry_seconds": 1`,
	},
	{
		name: "statement_timeout in after_create", setup: "ALTER ROLE {{role}} SET statement_timeout = '300ms'", says: []string{"statement"},
		settings: `"max_retry_seconds": 1, ` + ofB(`"after_create": "SELECT pg_sleep(1)"`),
	},

	{name: "an unknown key", keys: "other", says: []string{`column "other"`, "key"}},
	{name: "an upsert without a key", keys: "-", settings: ofB(`"load_mode": "upsert"`), says: []string{"needs a key"}, singer: true},
	{
		name: "a history time that holds no times", settings: ofB(`"load_mode": "history", "history_time_column": "v"`), says: []string{"history_time_column"},
		schema: `{"type":"object","properties":{"id":{"type":"integer"},"v":{"type":"boolean"}}}`,
	},
	{name: "a reference that brings no properties", line: `{"type":"SCHEMA","stream":"b","schema":{"$ref":"#/definitions/b","definitions":{"b":{"type":"object"}}},"key_properties":["id"]}`, says: []string{"properties"}},
	{name: "properties that are a list", line: `{"type":"SCHEMA","stream":"b","schema":{"properties":[1]},"key_properties":["id"]}`, says: []string{"properties"}},
	{name: "a schema that is no object", line: `{"type":"SCHEMA","stream":"b","schema":"x","key_properties":["id"]}`, says: []string{`"schema"`}},
	{name: "no schema in the message", line: `{"type":"SCHEMA","stream":"b","key_properties":["id"]}`, says: []string{`"schema"`}},
	{name: "keys that are no list", line: `{"type":"SCHEMA","stream":"b","schema":` + idAndValue + `,"key_properties":7}`, says: []string{"key_properties"}},
	{name: "a record that is no object", line: `{"type":"RECORD","stream":"b","record":7}`, says: []string{`"record"`}},
	{name: "a record without a SCHEMA", line: `{"type":"RECORD","stream":"b","record":{"id":1}}`, says: []string{"SCHEMA"}},
	{name: "a top that refers to nothing", schema: `{"$ref":"#/definitions/none"}`, says: []string{"SCHEMA", "properties"}, singer: true},
	{
		name: "a BATCH file that is not there", says: []string{"/nowhere/b.jsonl"},
		line: `{"type":"SCHEMA","stream":"b","schema":` + idAndValue + `,"key_properties":["id"]}` + "\n" +
			`{"type":"BATCH","stream":"b","encoding":{"format":"jsonl"},"manifest":["file:///nowhere/b.jsonl"]}`,
	},
	{
		name: "a BATCH of an unknown format", says: []string{"format"},
		line: `{"type":"SCHEMA","stream":"b","schema":` + idAndValue + `,"key_properties":["id"]}` + "\n" +
			`{"type":"BATCH","stream":"b","encoding":{"format":7},"manifest":["file:///nowhere/b.jsonl"]}`,
	},
	{
		name: "an ACTIVATE_VERSION without a version", says: []string{"version"},
		line: `{"type":"SCHEMA","stream":"b","schema":` + idAndValue + `,"key_properties":["id"]}` + "\n" + `{"type":"ACTIVATE_VERSION","stream":"b"}`,
	},
}

func manyColumns(n int) string {
	var b strings.Builder
	b.WriteString(`{"type":"object","properties":{"id":{"type":"integer"}`)
	for i := 1; i < n; i++ {
		fmt.Fprintf(&b, `,"c%d":{"type":"boolean"}`, i)
	}
	return b.String() + "}}"
}
