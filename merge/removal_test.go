package merge

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRemoveVersions(t *testing.T) {
	t.Parallel()
	for _, s := range []struct {
		name       string
		job        Job
		load, want []string
		deleted    int64
	}{
		{
			"deletes older and missing versions",
			Job{Mode: Upsert, Unique: true, HardDelete: true},
			[]string{"1 version=4, 2 version=5, 3 version=6, 4 a=1"},
			[]string{"2 version=5", "3 version=6"},
			2,
		},
		{
			"deletes from a table without a key",
			Job{Mode: Append, HardDelete: true},
			[]string{"1 version=4, 1 version=5, 1 a=1"},
			[]string{"1 version=5"},
			2,
		},
		{
			"sets the mark where rows are not deleted",
			Job{Mode: Upsert, Unique: true},
			[]string{"1 version=4, 2 version=5, 3 mark=7 version=1"},
			[]string{"1 mark=99 version=4", "2 version=5", "3 mark=7 version=1"},
			1,
		},
		{
			"marks and keeps the values",
			Job{Mode: SoftDelete, Unique: true},
			[]string{"1 a=1 version=4, 2 version=5, 3 version=4, 3 gone mark=7"},
			[]string{"1 a=1 mark=99 version=4 deleted", "2 version=5", "3 mark=7 version=4 deleted"},
			1,
		},
		{
			"closes what is active",
			Job{Mode: History},
			[]string{"1 a=1 version=4 @1, 1 a=2 version=4 @2, 2 version=5 @1, 3 version=4 @1, 3 gone @2"},
			[]string{"1 a=1 version=4 [1,2)", "1 a=2 version=4 [2,now)", "2 version=5 [1,", "3 version=4 [1,2)"},
			1,
		},
	} {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			tb := newTable(t, s.job)
			tb.freezeNow()
			for _, batch := range s.load {
				tb.load(parse(t, batch))
			}
			tb.counts[Deletes] = 0
			statements, err := RemoveVersions(tb.job, 5)
			if err != nil {
				t.Fatal(err)
			}
			tb.run(statements)
			if diff := cmp.Diff(s.want, tb.withNow()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if tb.counts[Deletes] != s.deleted {
				t.Errorf("counts %d removed rows, not %d", tb.counts[Deletes], s.deleted)
			}
			tb.run(statements)
			if tb.counts[Deletes] != s.deleted {
				t.Errorf("removed rows again: %d", tb.counts[Deletes]-s.deleted)
			}
		})
	}
}

// TestALaggingLoaderTakesNoVersionBack has one loader bring a pass of the stream, another one records of the pass
// before it, and then the first one end its pass.
func TestALaggingLoaderTakesNoVersionBack(t *testing.T) {
	t.Parallel()
	for _, s := range []struct {
		name       string
		job        Job
		load, want []string
	}{
		{"upsert", Job{Mode: Upsert, Unique: true, HardDelete: true}, []string{"1 a=1 version=5", "1 a=2 version=4"}, []string{"1 a=2 version=5"}},
		{"upsert of an equal record", Job{Mode: Upsert, Unique: true, HardDelete: true}, []string{"1 a=1 version=5", "1 a=1 version=4"}, []string{"1 a=1 version=5"}},
		{"upsert of a record without a version", Job{Mode: Upsert, Unique: true, HardDelete: true}, []string{"1 a=1 version=5", "1 a=2"}, []string{"1 a=2 version=5"}},
		{"upsert without an index", Job{Mode: Upsert, HardDelete: true}, []string{"1 a=1 version=5", "1 a=2 version=4"}, []string{"1 a=2 version=5"}},
		{"upsert elsewhere", Job{Mode: Upsert, HardDelete: true, Place: Foreign}, []string{"1 a=1 version=5", "1 a=2 version=4"}, []string{"1 a=2 version=5"}},
		{"upsert in one batch", Job{Mode: Upsert, Unique: true, HardDelete: true}, []string{"1 a=1 version=5, 1 a=2 version=4"}, []string{"1 a=2 version=5"}},
		{"a row that came anew", Job{Mode: Upsert, Unique: true, HardDelete: true}, []string{"1 a=1 version=5, 1 gone, 1 a=2 version=4, 2 version=5"}, []string{"2 version=5"}},
		{"soft delete", Job{Mode: SoftDelete, Unique: true}, []string{"1 a=1 version=5", "1 a=2 version=4"}, []string{"1 a=2 version=5"}},
		{"soft delete in one batch", Job{Mode: SoftDelete, Unique: true}, []string{"1 a=1 version=5, 1 gone, 1 a=2 version=4"}, []string{"1 a=2 version=5"}},
		{"a new version", Job{Mode: History}, []string{"1 a=1 version=5 @1", "1 a=2 version=4 @2"}, []string{"1 a=1 version=5 [1,2)", "1 a=2 version=5 [2,"}},
		{"a version told again", Job{Mode: History}, []string{"1 a=1 version=5 @1", "1 a=1 version=4 @2"}, []string{"1 a=1 version=5 [1,"}},
		{"a late record", Job{Mode: History}, []string{"1 a=1 version=5 @2", "1 a=2 version=4 @1"}, []string{"1 a=1 version=5 [2,2)", "1 a=2 version=5 [2,"}},
		{"versions in one batch", Job{Mode: History}, []string{"1 a=1 version=5 @1, 1 a=2 version=4 @2, 1 a=2 version=3 @3"}, []string{"1 a=1 version=5 [1,2)", "1 a=2 version=5 [2,"}},
		{"inserted where it belongs", Job{Mode: History, InsertLate: true}, []string{"1 a=1 version=5 @2", "1 a=2 version=4 @3"}, []string{"1 a=1 version=5 [2,3)", "1 a=2 version=5 [3,"}},
	} {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			tb := newTable(t, s.job)
			tb.freezeNow()
			for _, batch := range s.load {
				tb.load(parse(t, batch))
			}
			statements, err := RemoveVersions(tb.job, 5)
			if err != nil {
				t.Fatal(err)
			}
			tb.run(statements)
			if diff := cmp.Diff(s.want, format(tb.rows(), tb.job.Mode)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestRowsThatAreNotInASnapshotAreRemoved(t *testing.T) {
	t.Parallel()
	before := "1 a=0 @0, 1 a=1 @1, 2 a=2 @1, 3 a=3 @1"
	for _, s := range []struct {
		name string
		job  Job
		want []string
	}{
		{"deleted", Job{Mode: Upsert, Unique: true, HardDelete: true}, []string{"1 a=1", "4 a=4"}},
		{"with keys that may be NULL", Job{Mode: Upsert, NullKeys: true, HardDelete: true}, []string{"1 a=1", "4 a=4"}},
		{"data", Job{Mode: Upsert, Unique: true}, []string{"1 a=1", "2 a=2 mark=99", "3 a=3 mark=5", "4 a=4"}},
		{"marked", Job{Mode: SoftDelete, Unique: true}, []string{"1 a=1", "2 a=2 mark=99 deleted", "3 a=3 mark=5 deleted", "4 a=4"}},
		{"closed", Job{Mode: History}, []string{"1 a=0 [0,1)", "1 a=1 [1,", "2 a=2 [1,now)", "3 a=3 [1,3)", "4 a=4 [2,"}},
	} {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			first := "1 a=1 @1"
			if s.job.Mode == History {
				first = "1 a=0 @0"
			}
			tb := newTable(t, s.job)
			tb.freezeNow()
			tb.load(parse(t, before))
			seen := Name{Schema: tb.job.Target.Schema, Table: "seen"}
			tb.exec("CREATE TABLE " + seen.SQL() + " (id bigint UNIQUE)")
			// The snapshot is loaded in two batches that repeat a key, and takes 3 away by a tombstone. In history, 1
			// is late.
			tb.remember = &seen
			tb.load(parse(t, first+", 4 a=4 @2, 4 a=4 @2"))
			tb.load(parse(t, first+", 3 gone mark=5 @3"))
			statements, err := RemoveUnseen(tb.job, seen)
			if err != nil {
				t.Fatal(err)
			}
			tb.run(statements)
			if diff := cmp.Diff(s.want, tb.withNow()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestATombstoneIsNotAKeyOfTheSnapshot(t *testing.T) {
	t.Parallel()
	for _, s := range []struct {
		job  Job
		want []string
	}{
		{Job{Mode: Upsert, Unique: true, HardDelete: true}, []string{"1"}},
		{Job{Mode: SoftDelete, Unique: true}, []string{"1"}},
		{Job{Mode: History}, []string{"1"}},
		{Job{Mode: Upsert, Unique: true}, []string{"1", "2"}}, // here it is a record like any other
	} {
		t.Run(s.job.Mode.String(), func(t *testing.T) {
			t.Parallel()
			tb := newTable(t, s.job)
			seen := Name{Schema: tb.job.Target.Schema, Table: "seen"}
			tb.exec("CREATE TABLE " + seen.SQL() + " (id bigint UNIQUE)")
			tb.remember = &seen
			tb.load(parse(t, "1 a=1 @1, 2 gone mark=5 @1"))
			if diff := cmp.Diff(s.want, tb.strings("SELECT id::text FROM "+seen.SQL()+" ORDER BY 1")); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestNothingIsRemovedWithoutAMark(t *testing.T) {
	t.Parallel()
	job := example(Upsert)
	job.Marks = []string{"_ab_cdc_deleted_at"} // not ours to set
	statements, err := RemoveVersions(job, 5)
	if err != nil || len(statements) != 0 {
		t.Errorf("%v, %v", statements, err)
	}
}

// freezeNow lets now() be 99 in statements other than history's: the mark is a bigint in these tables.
func (tb *table) freezeNow() {
	tb.t.Helper()
	if tb.job.Mode != History {
		schema := tb.job.Target.Schema
		tb.exec(`CREATE FUNCTION ` + schema + `.now() RETURNS bigint LANGUAGE sql AS 'SELECT 99::bigint';
			SET search_path = ` + schema + `, pg_catalog`)
	}
}

// withNow formats the rows; an end that is not one of the tests' instants is now.
func (tb *table) withNow() []string {
	tb.t.Helper()
	rows := tb.rows()
	result := format(rows, tb.job.Mode)
	if tb.job.Mode != History {
		return result
	}
	for i, s := range result {
		if n := slices.IndexFunc([]byte(s), func(b byte) bool { return b == '[' }); len(s)-n > len("[10,10)") {
			result[i] = s[:n] + s[n:n+3] + "now)"
		}
	}
	return result
}
