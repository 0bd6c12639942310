package e2e

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"target-postgres/internal/pgtest"
)

// hostileScenarios are those that together take every way a row can go.
var hostileScenarios = []string{
	"activate-version-*", "airbyte-dedup-with-another-cursor", "airbyte-dedup-with-cdc-hard-delete", "airbyte-truncate-refresh-in-append-dedup",
	"append-without-a-key", "existing-column-types-are-kept", "first-load-that-*", "full-snapshot-*", "history-with-*", "keys-compare-*", "patch-*",
	"history-over-*", "identity-*", "rows-that-break-constraints-are-rejected", "soft-delete-to-history-and-back",
	"streams-share-*", "airbyte-value-that-only-*", "replace-keeps-*", "replace-with-a-key-*", "soft-delete-marks-*", "state-table-rows-wait-*", "slice-that-is-a-*", "table-with-a-trigger-*", "upsert-*",
}

// TestNothingIsFoundThroughAHostileSearchPath runs scenarios as a role whose search_path begins with a schema that has
// a trap of every operator, function and type of PostgreSQL. No trap may be called, and the rows have to be the right
// ones. With -short it shares the scenarios with the test of triggers.
func TestNothingIsFoundThroughAHostileSearchPath(t *testing.T) { //nolint:tparallel // its group ends before the calls are counted
	t.Parallel()
	runHostile(t, 0, "")
}

// TestTriggersHaveTheRolesSearchPath does the same with a trigger on every table, which finds its own table only
// through the role's search_path.
func TestTriggersHaveTheRolesSearchPath(t *testing.T) { //nolint:tparallel // as above
	t.Parallel()
	admin := runHostile(t, 1, `
		CREATE TABLE public.audit (noted pg_catalog.text);
		CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN INSERT INTO audit VALUES (TG_OP); RETURN NULL; END$$;
		CREATE FUNCTION public.attach() RETURNS event_trigger LANGUAGE plpgsql SET search_path TO pg_catalog AS $$
		DECLARE made record;
		BEGIN
			FOR made IN
				SELECT c.objid::regclass AS name FROM pg_event_trigger_ddl_commands() AS c JOIN pg_class AS t ON t.oid = c.objid
				WHERE c.command_tag = 'CREATE TABLE' AND c.object_type = 'table' AND t.relpersistence = 'p' AND NOT t.relispartition AND t.relname !~ '^_singular|^audit$'
			LOOP
				EXECUTE format('CREATE TRIGGER noted AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION public.note()', made.name);
			END LOOP;
		END$$;
		CREATE EVENT TRIGGER attach ON ddl_command_end EXECUTE FUNCTION public.attach()`)
	var noted int
	if err := admin.QueryRow(t.Context(), "SELECT count(*) FROM public.audit").Scan(&noted); err != nil || noted == 0 {
		t.Errorf("the triggers noted %d rows (%v)", noted, err)
	}
}

// runHostile runs the scenarios; with -short it begins with the given one and leaves out every second.
func runHostile(t *testing.T, first int, prepare string) *pgx.Conn {
	url := pgtest.Hostile(t)
	admin := pgtest.ConnectTo(t, url)
	if _, err := admin.Exec(t.Context(), prepare); err != nil {
		t.Fatal(err)
	}
	// A superuser, so that it may use the tables that a scenario finds.
	role := pgtest.Role(t, url, "superuser")
	if _, err := admin.Exec(t.Context(), "ALTER ROLE "+pgtest.User(t, role)+" SET search_path TO hostile, pg_catalog, public"); err != nil {
		t.Fatal(err)
	}
	t.Run("scenarios", func(t *testing.T) {
		n := 0
		for _, pattern := range hostileScenarios {
			folders, err := filepath.Glob("testdata/scenarios/" + pattern)
			if err != nil || len(folders) == 0 {
				t.Fatalf("no scenario %s: %v", pattern, err)
			}
			for _, folder := range folders {
				if n++; testing.Short() && (n+first)%2 == 0 {
					continue
				}
				t.Run(filepath.Base(folder), func(t *testing.T) {
					t.Parallel()
					s := &scenario{folder: folder, schema: pgtest.SchemaIn(t, url), conn: pgtest.ConnectTo(t, url), url: role, path: ", public"}
					s.run(t)
				})
			}
		}
	})
	rows, err := admin.Query(t.Context(), "SELECT DISTINCT what FROM hostile.calls")
	if err != nil {
		t.Fatal(err)
	}
	called, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(called) > 0 {
		t.Errorf("found through the search_path (%v):\n%s", err, strings.Join(called, "\n"))
	}
	return admin
}
