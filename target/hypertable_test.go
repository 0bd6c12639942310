package target_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"target-postgres/internal/pgtest"
	"target-postgres/protocol"
	"target-postgres/target/config"
)

// likeTimescale puts into a database what of TimescaleDB's catalog the program looks at, and a table whose rows go into
// tables of their month, which are made when the first row comes and take no other. A transaction that makes one keeps
// the lock that TimescaleDB takes for that. The sequence routed counts rows, also those that are rolled back, and a row
// whose v is "gate" waits for an advisory lock.
func likeTimescale(t *testing.T, conn *pgx.Conn, columns string) {
	t.Helper()
	sql := `CREATE SCHEMA _timescaledb_catalog;
		CREATE SCHEMA _timescaledb_functions;
		CREATE SEQUENCE public.routed;
		CREATE TABLE _timescaledb_catalog.hypertable (id integer, schema_name name, table_name name);
		CREATE TABLE _timescaledb_catalog.dimension (id integer, hypertable_id integer, column_name name, interval_length bigint);
		INSERT INTO _timescaledb_catalog.hypertable VALUES (1, 'public', 't');
		INSERT INTO _timescaledb_catalog.dimension VALUES (1, 1, 'at');
		CREATE FUNCTION _timescaledb_functions.insert_blocker() RETURNS trigger LANGUAGE plpgsql AS $$
		DECLARE
			month timestamptz := date_trunc('month', NEW.at);
			part text := 't' || to_char(month, '_MM');
		BEGIN
			PERFORM nextval('public.routed');
			IF to_jsonb(NEW) ->> 'v' = 'gate' THEN PERFORM pg_advisory_xact_lock_shared(18); END IF;
			IF to_regclass('public.' || part) IS NULL THEN LOCK TABLE public.t IN SHARE UPDATE EXCLUSIVE MODE; END IF;
			IF to_regclass('public.' || part) IS NULL THEN
				EXECUTE format('CREATE TABLE public.%I (CHECK (at >= %L AND at < %L)) INHERITS (public.t)', part, month, month + interval '1 month');
			END IF;
			EXECUTE format('INSERT INTO public.%I SELECT ($1).*', part) USING NEW;
			RETURN NULL;
		END $$;
		CREATE TABLE public.t (` + columns + `);
		CREATE TRIGGER route BEFORE INSERT ON public.t FOR EACH ROW EXECUTE FUNCTION _timescaledb_functions.insert_blocker()`
	if _, err := conn.PgConn().Exec(t.Context(), sql).ReadAll(); err != nil {
		t.Fatal(err)
	}
}

func TestARowWhoseTimeChangesGoesToAnotherChunk(t *testing.T) {
	t.Parallel()
	for mode, columns := range map[string]string{
		"upsert":      "id bigint, at timestamptz, v text",
		"soft_delete": "id bigint, at timestamptz, v text, _singular_deleted boolean NOT NULL DEFAULT false",
	} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			database := pgtest.Database(t)
			conn := pgtest.ConnectTo(t, database)
			likeTimescale(t, conn, columns)
			cfg := newConfig(t, "public", settings{"url": database, "load_mode": mode, "batch_max_rows": 2})
			schema := schemaOf("t", `{"id":{"type":"integer"},"at":{"type":"string","format":"date-time"},"v":{"type":"string"}}`, "id")
			message := func(id, month int, v string) string {
				return record("t", fmt.Sprintf(`{"id":%d,"at":"2026-%02d-10T00:00:00Z","v":%q}`, id, month, v))
			}
			if _, err := load(t, cfg, schema, message(1, 1, "a"), message(2, 1, "b"), message(3, 2, "c"), message(2, 2, "bb")); err != nil {
				t.Fatal(err)
			}
			if _, err := load(t, cfg, schema, message(1, 3, "a"), message(3, 2, "cc"), message(4, 1, "d")); err != nil {
				t.Fatal(err)
			}
			want := []string{"t_01 4 d", "t_02 2 bb", "t_02 3 cc", "t_03 1 a"}
			got := texts(t, conn, "SELECT concat_ws(' ', tableoid::regclass, id, v) FROM public.t ORDER BY 1")
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestAMergeReadsOnlyTheStretchOfItsKeysInChunks has a column keep which statement has brought a row.
func TestAMergeReadsOnlyTheStretchOfItsKeysInChunks(t *testing.T) {
	t.Parallel()
	database := pgtest.Database(t)
	d := lookInto(t, "public", database)
	likeTimescale(t, pgtest.ConnectTo(t, database), "id bigint, at timestamptz, said text DEFAULT current_query()")
	cfg := newConfig(t, "public", settings{"url": database, "load_mode": "upsert"})
	schema := schemaOf("t", `{"id":{"type":"integer"},"at":{"type":"string","format":"date-time"}}`, "id", "at")
	for _, ids := range [][]int{{1}, {7, 9}} {
		messages := []string{schema}
		for _, id := range ids {
			messages = append(messages, record("t", fmt.Sprintf(`{"id":%d,"at":"2026-02-10T00:00:00Z"}`, id)))
		}
		if _, err := load(t, cfg, messages...); err != nil {
			t.Fatal(err)
		}
	}
	d.want(`SELECT id FROM t WHERE said LIKE '%old."id" OPERATOR(pg_catalog.>=) 7 AND old."id" OPERATOR(pg_catalog.<=) 9%' ORDER BY id`, "7", "9")
}

// TestBatchesAreCopiedAheadIntoChunksThatAreThere holds the first batch at a gate until the second is copied. That one
// keeps the lock of no chunk meanwhile.
func TestBatchesAreCopiedAheadIntoChunksThatAreThere(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		month  int    // of the second batch
		routed string // rows at the end: one was there, and four are loaded
	}{
		"chunks that are there": {1, "5"},
		"a chunk to be made":    {2, "7"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			database := pgtest.Database(t)
			conn := pgtest.ConnectTo(t, database)
			likeTimescale(t, conn, "id bigint, at timestamptz, v text")
			d, gate := lookInto(t, "public", database), lookInto(t, "public", database)
			d.run("INSERT INTO t VALUES (0, '2026-01-10', 'a')")
			gate.run("BEGIN; SELECT pg_advisory_xact_lock(18)")
			message := func(id, month int, v string) string {
				return record("t", fmt.Sprintf(`{"id":%d,"at":"2026-%02d-10T00:00:00Z","v":%q}`, id, month, v))
			}
			var said, out strings.Builder
			ended := make(chan error, 1)
			go func() {
				cfg := newConfig(t, "public", settings{"url": database, "load_mode": "append", "batch_max_rows": 2})
				ended <- hear(t, cfg, protocol.NewSinger(strings.NewReader(strings.Join([]string{
					schemaOf("t", `{"id":{"type":"integer"},"at":{"type":"string","format":"date-time"},"v":{"type":"string"}}`),
					message(1, 1, "gate"), message(2, test.month, "b"), message(3, test.month, "c"), message(4, test.month, "d"),
				}, "\n")), 0), &out, func(line string) { said.WriteString(line + "\n") })
			}()
			d.await(ended, "SELECT last_value FROM routed", "4", "the second batch is not copied while the first one waits")
			d.await(ended, "SELECT count(*) FROM pg_locks WHERE relation = 't'::regclass AND mode = 'ShareUpdateExclusiveLock'", "0",
				"the second batch keeps the lock of a chunk while the first one waits")
			gate.run("COMMIT")
			if err := <-ended; err != nil {
				t.Fatal(err)
			}
			d.want("SELECT id, tableoid::regclass FROM t ORDER BY id", "0 | t_01", "1 | t_01",
				fmt.Sprintf("2 | t_%02d", test.month), fmt.Sprintf("3 | t_%02d", test.month), fmt.Sprintf("4 | t_%02d", test.month))
			if test.routed != "" {
				d.want("SELECT last_value FROM routed", test.routed)
			}
			for _, line := range []string{"trying again", "another session", "one after the other"} {
				if strings.Contains(said.String(), line) {
					t.Errorf("the log says %q:\n%s", line, said.String())
				}
			}
		})
	}
}

// monthsOfT is an append of two batches to t. Each brings months that nobody has brought before.
func monthsOfT(t *testing.T, url, clock, second string) (cfg *config.Config, messages []string) {
	t.Helper()
	message := func(id, month int, v string) string {
		return record("t", fmt.Sprintf(`{"id":%d,"at":"2026-%02d-10T%s","v":%q}`, id, month, clock, v))
	}
	return newConfig(t, "public", settings{"url": url, "load_mode": "append", "batch_max_rows": 2}), []string{
		schemaOf("t", `{"id":{"type":"integer"},"at":{"type":"string","format":"date-time"},"v":{"type":"string"}}`),
		message(1, 1, "a"), message(2, 1, second), message(3, 2, "b"), message(4, 3, "c"),
	}
}

// TestChunksAreMadeBeforeTheirRows has the first batch wait at a gate until the second is copied.
func TestChunksAreMadeBeforeTheirRows(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"timestamptz", "timestamptz(0)", "timestamp", "timestamp(1)", "date"} {
		clock := "00:00:00.56Z" // a column with a precision rounds it
		if kind == "date" {
			clock = "00:00:00Z"
		}
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			database := pgtest.Database(t)
			likeTimescale(t, pgtest.ConnectTo(t, database), "id bigint, at "+kind+", v text")
			d, gate := lookInto(t, "public", database), lookInto(t, "public", database)
			d.run("UPDATE _timescaledb_catalog.dimension SET interval_length = 86400000000")
			gate.run("BEGIN; SELECT pg_advisory_xact_lock(18)")
			cfg, messages := monthsOfT(t, database, clock, "gate")
			ended := make(chan error, 1)
			go func() {
				_, err := load(t, cfg, messages...)
				ended <- err
			}()
			d.await(ended, "SELECT last_value FROM routed", "7", "the second batch is not copied while the first one waits")
			gate.run("COMMIT")
			if err := <-ended; err != nil {
				t.Fatal(err)
			}
			d.want("SELECT id, tableoid::regclass FROM t ORDER BY id", "1 | t_01", "2 | t_01", "3 | t_02", "4 | t_03")
			d.want("SELECT last_value FROM routed", "7") // three chunks were made, and four rows copied once
		})
	}
}

// TestChunksAreMadeByTheirRows counts the rows that the table was given, also those that did not stay.
func TestChunksAreMadeByTheirRows(t *testing.T) {
	t.Parallel()
	const columns = "id bigint, at timestamptz, v text"
	for name, test := range map[string]struct{ columns, before, routed string }{
		"chunks of hours":             {columns, "UPDATE _timescaledb_catalog.dimension SET interval_length = 3600000000", "4"},
		"another dimension":           {columns, "INSERT INTO _timescaledb_catalog.dimension VALUES (2, 1, 'id', NULL)", "4"},
		"rows that would be numbered": {columns + ", n bigserial", "", "4"},
		"rows that a domain numbers":  {columns + ", n numbered", "", "4"},
		"rows that cannot be deleted": {columns, "REVOKE DELETE ON t FROM PUBLIC", ""}, // how many were tried depends on how fast the second batch begins
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			database := pgtest.Database(t)
			conn := pgtest.ConnectTo(t, database)
			if _, err := conn.Exec(t.Context(), "CREATE SEQUENCE numbers; CREATE DOMAIN numbered AS bigint DEFAULT nextval('numbers')"); err != nil {
				t.Fatal(err)
			}
			likeTimescale(t, conn, test.columns)
			d, login := lookInto(t, "public", database), pgtest.Role(t, database)
			d.run(`ALTER FUNCTION _timescaledb_functions.insert_blocker() SECURITY DEFINER;
				UPDATE _timescaledb_catalog.dimension SET interval_length = 86400000000;
				GRANT USAGE ON SCHEMA _timescaledb_catalog, _timescaledb_functions TO PUBLIC;
				GRANT SELECT ON ALL TABLES IN SCHEMA _timescaledb_catalog TO PUBLIC;
				GRANT SELECT, INSERT, DELETE ON t TO PUBLIC;
				GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO PUBLIC;` + test.before)
			cfg, messages := monthsOfT(t, login, "00:00:00Z", "b")
			if _, err := load(t, cfg, messages...); err != nil {
				t.Fatal(err)
			}
			d.want("SELECT id, tableoid::regclass FROM t ORDER BY id", "1 | t_01", "2 | t_01", "3 | t_02", "4 | t_03")
			if test.routed != "" {
				d.want("SELECT last_value FROM routed", test.routed)
			}
		})
	}
}
