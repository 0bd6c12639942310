package target_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"target-postgres/internal/pgtest"
	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
)

const ofTwoMonths = `{"id":{"type":"integer"},"at":{"type":["null","string"],"format":"date-time"},"v":{"type":["null","string"]}}`

func byMonth(mode string) settings {
	return settings{"load_mode": mode, "streams": map[string]any{"t": map[string]any{"partition_by": map[string]any{"column": "at", "every": "month"}}}}
}

// ofLock is the condition for a row of pg_locks to be of an advisory lock.
func ofLock(key int64) string {
	return fmt.Sprintf("locktype = 'advisory' AND classid::bigint = %d AND objid::bigint = %d", uint64(key)>>32, uint64(key)&0xffffffff)
}

// Two runs come to the end of a month at once: one makes the partitions while the other waits for it, and finds them.
func TestTwoRunsOverTheEndOfAMonth(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"append", "upsert", "history"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			d := look(t)
			d.mustLoad(byMonth(mode), schemaOf("t", ofTwoMonths, "id"))
			holder := lookInto(t, d.schema, pgtest.URL(t))
			holder.run("BEGIN; LOCK TABLE t_default IN ACCESS SHARE MODE")
			ended := make(chan error, 2)
			for _, v := range []string{"a", "b"} {
				go func() {
					ended <- d.load(byMonth(mode), schemaOf("t", ofTwoMonths, "id"),
						record("t", `{"id":1,"at":"2021-01-31T23:59:59Z","v":"`+v+`"}`), record("t", `{"id":2,"at":"2021-02-01T00:00:00Z","v":"same"}`))
				}()
			}
			waiting := "SELECT count(*) FROM pg_locks WHERE NOT granted AND (relation = 't_default'::regclass OR " + ofLock(pgtx.LockKey(d.schema, "t\x00partitions")) + ")"
			d.await(ended, waiting, "2", "the runs do not wait for each other")
			holder.run("COMMIT")
			for range 2 {
				if err := <-ended; err != nil {
					t.Error(err)
				}
			}
			d.want("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 't'::regclass ORDER BY 1", "t_2021_01", "t_2021_02", "t_default")
			rows := map[string][]string{
				"append": {"t_2021_01 | 1 | 2", "t_2021_02 | 2 | 2"},
				"upsert": {"t_2021_01 | 1 | 1", "t_2021_02 | 2 | 1"}, "history": {"t_2021_01 | 1 | 2", "t_2021_02 | 2 | 1"},
			}
			d.want("SELECT tableoid::regclass::text, id, count(*) FROM t GROUP BY 1, 2 ORDER BY 2", rows[mode]...)
		})
	}
}

// Another session has a row in the default partition that is committed only while the partition of the row's period is
// made: the row moves, too, and the run goes on making partitions.
func TestARowThatComesIntoTheDefaultPartitionMeanwhileMoves(t *testing.T) {
	t.Parallel()
	d := look(t)
	d.mustLoad(byMonth("upsert"), schemaOf("t", ofTwoMonths, "id"))
	other := lookInto(t, d.schema, pgtest.URL(t))
	other.run("BEGIN; INSERT INTO t VALUES (8, '2021-01-08', 'late'), (9, '2021-03-09', 'stays')")
	ended := make(chan error, 1)
	go func() {
		ended <- d.load(byMonth("upsert"), schemaOf("t", ofTwoMonths, "id"),
			record("t", `{"id":1,"at":"2021-01-31T23:59:59Z","v":"a"}`), record("t", `{"id":2,"at":"2021-02-01T00:00:00Z","v":"a"}`))
	}()
	waiting := "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 't_default'::regclass AND mode = 'AccessExclusiveLock'"
	d.await(ended, waiting, "1", "the run does not wait for the other session")
	other.run("COMMIT")
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	d.want("SELECT tableoid::regclass::text, id, v FROM t ORDER BY id", "t_2021_01 | 1 | a", "t_2021_02 | 2 | a", "t_2021_01 | 8 | late", "t_default | 9 | stays")
}

// A role that may not create tables goes on loading: the default partition has what lacks a partition, and a warning
// says why.
func TestARoleThatMayNotMakePartitionsLoads(t *testing.T) {
	t.Parallel()
	d := look(t)
	d.mustLoad(byMonth("upsert"), schemaOf("t", ofTwoMonths, "id"), record("t", `{"id":1,"at":"2021-01-01T00:00:00Z","v":"a"}`))
	url := pgtest.Role(t, pgtest.URL(t))
	role := pgtest.User(t, url)
	d.run("GRANT USAGE ON SCHEMA " + d.schema + " TO " + role + "; GRANT SELECT, INSERT, UPDATE, DELETE ON t TO " + role)
	as := byMonth("upsert")
	as["url"] = url
	d.mustLoad(as, schemaOf("t", ofTwoMonths, "id"), record("t", `{"id":1,"at":"2021-03-01T00:00:00Z","v":"moved"}`), record("t", `{"id":2,"at":"2021-01-01T00:00:00Z","v":"b"}`))
	d.want("SELECT tableoid::regclass::text, id, v FROM t ORDER BY id", "t_default | 1 | moved", "t_2021_01 | 2 | b")
}

// PostgreSQL never changes the type of a partition column: that is said, and the rows that fit are there.
func TestAPartitionColumnKeepsItsType(t *testing.T) {
	t.Parallel()
	d := look(t)
	day := `{"id":{"type":"integer"},"at":{"type":"string","format":"date"}}`
	err := d.load(byMonth("upsert"), schemaOf("t", day, "id"), record("t", `{"id":1,"at":"2021-01-01"}`), record("t", `{"id":2,"at":"2021-01-01T10:00:00Z"}`))
	refused(t, err, failure.Configuration, "partition key")
	d.want("SELECT tableoid::regclass::text, id FROM t", "t_2021_01 | 1")
}

// Keys beyond those of the table go straight in. Where a key of the batch may be there the row is looked for in every
// partition: it moves.
func TestGrowingKeysGoStraightIntoPartitions(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"upsert", "soft_delete", "history"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			d := look(t)
			row := func(id int, month, v string) string {
				return record("t", fmt.Sprintf(`{"id":%d,"at":"2021-%s-01T00:00:00Z","v":%q}`, id, month, v))
			}
			for _, records := range [][]string{
				{row(1, "01", "a"), row(-2, "02", "a")},
				{row(3, "01", "a"), row(7, "03", "a")},
				{row(7, "02", "moved"), row(9, "03", "a")},
				{row(4, "01", "a"), row(-3, "01", "a")},
				{row(10, "01", "a"), row(10, "02", "twice")},
			} {
				d.mustLoad(byMonth(mode), append([]string{schemaOf("t", ofTwoMonths, "id")}, records...)...)
			}
			current := map[string]string{"history": " WHERE _singular_active"}[mode]
			d.want("SELECT tableoid::regclass::text, id, v FROM t"+current+" ORDER BY id", "t_2021_01 | -3 | a", "t_2021_02 | -2 | a", "t_2021_01 | 1 | a",
				"t_2021_01 | 3 | a", "t_2021_01 | 4 | a", "t_2021_02 | 7 | moved", "t_2021_03 | 9 | a", "t_2021_02 | 10 | twice")
		})
	}
}

// A first load goes straight into the partitions in any order of its keys, which leaves the rows in the order of the
// input: a merge sorts them. A key that the run has brought before is looked for in every partition. So are all keys
// once another program has written to the table.
func TestAFirstLoadInAnyOrderGoesStraightIntoPartitions(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"upsert", "soft_delete", "history"} {
		for _, other := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, another program inserts %t", mode, other), func(t *testing.T) {
				t.Parallel()
				d := look(t)
				in, tap := io.Pipe()
				ended := make(chan error, 1)
				as := byMonth(mode)
				as["batch_max_rows"] = 2
				go func() { ended <- newTarget(t, newConfig(t, d.schema, as), in, io.Discard).Run(t.Context()) }()
				rows := func(ids ...int) {
					for _, id := range ids {
						_, _ = fmt.Fprintf(tap, `{"type":"RECORD","stream":"t","time_extracted":"2026-01-01T00:00:00Z","record":{"id":%d,"at":"2021-01-%02dT00:00:00Z","v":"a"}}`+"\n", id, id)
					}
				}
				_, _ = fmt.Fprintln(tap, schemaOf("t", ofTwoMonths, "id"))
				rows(9, 5)
				d.await(ended, "SELECT to_regclass('t_2021_01') IS NOT NULL AND (SELECT count(*) FROM t) = 2", "t", "the first batch is not committed")
				if other {
					d.run("INSERT INTO t (id, at, v) SELECT 3, '2022-01-01', 'b'")
				}
				rows(7, 3, 8, 2)
				_, _ = fmt.Fprintln(tap, record("t", `{"id":5,"at":"2021-02-05T00:00:00Z","v":"moved"}`))
				_ = tap.Close()
				if err := <-ended; err != nil {
					t.Fatal(err)
				}
				d.want("SELECT id, to_char(at AT TIME ZONE 'UTC', 'MM-DD'), v FROM t"+current(mode)+" ORDER BY id", "2 | 01-02 | a", "3 | 01-03 | a", "5 | 02-05 | moved",
					"7 | 01-07 | a", "8 | 01-08 | a", "9 | 01-09 | a")
				if !other {
					d.want("SELECT id FROM t_2021_01 WHERE id <> 5 ORDER BY ctid", "9", "7", "3", "8", "2")
				}
			})
		}
	}
}

// afterOneBatch is a run whose rows are batches, of which the first is committed: row 1 of January. It goes on until
// tap is closed.
func afterOneBatch(t *testing.T, d *database, as settings) (row func(id, month int), tap io.Closer, ended chan error) {
	t.Helper()
	in, to := io.Pipe()
	ended = make(chan error, 1)
	as["batch_max_rows"] = 1
	go func() { ended <- newTarget(t, newConfig(t, d.schema, as), in, io.Discard).Run(t.Context()) }()
	row = func(id, month int) {
		_, _ = fmt.Fprintf(to, `{"type":"RECORD","stream":"t","time_extracted":"2026-01-01T00:00:00Z","record":{"id":%d,"at":"2021-%02d-01T00:00:00Z","v":"a"}}`+"\n", id, month)
	}
	_, _ = fmt.Fprintln(to, schemaOf("t", ofTwoMonths, "id"))
	row(1, 1)
	d.await(ended, "SELECT count(*) FROM t", "1", "the first batch is not committed")
	return row, to, ended
}

// A batch is copied while the one before it waits, and its partition is made before that. A row of another program that
// has one of its keys meanwhile is found in the batch's turn: no key has two rows.
func TestBatchesAreCopiedIntoPartitionsAheadOfTheirTurn(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"append", "upsert", "soft_delete", "history"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			d := look(t)
			d.mustLoad(byMonth(mode), schemaOf("t", ofTwoMonths, "id"))
			name := "ahead " + d.schema
			as := byMonth(mode)
			as["parallelism"], as["application_name"] = 2, name
			row, tap, ended := afterOneBatch(t, d, as)
			holder := lookInto(t, d.schema, pgtest.URL(t))
			holder.run("BEGIN; LOCK TABLE t_2021_01 IN SHARE MODE")
			row(2, 1)
			row(3, 2)
			sessions := fmt.Sprintf(`SELECT count(*) FILTER (WHERE wait_event_type = 'Lock'), count(*) FILTER (WHERE state = 'active' AND wait_event = 'ClientRead'),
				to_regclass('t_2021_02') FROM pg_stat_activity WHERE application_name = '%s'`, name)
			d.await(ended, sessions, "1 | 1 | t_2021_02", "the third batch is not copied while the second one waits")
			d.run("INSERT INTO t_2021_02 (id, at, v) SELECT 3, '2021-02-28', 'b'")
			holder.run("COMMIT")
			_ = tap.Close()
			if err := <-ended; err != nil {
				t.Fatal(err)
			}
			want := []string{"1 | 01-01 | a", "2 | 01-01 | a", "3 | 02-01 | a"}
			if mode == "append" {
				want = append(want, "3 | 02-28 | b")
			}
			d.want("SELECT id, to_char(at AT TIME ZONE 'UTC', 'MM-DD'), v FROM t"+current(mode)+" ORDER BY id, at", want...)
		})
	}
}

// byItsOwner are a database, and settings for a role that may create tables in it and is no superuser.
func byItsOwner(t *testing.T) (d *database, as settings, role string) {
	t.Helper()
	url := pgtest.Database(t)
	d, as = lookInto(t, "public", url), byMonth("upsert")
	as["url"] = pgtest.Role(t, url)
	role = pgtest.User(t, as["url"].(string))
	d.run("GRANT CREATE ON SCHEMA public TO " + role)
	return d, as, role
}

// Rows that wait in the default partition move as the role writes them: a trigger of the user's finds what it names
// through the role's search_path.
func TestRowsLeaveTheDefaultPartitionUnderTheSearchPathOfTheRole(t *testing.T) {
	t.Parallel()
	d, as, role := byItsOwner(t)
	d.run("CREATE SCHEMA audit; GRANT ALL ON SCHEMA audit TO " + role + "; ALTER ROLE " + role + " SET search_path TO audit")
	d.mustLoad(as, schemaOf("t", ofTwoMonths, "id"))
	d.run(`CREATE TABLE audit.gone (id bigint); GRANT ALL ON audit.gone TO ` + role + `;
		CREATE FUNCTION audit.note() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN INSERT INTO gone VALUES (OLD.id); RETURN NULL; END$$;
		CREATE TRIGGER note AFTER DELETE ON t FOR EACH ROW EXECUTE FUNCTION audit.note();
		INSERT INTO t VALUES (1, '2021-05-03', 'waits'), (2, '2021-06-03', 'waits')`)
	d.mustLoad(as, schemaOf("t", ofTwoMonths, "id"), record("t", `{"id":3,"at":"2021-05-01T00:00:00Z","v":"b"}`))
	d.want("SELECT tableoid::regclass::text, id, v FROM t ORDER BY id", "t_2021_05 | 1 | waits", "t_default | 2 | waits", "t_2021_05 | 3 | b")
	d.want("SELECT id FROM audit.gone", "1")
}

// An owner that may no longer create tables detaches old partitions all the same.
func TestOldPartitionsAreDetachedWithoutTheRightToCreateOthers(t *testing.T) {
	t.Parallel()
	d, as, role := byItsOwner(t)
	d.mustLoad(as, schemaOf("t", ofTwoMonths, "id"), record("t", `{"id":1,"at":"2021-05-01T00:00:00Z","v":"a"}`))
	d.run("REVOKE CREATE ON SCHEMA public FROM " + role)
	as["streams"].(map[string]any)["t"].(map[string]any)["partition_by"] = map[string]any{"column": "at", "every": "month", "keep": "24 months", "ahead": 1}
	d.mustLoad(as, schemaOf("t", ofTwoMonths, "id"))
	d.want("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 't'::regclass", "t_default")
	d.want("SELECT id FROM t_2021_05", "1")
}

// A foreign key that refers to a row of an old partition keeps that one, and no other.
func TestAForeignKeyKeepsOnlyThePartitionThatItRefersTo(t *testing.T) {
	t.Parallel()
	d, as := look(t), byMonth("upsert")
	d.mustLoad(as, schemaOf("t", ofTwoMonths, "id", "at"), record("t", `{"id":1,"at":"2021-05-01T00:00:00Z"}`),
		record("t", `{"id":2,"at":"2021-06-01T00:00:00Z"}`), record("t", `{"id":3,"at":"2021-07-01T00:00:00Z"}`))
	d.run("CREATE TABLE refers (id bigint, at timestamptz, FOREIGN KEY (id, at) REFERENCES t (id, at)); INSERT INTO refers VALUES (2, '2021-06-01')")
	as["streams"].(map[string]any)["t"].(map[string]any)["partition_by"] = map[string]any{"column": "at", "every": "month", "keep": "24 months"}
	d.mustLoad(as, schemaOf("t", ofTwoMonths, "id", "at"))
	d.want("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 't'::regclass ORDER BY 1", "t_2021_06", "t_default")
	d.want("SELECT id FROM t_2021_05 UNION ALL SELECT id FROM t_2021_07", "1", "3")
}

// A batch that went straight into the table does not wait for another loader, which may come to wait for its rows: it
// takes them back, and merges them when its turn has come.
func TestARunThatMeetsAnotherLoaderWaitsWithoutItsRows(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"upsert", "history"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			d := look(t)
			d.mustLoad(byMonth(mode), schemaOf("t", ofTwoMonths, "id"))
			row, tap, ended := afterOneBatch(t, d, byMonth(mode))
			other := lookInto(t, d.schema, pgtest.URL(t))
			key := pgtx.LockKey(d.schema, "t")
			other.run(fmt.Sprintf("BEGIN; SELECT pg_advisory_xact_lock(%d)", key))
			row(2, 1)
			d.await(ended, "SELECT count(*) FROM pg_locks WHERE NOT granted AND "+ofLock(key), "1", "the run does not wait")
			other.run("LOCK TABLE t_2021_01 IN ACCESS EXCLUSIVE MODE NOWAIT; COMMIT")
			_ = tap.Close()
			if err := <-ended; err != nil {
				t.Fatal(err)
			}
			d.want("SELECT tableoid::regclass::text, id, v FROM t ORDER BY id", "t_2021_01 | 1 | a", "t_2021_01 | 2 | a")
		})
	}
}

func TestADryRunSaysWhatARunWouldSayOfPartitions(t *testing.T) {
	t.Parallel()
	by := func(setting map[string]any) settings {
		return settings{"streams": map[string]any{"t": map[string]any{"partition_by": setting}}}
	}
	month, two, three := map[string]any{"column": "at", "every": "month"}, map[string]any{"hash": 2}, map[string]any{"hash": 3}
	for name, test := range map[string]struct {
		before, now settings
		want        string
	}{
		"no longer set":         {by(month), settings{}, "partition_by is no longer set"},
		"another number":        {by(two), by(three), "the table keeps its number of partitions by hash, which is 2"},
		"periods, not by hash":  {by(two), by(month), "is not partitioned as partition_by asks for"},
		"the same number again": {by(two), by(two), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := look(t)
			d.mustLoad(test.before, schemaOf("t", ofTwoMonths, "id"))
			var shown strings.Builder
			run := newTarget(t, newConfig(t, d.schema, test.now), strings.NewReader(schemaOf("t", ofTwoMonths, "id")), io.Discard)
			run.DryRun(&shown)
			if err := run.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(shown.String(), test.want) || test.want == "" && shown.String() != "" {
				t.Errorf("the dry run shows %q, want %q in it", shown.String(), test.want)
			}
		})
	}
}
