package target_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"target-postgres/internal/pgtest"
)

// TestConnectionsDoNotChangeTheTable loads the same records, whose keys come again within batches and across them, over
// one connection and over several.
func TestConnectionsDoNotChangeTheTable(t *testing.T) {
	t.Parallel()
	for _, mode := range append(keyedModes(), "append") {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			messages := shuffledVersions(mode)
			var want []string
			for _, connections := range []int{1, 2, 3, 8} {
				d := look(t)
				d.mustLoad(settings{"load_mode": mode, "batch_max_rows": 9, "parallelism": connections, "history_time_column": "at"}, messages...)
				got := d.rows("SELECT * FROM t ORDER BY t")
				if connections == 1 {
					want = got
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("over %d connections (-one +several):\n%s", connections, diff)
				}
			}
		})
	}
}

// shuffledVersions first brings every key once, so that batches go straight into the empty table, then versions of
// them.
func shuffledVersions(mode string) []string {
	const keys, versions = 120, 300
	random := rand.New(rand.NewPCG(1, 2))
	messages := []string{schemaOf("t", `{"id":{"type":"integer"},"v":{"type":"string"},"at":{"type":"string","format":"date-time"}}`, "id")}
	version := func(id, n int) {
		at := time.Date(2020, 1, 1, 0, 0, n, 0, time.UTC).Format(time.RFC3339)
		messages = append(messages, record("t", fmt.Sprintf(`{"id":%d,"v":"%s %d","at":%q}`, id, mode, n%5, at)))
	}
	for n, id := range random.Perm(keys) {
		version(id, n)
	}
	for n := range versions {
		version(random.IntN(keys), keys+n)
	}
	return messages
}

// TestRowsAreCopiedWhileThoseBeforeThemAreMerged holds a lock that the first batch's merge waits for, until the second
// batch has been copied, which its transaction shows by being idle.
func TestRowsAreCopiedWhileThoseBeforeThemAreMerged(t *testing.T) {
	t.Parallel()
	d := look(t)
	d.run("CREATE TABLE t (id bigint PRIMARY KEY, v text); INSERT INTO t VALUES (1, 'old')")
	holder := lookInto(t, d.schema, pgtest.URL(t))
	holder.run("BEGIN; LOCK TABLE t IN SHARE MODE")
	name := "parallel " + d.schema
	as := settings{"application_name": name, "batch_max_rows": 1, "load_mode": "upsert"}
	ended := make(chan error, 1)
	go func() {
		_, err := load(t, newConfig(t, d.schema, as), schemaOf("t", idAndText, "id"), record("t", `{"id":1,"v":"a"}`), record("t", `{"id":1,"v":"b"}`))
		ended <- err
	}()
	const sessions = "SELECT count(*) FILTER (WHERE wait_event_type = 'Lock'), count(*) FILTER (WHERE state = 'idle in transaction') FROM pg_stat_activity WHERE application_name = "
	d.await(ended, sessions+"'"+name+"'", "1 | 1", "the second batch is not copied while the first one waits")
	holder.run("COMMIT")
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	d.want("SELECT id, v FROM t", "1 | b")
}

// TestRowsThatWereCopiedAheadAreCommittedInTheirTurn holds a lock that the first row's check waits for, until all that
// remains of the second row's message is its end.
func TestRowsThatWereCopiedAheadAreCommittedInTheirTurn(t *testing.T) {
	t.Parallel()
	for first, want := range map[string][]string{"good": {"1 | good", "2 | x"}, "bad": nil} {
		t.Run("after a "+first+" one", func(t *testing.T) {
			t.Parallel()
			d := look(t)
			d.run(`CREATE FUNCTION waits(v text) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN
				IF v <> 'x' THEN PERFORM pg_advisory_xact_lock_shared(hashtext('` + d.schema + `')); END IF;
				RETURN v <> 'bad';
				END$$; CREATE DOMAIN slow AS text CHECK (` + d.schema + `.waits(VALUE)); CREATE TABLE t (id bigint, v slow)`)
			holder := lookInto(t, d.schema, pgtest.URL(t))
			holder.run("BEGIN; SELECT pg_advisory_xact_lock(hashtext('" + d.schema + "'))")
			name := "in turn " + d.schema
			ended := make(chan error, 1)
			go func() {
				_, err := load(t, newConfig(t, d.schema, settings{"application_name": name, "batch_max_rows": 1, "load_mode": "append"}),
					schemaOf("t", idAndText), record("t", `{"id":1,"v":"`+first+`"}`), record("t", `{"id":2,"v":"x"}`))
				ended <- err
			}()
			const sessions = "SELECT count(*) FILTER (WHERE wait_event_type = 'Lock'), count(*) FILTER (WHERE wait_event_type = 'Client' AND query LIKE '%COPY%COMMIT') FROM pg_stat_activity WHERE state = 'active' AND application_name = "
			d.await(ended, sessions+"'"+name+"'", "1 | 1", "the second batch is not on its way while the first one waits")
			d.want("SELECT id FROM t")
			holder.run("COMMIT")
			if err := <-ended; (err == nil) != (want != nil) {
				t.Errorf("the run ended with %v", err)
			}
			d.want("SELECT id, v FROM t ORDER BY id", want...)
		})
	}
}

// TestEveryConnectionCopiesAtOnce has every row's check wait for a lock: as many rows as there are connections wait for
// it at once. Those that come after them, and STATE, follow in their order.
func TestEveryConnectionCopiesAtOnce(t *testing.T) {
	t.Parallel()
	for mode, key := range map[string]string{"append": "", "upsert": " PRIMARY KEY"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			d := look(t)
			d.run(`CREATE FUNCTION waits(v text) RETURNS boolean LANGUAGE plpgsql AS
				$$BEGIN PERFORM pg_advisory_xact_lock_shared(hashtext('` + d.schema + `')); RETURN true; END$$;
				CREATE DOMAIN slow AS text CHECK (` + d.schema + `.waits(VALUE)); CREATE TABLE t (id bigint` + key + `, v slow)`)
			holder := lookInto(t, d.schema, pgtest.URL(t))
			holder.run("BEGIN; SELECT pg_advisory_xact_lock(hashtext('" + d.schema + "'))")
			const connections, rows = 8, 20
			messages, want := []string{schemaOf("t", idAndText, "id")}, []string(nil)
			for i := range rows {
				state := fmt.Sprintf(`{"n":%d}`, i)
				messages = append(messages, record("t", fmt.Sprintf(`{"id":%d,"v":"x"}`, i)), stateOf(state))
				want = append(want, state)
			}
			name := "all at once " + d.schema
			ended := make(chan error, 1)
			var left []string
			go func() {
				var err error
				left, err = load(t, newConfig(t, d.schema, settings{
					"application_name": name, "batch_max_rows": 1, "load_mode": mode, "parallelism": connections,
				}), messages...)
				ended <- err
			}()
			const waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory' AND application_name = "
			d.await(ended, waiting+"'"+name+"'", strconv.Itoa(connections), "not all connections copy at once")
			d.want("SELECT id FROM t")
			holder.run("COMMIT")
			if err := <-ended; err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, left); diff != "" {
				t.Errorf("STATE (-want +got):\n%s", diff)
			}
			d.want("SELECT count(DISTINCT id), count(*) FROM t", "20 | 20")
		})
	}
}

// TestAJobThatFailedAheadDoesNotWaitForThoseBehindIt has the third row keep a lock that the second one needs in its
// turn, having failed ahead of it. It could be a connection as well, where a pooler has few of them.
func TestAJobThatFailedAheadDoesNotWaitForThoseBehindIt(t *testing.T) {
	t.Parallel()
	d := look(t)
	in := strings.NewReplacer("{schema}", d.schema, "{first}", "hashtext('"+d.schema+"'), 1", "{third}", "hashtext('"+d.schema+"'), 3")
	d.run(in.Replace(`CREATE SEQUENCE tries; CREATE FUNCTION waits(v text) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN
		IF v = 'first' THEN PERFORM pg_advisory_xact_lock_shared({first}); END IF;
		IF v = 'second' AND nextval('{schema}.tries') = 1 THEN RAISE 'not yet'; END IF;
		IF v <> 'first' THEN PERFORM pg_advisory_xact_lock({third}); END IF;
		RETURN true;
		END$$; CREATE DOMAIN slow AS text CHECK ({schema}.waits(VALUE)); CREATE TABLE t (id bigint, v slow)`))
	holder := lookInto(t, d.schema, pgtest.URL(t))
	holder.run(in.Replace("BEGIN; SELECT pg_advisory_xact_lock({first})"))
	ended := make(chan error, 1)
	go func() {
		_, err := load(t, newConfig(t, d.schema, settings{"batch_max_rows": 1, "load_mode": "append", "parallelism": 3}), schemaOf("t", idAndText),
			record("t", `{"id":1,"v":"first"}`), record("t", `{"id":2,"v":"second"}`), record("t", `{"id":3,"v":"third"}`))
		ended <- err
	}()
	tried := in.Replace("SELECT is_called, (SELECT count(*) FROM pg_locks WHERE granted AND locktype = 'advisory' AND (classid, objid) = (hashtext('{schema}')::oid, 3)) FROM tries")
	d.await(ended, tried, "t | 1", "the third row does not come ahead of the second one")
	holder.run("COMMIT")
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	d.want("SELECT id FROM t ORDER BY id", "1", "2", "3")
}

// TestTheSecondConnectionIsMadeWhileTheFirstWorks holds a lock that the first batch's merge waits for. What comes
// meanwhile is no whole batch yet, but the connection for it is made.
func TestTheSecondConnectionIsMadeWhileTheFirstWorks(t *testing.T) {
	t.Parallel()
	d := look(t)
	d.run("CREATE TABLE t (id bigint PRIMARY KEY, v text); INSERT INTO t VALUES (1, 'old')")
	holder := lookInto(t, d.schema, pgtest.URL(t))
	holder.run("BEGIN; LOCK TABLE t IN SHARE MODE")
	name := "meanwhile " + d.schema
	in, tap := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		cfg := newConfig(t, d.schema, settings{"application_name": name, "load_mode": "upsert"})
		err := newTarget(t, cfg, in, io.Discard).Run(t.Context())
		_ = in.Close() // whoever still writes is told so
		ended <- err
	}()
	write := func(from, rows int) {
		for i := range rows {
			if _, err := fmt.Fprintln(tap, record("t", fmt.Sprintf(`{"id":%d,"v":%q}`, from+i, strings.Repeat("x", 1<<10)))); err != nil {
				return // the run ended, and says why
			}
		}
	}
	_, _ = fmt.Fprintln(tap, schemaOf("t", idAndText, "id"))
	write(0, 5<<10)
	const sessions = "SELECT count(*) FILTER (WHERE wait_event_type = 'Lock'), count(*) FILTER (WHERE query = '') FROM pg_stat_activity WHERE application_name = "
	d.await(ended, sessions+"'"+name+"'", "1 | 1", "there is no second connection while the first one waits")
	holder.run("COMMIT")
	_ = tap.Close()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	d.want("SELECT count(*) FROM t", "5120")
}

func TestASecondConnectionThatIsRefusedIsDoneWithout(t *testing.T) {
	t.Parallel()
	url := pgtest.Database(t)
	login := pgtest.Role(t, url, "connection limit 1")
	d := lookInto(t, pgtest.SchemaIn(t, url), url)
	d.run("GRANT ALL ON SCHEMA " + d.schema + " TO " + pgtest.User(t, login))
	messages := []string{schemaOf("t", idAndText, "id")}
	for i := range 40 {
		messages = append(messages, record("t", fmt.Sprintf(`{"id":%d,"v":"%d"}`, i%10, i)))
	}
	said := 0
	cfg := newConfig(t, d.schema, settings{"url": login, "batch_max_rows": 2})
	err := loadAloud(t, cfg, func(message string) {
		if strings.Contains(message, "no second connection is available") {
			said++
		}
	}, messages...)
	if err != nil {
		t.Fatal(err)
	}
	if said > 1 {
		t.Errorf("it is said %d times that there is no second connection", said)
	}
	d.want("SELECT count(*), min(v::int) FROM t", "10 | 30")
}

// TestARefusedRowThatWasCopiedAheadIsNamed has a row that only the server can refuse in a later batch.
func TestARefusedRowThatWasCopiedAheadIsNamed(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"append", "upsert"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			d := look(t)
			d.run("CREATE DOMAIN small AS text CHECK (length(VALUE) < 5); CREATE TABLE t (id bigint PRIMARY KEY, v small)")
			if mode == "append" {
				d.run("ALTER TABLE t DROP CONSTRAINT t_pkey")
			}
			messages := []string{schemaOf("t", idAndText, "id")}
			for i := range 30 {
				messages = append(messages, record("t", fmt.Sprintf(`{"id":%d,"v":%q}`, i, strings.Repeat("x", 1+i/29*9))), stateOf(fmt.Sprint(i)))
			}
			states, err := load(t, newConfig(t, d.schema, settings{"load_mode": mode, "batch_max_rows": 4}), messages...)
			if err == nil || !strings.Contains(err.Error(), "input line 60") {
				t.Errorf("the error is %v, want the line named", err)
			}
			d.want("SELECT count(*) FROM t", "29")
			if last := states[len(states)-1]; last != "28" {
				t.Errorf("the last state is %s, want that of the rows before", last)
			}
		})
	}
}
