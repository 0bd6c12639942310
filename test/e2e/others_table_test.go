//go:build unix

package e2e

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"target-postgres/internal/pgtest"
)

// TestOthersTablesUnderOurNamesAreNotUsed lets somebody who may create tables in the loader's schema make each of the
// program's own before it does, with a trigger that notes as whom it runs.
func TestOthersTablesUnderOurNamesAreNotUsed(t *testing.T) {
	t.Parallel()
	const refused = `{"type":"RECORD","stream":"users","record":{"id":"no number"}}` + "\n"
	const catalog = `{"streams":[{"stream":{"name":"users","namespace":"{{schema}}","json_schema":{"properties":{"id":{"type":"integer"}}}},"sync_mode":"full_refresh",
		"destination_sync_mode":"append_dedup","primary_key":[["id"]],"generation_id":2,"minimum_generation_id":2,"sync_id":2}]}`
	const record = `{"type":"RECORD","record":{"stream":"users","namespace":"{{schema}}","data":{"id":1},"emitted_at":1}}
{"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1,"stream_status":{"stream_descriptor":{"name":"users","namespace":"{{schema}}"},"status":"COMPLETE"}}}
`
	for name, test := range map[string]struct {
		table, columns, comment string
		settings                map[string]any
		input                   string
		airbyte                 bool
	}{
		"rejected records": {
			"_singular_rejected", "stream text, line bigint, reason text, record jsonb, rejected_at timestamptz",
			"",
			map[string]any{"on_bad_record": "reject"},
			users + refused, false,
		},
		"STATE": {
			"_singular_state", "id text PRIMARY KEY, state text, updated_at timestamptz, run text", "", map[string]any{"state_table": true}, users, false,
		},
		"an unfinished refresh": {
			"_singular_generation_2_users",
			"id bigint, _airbyte_raw_id text, _airbyte_extracted_at timestamptz, _airbyte_meta jsonb, _airbyte_generation_id bigint",
			`target-postgres refresh of "{{schema}}"."users", generation 2`, nil, record, true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := pgtest.Database(t)
			admin, loader, other := pgtest.ConnectTo(t, url), pgtest.Role(t, url), pgtest.Role(t, url)
			within := strings.NewReplacer("{{schema}}", pgtest.SchemaIn(t, url), "{{loader}}", pgtest.User(t, loader), "{{other}}", pgtest.User(t, other), "{{table}}", test.table)
			run := func(conn *pgx.Conn, sql string) {
				if _, err := conn.Exec(t.Context(), within.Replace(sql)); err != nil {
					t.Fatal(err)
				}
			}
			run(admin, `GRANT USAGE, CREATE ON SCHEMA {{schema}} TO {{loader}}, {{other}};
				CREATE TABLE {{schema}}.noted (who text); GRANT INSERT ON {{schema}}.noted TO {{loader}}`)
			theirs := pgtest.ConnectTo(t, other)
			run(theirs, `CREATE TABLE {{schema}}.{{table}} (`+test.columns+`); GRANT ALL ON {{schema}}.{{table}} TO {{loader}};
				CREATE FUNCTION {{schema}}.note() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN INSERT INTO {{schema}}.noted VALUES (current_user); RETURN NEW; END$$;
				CREATE TRIGGER note BEFORE INSERT ON {{schema}}.{{table}} FOR EACH ROW EXECUTE FUNCTION {{schema}}.note();
				COMMENT ON TABLE {{schema}}.{{table}} IS '`+test.comment+`'`)
			config := map[string]any{"url": loader, "schema": within.Replace("{{schema}}"), "max_retry_seconds": 0}
			maps.Copy(config, test.settings)
			var args []string
			if test.airbyte {
				run(pgtest.ConnectTo(t, loader), `CREATE TABLE {{schema}}.users (`+test.columns+`); INSERT INTO {{schema}}.users VALUES (7, '', now(), '{}', 1)`)
				file := filepath.Join(t.TempDir(), "catalog.json")
				if err := os.WriteFile(file, []byte(within.Replace(catalog)), 0o600); err != nil {
					t.Fatal(err)
				}
				args = []string{"write", "--catalog", file}
			}
			output, code := said(t, within.Replace(test.input), config, args...)
			if code != 1 || !strings.Contains(output, "who could have code run as the loader") {
				t.Errorf("exit code %d: %s", code, output)
			}
			var noted int
			if err := admin.QueryRow(t.Context(), within.Replace("SELECT count(*) FROM {{schema}}.noted")).Scan(&noted); err != nil || noted > 0 {
				t.Errorf("their trigger ran %d times (%v)", noted, err)
			}
			if test.airbyte {
				return
			}
			run(admin, "ALTER TABLE {{schema}}.{{table}} OWNER TO "+pgtest.User(t, url))
			if output, code := said(t, within.Replace(test.input), config); code != 0 {
				t.Errorf("the table of a superuser is not used: %s", output)
			}
		})
	}
}
