package pipeline

import (
	"slices"
	"strings"
	"testing"

	"target-postgres/internal/pgtest"
)

// TestALockThatIsHeldForAMomentIsNoReasonToGiveWay asks about sessions that are made up: 1 waits for the end of the
// table, which 2 makes longer; 3 waits for a row of 4, which waits for the end of the table as well; 5 waits for 6.
// Sessions that copy into the same table wait for its end all the time.
func TestALockThatIsHeldForAMomentIsNoReasonToGiveWay(t *testing.T) {
	t.Parallel()
	conn := pgtest.Connect(t)
	schema := pgtest.Schema(t)
	_, err := conn.Exec(t.Context(), strings.ReplaceAll(`
		CREATE TABLE {s}.pg_stat_activity AS
			SELECT pid, 'active' AS state, 'Lock' AS wait_event_type, event AS wait_event, now() AS state_change, now() AS xact_start,
				now() AS query_start, 'loader' AS application_name, 'loader' AS usename
			FROM (VALUES (1, 'extend'), (2, NULL), (3, 'transactionid'), (4, 'extend'), (5, 'relation'), (6, NULL), (7, 'page')) AS s (pid, event);
		CREATE TABLE {s}.pg_locks AS
			SELECT pid, wait_event AS locktype, false AS granted, 0::oid AS relation FROM {s}.pg_stat_activity WHERE wait_event IS NOT NULL;
		CREATE FUNCTION {s}.pg_blocking_pids(pid integer) RETURNS integer[] IMMUTABLE LANGUAGE sql
			AS $$SELECT CASE pid WHEN 1 THEN '{2}' WHEN 3 THEN '{4}' WHEN 4 THEN '{2}' WHEN 5 THEN '{6,9}' WHEN 7 THEN '{9}' ELSE '{}' END::int[]$$`,
		"{s}", schema))
	if err != nil {
		t.Fatal(err)
	}
	made := strings.NewReplacer("pg_catalog.pg_stat_activity", schema+".pg_stat_activity", "pg_catalog.pg_locks", schema+".pg_locks",
		"pg_catalog.pg_blocking_pids", schema+".pg_blocking_pids", "$1", "'{1,3,5,7}'", "$2", "'{1,2,3,4,5,6,7}'").Replace(sessionsSQL)
	results, err := conn.PgConn().Exec(t.Context(), made).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := map[uint32][]uint32{1: nil, 3: {4}, 5: {6}, 7: nil}
	for _, row := range results[0].Rows {
		r := readReport(row)
		if own, known := want[r.pid]; !known || !slices.Equal(r.own, own) || (r.holder != nil) != (r.pid == 5) {
			t.Errorf("session %d waits for %v of ours, and another session is %v", r.pid, r.own, r.holder)
		}
		delete(want, r.pid)
	}
	if len(want) > 0 {
		t.Errorf("nothing is said of the sessions %v", want)
	}
}
