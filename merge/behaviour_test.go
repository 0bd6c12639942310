package merge

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// situation is what a table holds after some batches. Every batch is one transaction.
type situation struct {
	name    string
	batches []string
	want    []string
}

// check runs the situations in tables of their own.
func check(t *testing.T, job Job, situations []situation) {
	t.Helper()
	for _, s := range situations {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			tb := newTable(t, job)
			for _, batch := range s.batches {
				tb.load(parse(t, batch))
			}
			slices.Sort(s.want)
			if diff := cmp.Diff(s.want, format(tb.rows(), job.Mode)); diff != "" {
				t.Errorf("after %q (-want +got)\n%s", s.batches, diff)
			}
		})
	}
}

func TestAppend(t *testing.T) {
	t.Parallel()
	check(t, Job{Mode: Append, HardDelete: true}, []situation{
		{"keeps every record", []string{"1 a=1, 1 a=1", "1 a=1"}, []string{"1 a=1", "1 a=1", "1 a=1"}},
		{"keeps tombstones as rows", []string{"1 a=1, 1 gone mark=5"}, []string{"1 a=1", "1 mark=5"}},
		{"fills what a partial record lacks with NULL", []string{"1 a=1 b=1", "1 patch a=2"}, []string{"1 a=1 b=1", "1 a=2"}},
	})
}

func TestUpsert(t *testing.T) {
	t.Parallel()
	for name, unique := range map[string]bool{"on conflict": true, "without an index": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, Job{Mode: Upsert, Unique: unique}, []situation{
				{"inserts and updates", []string{"1 a=1, 2 a=1", "2 a=2, 3 a=3"}, []string{"1 a=1", "2 a=2", "3 a=3"}},
				{"lets the last record of a key win", []string{"1 a=1, 1 a=3, 1 a=2"}, []string{"1 a=2"}},
				{"stores NULL over a value", []string{"1 a=1 b=1", "1 a=1"}, []string{"1 a=1"}},
				{"writes a version that differs", []string{"1 a=1 version=1", "1 a=1 version=2"}, []string{"1 a=1 version=2"}},
				{"leaves a row alone for an untracked column", []string{"1 a=1 seen=1", "1 a=1 seen=2"}, []string{"1 a=1 seen=1"}},
				{"writes an untracked column with the others", []string{"1 a=1 seen=1", "1 a=2 seen=2"}, []string{"1 a=2 seen=2"}},
				{"keeps what a partial record lacks", []string{"1 a=1 b=1", "1 patch a=2"}, []string{"1 a=2 b=1"}},
				{"sets what a partial record has as NULL", []string{"1 a=1 b=1", "1 patch a=null"}, []string{"1 b=1"}},
				{"inserts a partial record of a new key", []string{"1 patch b=2"}, []string{"1 b=2"}},
				{"adds up the partial records of a batch", []string{"1 a=1 b=1", "1 patch a=2, 1 patch b=3"}, []string{"1 a=2 b=3"}},
				{"adds partial records to a whole one", []string{"1 a=1, 1 patch b=3, 1 patch a=4"}, []string{"1 a=4 b=3"}},
				{"takes a whole record after a partial one", []string{"1 a=9 b=9", "1 patch b=3, 1 a=4"}, []string{"1 a=4"}},
				{"keeps a tombstone's mark as data", []string{"1 a=1 b=2", "1 gone mark=5"}, []string{"1 a=1 b=2 mark=5"}},
				{"adds a tombstone of a new key as data", []string{"1 gone mark=5"}, []string{"1 mark=5"}},
				{"forgets the mark with a whole record", []string{"1 a=1, 1 gone mark=5", "1 a=1"}, []string{"1 a=1"}},
			})
		})
	}
}

func TestUpsertWithHardDelete(t *testing.T) {
	t.Parallel()
	for name, unique := range map[string]bool{"on conflict": true, "without an index": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, Job{Mode: Upsert, HardDelete: true, Unique: unique}, []situation{
				{"deletes", []string{"1 a=1, 2 a=2", "1 gone mark=5"}, []string{"2 a=2"}},
				{"ignores the tombstone of an unknown key", []string{"1 gone mark=5, 2 a=2"}, []string{"2 a=2"}},
				{"deletes what the same batch inserted", []string{"1 a=1, 1 gone mark=5"}, []string{}},
				{"inserts what the same batch deleted", []string{"1 a=1", "1 gone mark=5, 1 a=2"}, []string{"1 a=2"}},
				{"starts afresh after a tombstone", []string{"1 a=1 b=1", "1 patch b=2, 1 gone mark=5, 1 patch a=3"}, []string{"1 a=3"}},
				{"follows the last of many", []string{"1 a=1", "1 gone mark=5, 1 a=2, 1 gone mark=6, 1 a=3, 1 gone mark=7"}, []string{}},
				{"brings back later", []string{"1 a=1, 1 gone mark=5", "1 a=1"}, []string{"1 a=1"}},
			})
		})
	}
}

func TestUpsertInOrder(t *testing.T) {
	t.Parallel()
	for name, unique := range map[string]bool{"on conflict": true, "without an index": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// b is the cursor, version the time of extraction.
			check(t, Job{Mode: Upsert, HardDelete: true, Unique: unique, Order: []string{"b", "version"}}, []situation{
				{"keeps the newer row", []string{"1 a=1 b=5", "1 a=2 b=4"}, []string{"1 a=1 b=5"}},
				{"keeps the newer record of a batch", []string{"1 a=1 b=5, 1 a=2 b=4"}, []string{"1 a=1 b=5"}},
				{"takes the newer record", []string{"1 a=1 b=5", "1 a=2 b=6"}, []string{"1 a=2 b=6"}},
				{"takes the last of equals", []string{"1 a=1 b=5, 1 a=2 b=5", "1 a=3 b=5"}, []string{"1 a=3 b=5"}},
				{"takes NULL for older than any value", []string{"1 a=1 b=0, 2 a=1", "1 a=2, 2 a=2 b=0"}, []string{"1 a=1 b=0", "2 a=2 b=0"}},
				{"takes NULL for older within a batch", []string{"1 a=1 b=0, 1 a=2, 2 a=1, 2 a=2"}, []string{"1 a=1 b=0", "2 a=2"}},
				{"goes on to the next column", []string{"1 a=1 b=5 version=2", "1 a=2 b=5 version=1"}, []string{"1 a=1 b=5 version=2"}},
				{"deletes by a newer tombstone", []string{"1 a=1 b=5", "1 gone b=6"}, []string{}},
				{"keeps a row from an older tombstone", []string{"1 a=1 b=5", "1 gone b=4"}, []string{"1 a=1 b=5"}},
				{"deletes by the newest of a batch", []string{"1 a=1 b=1", "1 gone b=6, 1 a=2 b=5"}, []string{}},
				{"keeps the newest of a batch", []string{"1 a=1 b=1", "1 a=2 b=6, 1 gone b=5"}, []string{"1 a=2 b=6"}},
				{"takes what a newer partial record brings", []string{"1 a=1 b=5", "1 patch b=6"}, []string{"1 a=1 b=6"}},
				{"keeps a row from an older partial record", []string{"1 a=1 b=5 version=1", "1 patch a=2 b=4"}, []string{"1 a=1 b=5 version=1"}},
				{"keeps a row from an older partial record of a batch", []string{"1 a=1 b=5", "1 patch a=2 b=7, 1 patch a=3 b=6"}, []string{"1 a=2 b=7"}},
				{"takes nothing across a newer tombstone", []string{"1 a=1 b=1 version=1", "1 gone b=6, 1 patch a=2 b=7"}, []string{"1 a=2 b=7"}},
				{"deletes by a tombstone newer than a partial record", []string{"1 a=1 b=1", "1 gone b=6, 1 patch a=2 b=5"}, []string{}},
			})
		})
	}
}

func TestSoftDelete(t *testing.T) {
	t.Parallel()
	for name, unique := range map[string]bool{"on conflict": true, "without an index": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, Job{Mode: SoftDelete, Unique: unique}, []situation{
				{"inserts and updates", []string{"1 a=1, 2 a=1", "2 a=2, 3 a=3"}, []string{"1 a=1", "2 a=2", "3 a=3"}},
				{"marks and keeps the last values", []string{"1 a=1 b=2", "1 gone mark=5"}, []string{"1 a=1 b=2 mark=5 deleted"}},
				{"takes nothing but marks from a tombstone", []string{"1 a=1 b=2 version=1", "1 gone a=9 mark=5 version=2"}, []string{"1 a=1 b=2 mark=5 version=1 deleted"}},
				{"ignores the tombstone of an unknown key", []string{"1 gone mark=5"}, []string{}},
				{"ignores two tombstones of an unknown key", []string{"1 gone mark=5, 1 gone mark=6"}, []string{}},
				{"marks what the same batch inserted", []string{"1 a=1, 1 gone mark=5"}, []string{"1 a=1 mark=5 deleted"}},
				{"keeps the first of several tombstones", []string{"1 a=1", "1 gone mark=5, 1 gone mark=6"}, []string{"1 a=1 mark=5 deleted"}},
				{"leaves a marked row alone", []string{"1 a=1, 1 gone mark=5", "1 gone mark=6"}, []string{"1 a=1 mark=5 deleted"}},
				{"unmarks by an equal record", []string{"1 a=1, 1 gone mark=5", "1 a=1"}, []string{"1 a=1"}},
				{"unmarks by a partial record", []string{"1 a=1 b=1", "1 gone mark=5", "1 patch a=2"}, []string{"1 a=2 b=1"}},
				{"unmarks in the same batch", []string{"1 a=1", "1 gone mark=5, 1 a=2"}, []string{"1 a=2"}},
				{"unmarks in the same batch by a partial record", []string{"1 a=1 b=1", "1 gone mark=5, 1 patch a=2"}, []string{"1 a=2 b=1"}},
				{"marks again in the same batch", []string{"1 a=1, 1 gone mark=5", "1 a=2, 1 gone mark=6"}, []string{"1 a=2 mark=6 deleted"}},
				{"updates a row that it marks", []string{"1 a=1 b=1", "1 patch a=2, 1 gone mark=6"}, []string{"1 a=2 b=1 mark=6 deleted"}},
			})
		})
	}
}

// TestAMarkedRowHasTheOrderOfItsTombstone has a partial record without an order before the tombstone.
func TestAMarkedRowHasTheOrderOfItsTombstone(t *testing.T) {
	t.Parallel()
	for _, job := range []Job{{Unique: true}, {}, {Place: Foreign}, {Place: Distributed}} {
		job.Mode, job.Order = SoftDelete, []string{"b"}
		t.Run(fmt.Sprint(job.Place, job.Unique), func(t *testing.T) {
			t.Parallel()
			check(t, job, []situation{
				{"of a new key", []string{"1 patch a=1, 1 gone b=5", "1 a=2 b=4"}, []string{"1 a=1 b=5 deleted"}},
				{"of a row without an order", []string{"1 a=1", "1 patch a=2, 1 gone b=5", "1 a=3 b=4"}, []string{"1 a=2 b=5 deleted"}},
			})
		})
	}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	check(t, Job{Mode: History}, []situation{
		{"starts a version", []string{"1 a=1 @3"}, []string{"1 a=1 [3,"}},
		{"closes a version where the next starts", []string{"1 a=1 @3", "1 a=2 @5"}, []string{"1 a=1 [3,5)", "1 a=2 [5,"}},
		{"adds nothing for an unchanged record", []string{"1 a=1 @3", "1 a=1 @5"}, []string{"1 a=1 [3,"}},
		{"shows all versions of a batch", []string{"1 a=1 @1, 1 a=2 @2, 1 a=1 @3"}, []string{"1 a=1 [1,2)", "1 a=2 [2,3)", "1 a=1 [3,"}},
		{"compares with the record before it", []string{"1 a=1 @1", "1 a=1 @2, 1 a=2 @3, 1 a=2 @4"}, []string{"1 a=1 [1,3)", "1 a=2 [3,"}},
		{"closes by a tombstone", []string{"1 a=1 @3", "1 gone @5"}, []string{"1 a=1 [3,5)"}},
		{"closes what the same batch started", []string{"1 a=1 @3, 1 gone @5"}, []string{"1 a=1 [3,5)"}},
		{"ignores the tombstone of an unknown key", []string{"1 gone @5"}, []string{}},
		{"ignores the tombstone of a closed one", []string{"1 a=1 @3, 1 gone @5", "1 gone @7"}, []string{"1 a=1 [3,5)"}},
		{"starts again after a tombstone", []string{"1 a=1 @3", "1 gone @5", "1 a=1 @7"}, []string{"1 a=1 [3,5)", "1 a=1 [7,"}},
		{"starts again in the same batch", []string{"1 a=1 @3", "1 gone @5, 1 a=1 @7"}, []string{"1 a=1 [3,5)", "1 a=1 [7,"}},
		{"leaves a version of no length at one instant", []string{"1 a=1 @3, 1 a=2 @3"}, []string{"1 a=1 [3,3)", "1 a=2 [3,"}},
		{"leaves a version of no length before a tombstone", []string{"1 a=1 @3, 1 gone @3"}, []string{"1 a=1 [3,3)"}},
		{"repeats two versions at one instant", []string{"1 a=1 @3, 1 a=2 @3", "1 a=1 @3, 1 a=2 @3"}, []string{"1 a=1 [3,3)", "1 a=2 [3,"}},
		{"repeats them one by one", []string{"1 a=1 @3, 1 a=2 @3", "1 a=1 @3", "1 a=2 @3"}, []string{"1 a=1 [3,3)", "1 a=2 [3,"}},
		{"goes back within an instant", []string{"1 a=1 @3, 1 a=2 @3, 1 a=1 @3"}, []string{"1 a=1 [3,", "1 a=2 [3,3)"}},
		{"goes back within an instant in another batch", []string{"1 a=1 @3, 1 a=2 @3", "1 a=1 @3"}, []string{"1 a=1 [3,", "1 a=2 [3,3)"}},
		{"drops a late record that it knows", []string{"1 a=1 @1, 1 a=2 @5", "1 a=1 @1", "1 a=1 @3"}, []string{"1 a=1 [1,5)", "1 a=2 [5,"}},
		{"drops a late tombstone that it knows", []string{"1 a=1 @1, 1 gone @3, 1 a=2 @5", "1 gone @3", "1 gone @4"}, []string{"1 a=1 [1,3)", "1 a=2 [5,"}},
		{"applies a late record at the newest start", []string{"1 a=1 @1, 1 a=2 @5", "1 a=3 @2"}, []string{"1 a=1 [1,5)", "1 a=2 [5,5)", "1 a=3 [5,"}},
		{"leaves out a late tombstone", []string{"1 a=1 @1, 1 a=2 @5", "1 gone @2"}, []string{"1 a=1 [1,5)", "1 a=2 [5,"}},
		{"leaves out a late tombstone of the only version", []string{"1 a=1 @5", "1 gone @2"}, []string{"1 a=1 [5,"}},
		{"applies a late record at the newest end", []string{"1 a=1 @1, 1 gone @5", "1 a=3 @2"}, []string{"1 a=1 [1,5)", "1 a=3 [5,"}},
		{"runs backwards within a batch", []string{"1 a=1 @5, 1 a=2 @3, 1 a=3 @7"}, []string{"1 a=1 [5,5)", "1 a=2 [5,7)", "1 a=3 [7,"}},
		{"repeats a whole batch", []string{"1 a=1 @1, 1 a=2 @2, 1 gone @3, 1 a=1 @4", "1 a=1 @1, 1 a=2 @2, 1 gone @3, 1 a=1 @4"}, []string{"1 a=1 [1,2)", "1 a=2 [2,3)", "1 a=1 [4,"}},
		{"makes partial records whole", []string{"1 a=1 b=1 @1", "1 patch a=2 @2, 1 patch b=2 @3"}, []string{"1 a=1 b=1 [1,2)", "1 a=2 b=1 [2,3)", "1 a=2 b=2 [3,"}},
		{"makes a partial record whole from NULL after a tombstone", []string{"1 a=1 b=1 @1", "1 gone @2, 1 patch a=2 @3"}, []string{"1 a=1 b=1 [1,2)", "1 a=2 [3,"}},
		{"drops a late partial record that it knows", []string{"1 a=1 b=1 @1", "1 patch a=2 @2", "1 patch b=2 @3", "1 patch a=2 @2"}, []string{"1 a=1 b=1 [1,2)", "1 a=2 b=1 [2,3)", "1 a=2 b=2 [3,"}},
		{"writes the stream's version in place", []string{"1 a=1 version=1 seen=1 @1", "1 a=1 version=2 seen=2 @2"}, []string{"1 a=1 version=2 seen=1 [1,"}},
		{"writes it in a batch with a change", []string{"1 a=1 version=1 @1", "1 a=1 version=2 @2, 1 a=2 version=2 @3, 1 a=2 version=3 @4"}, []string{"1 a=1 version=2 [1,3)", "1 a=2 version=3 [3,"}},
	})
}

// TestATombstoneLeavesItsOrderInTheLastVersionOnly has two versions of one start and one end. Only their order tells
// them apart where the rows are on other servers.
func TestATombstoneLeavesItsOrderInTheLastVersionOnly(t *testing.T) {
	t.Parallel()
	for _, place := range []Place{Here, Foreign, Distributed, Replicated} {
		t.Run(fmt.Sprint(place), func(t *testing.T) {
			t.Parallel()
			check(t, Job{Mode: History, Order: []string{"b"}, Place: place}, []situation{
				{"in another batch", []string{"1 a=1 b=1 @3, 1 a=2 b=2 @3", "1 gone b=3 @3", "1 gone b=5 @3"}, []string{"1 a=1 b=1 [3,3)", "1 a=2 b=5 [3,3)"}},
				{"in the same batch", []string{"1 a=1 b=1 @3, 1 a=2 b=2 @3, 1 gone b=3 @3", "1 gone b=5 @4"}, []string{"1 a=1 b=1 [3,3)", "1 a=2 b=5 [3,3)"}},
			})
		})
	}
}

func TestARecordThatEqualsItsRowWritesNothing(t *testing.T) {
	t.Parallel()
	batch := "1 a=1 b=2 version=1 @3, 2 a=null version=1 @3, 3 a=1 version=1 @3, 3 gone mark=5 @4"
	again := map[string]string{"whole": "1 a=1 b=2 version=1 seen=9 @3, 2 version=1 seen=9 @3", "partial": "1 patch a=1 version=1 @3, 2 patch b=null version=1 @3", "gone": "3 gone mark=5 @4"}
	for _, job := range []Job{
		{Mode: Upsert, Unique: true, HardDelete: true},
		{Mode: Upsert, HardDelete: true},
		{Mode: SoftDelete, Unique: true},
		{Mode: SoftDelete},
		{Mode: History},
	} {
		for name, records := range again {
			t.Run(job.Mode.String()+" "+name, func(t *testing.T) {
				t.Parallel()
				tb := newTable(t, job)
				fired := tb.countTriggers()
				tb.load(parse(t, batch))
				before, triggers := tb.physical(), fired()
				tb.load(parse(t, records))
				// A row that was locked would have an xmax, one that was written another ctid.
				if diff := cmp.Diff(before, tb.physical()); diff != "" {
					t.Errorf("(-before +after)\n%s", diff)
				}
				if n := fired() - triggers; n != 0 {
					t.Errorf("%d triggers fired", n)
				}
			})
		}
	}
}

// physical is where the rows lie and who has touched them.
func (tb *table) physical() []string {
	tb.t.Helper()
	return tb.strings("SELECT format('%s %s %s %s', id, ctid, xmin, xmax) FROM " + tb.job.Target.SQL() + " ORDER BY 1")
}

// strings returns the rows of a query for one text.
func (tb *table) strings(sql string) []string {
	tb.t.Helper()
	rows, err := tb.conn.Query(tb.t.Context(), sql)
	if err != nil {
		tb.t.Fatal(err)
	}
	defer rows.Close()
	result := []string{}
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			tb.t.Fatal(err)
		}
		result = append(result, s)
	}
	if err := rows.Err(); err != nil {
		tb.t.Fatal(err)
	}
	return result
}

// countTriggers counts the rows that triggers before INSERT and UPDATE see.
func (tb *table) countTriggers() func() int {
	tb.t.Helper()
	schema := tb.job.Target.Schema
	tb.exec(`CREATE SEQUENCE ` + schema + `.fired; CREATE FUNCTION ` + schema + `.fire() RETURNS trigger LANGUAGE plpgsql AS
		'BEGIN PERFORM nextval(''` + schema + `.fired''); RETURN NEW; END';
		CREATE TRIGGER fire BEFORE INSERT OR UPDATE ON ` + tb.job.Target.SQL() + ` FOR EACH ROW EXECUTE FUNCTION ` + schema + `.fire()`)
	return func() int {
		return number(tb.t, tb.strings("SELECT CASE WHEN is_called THEN last_value ELSE 0 END::text FROM " + schema + ".fired")[0])
	}
}
