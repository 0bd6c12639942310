package staging

import (
	"strings"
	"testing"
	"time"

	"target-postgres/target/revision"
	"target-postgres/target/stream"
)

// streamInto is a stream that goes into a table.
func streamInto(schema, table string) *stream.Stream {
	return stream.New(&revision.Spec{SchemaName: schema, TableName: table}, time.Time{})
}

func TestATableBesideAnotherIsNamedAfterItsRun(t *testing.T) {
	t.Parallel()
	names := map[string]string{}
	first := time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	for _, started := range []time.Time{first, first.Add(time.Nanosecond)} {
		run := &Stager{Started: started}
		for _, table := range []string{"t", "u", strings.Repeat("long_", 20) + "a", strings.Repeat("long_", 20) + "b", "größe"} {
			for _, what := range []string{"staging", "keys"} {
				of := started.String() + what + table
				name := run.tableName(streamInto("", table), what)
				if other, taken := names[name]; taken {
					t.Errorf("%q stands for %s and for %s", name, other, of)
				}
				names[name] = of
				if len(name) > 63 || !strings.HasPrefix(name, "_singular_"+what+"_") {
					t.Errorf("%q is %d bytes long, or does not say what it is", name, len(name))
				}
				if name != run.tableName(streamInto("", table), what) {
					t.Errorf("%q has another name the second time", name)
				}
			}
		}
	}
}

func TestTheTableOfANewerRunIsKnown(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	run, later := &Stager{Started: began}, &Stager{Started: began.Add(time.Nanosecond)}
	s := streamInto("", strings.Repeat("a_long_name_", 9))
	for _, what := range []string{"staging", "keys", "waiting"} {
		if !run.newer(later.tableName(s, what), 0) || run.newer(run.tableName(s, what), 0) || later.newer(run.tableName(s, what), 0) {
			t.Errorf("of two runs the wrong one is the newer: %s, %s", run.tableName(s, what), later.tableName(s, what))
		}
	}
	if run.newer("_singular_keys", 0) || run.newer("_singular_keys_?_t", 0) {
		t.Error("a name without a run is newer")
	}
}

func TestALabelSaysWhoseATableIs(t *testing.T) {
	t.Parallel()
	s := streamInto(`my "schema"`, "t")
	if got, want := label(s, "staging"), `target-postgres staging of "my ""schema"""."t"`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if label(s, "staging") == label(s, "keys") || label(s, "keys") == label(streamInto(`my "schema"`, "T"), "keys") {
		t.Error("labels of different tables are alike")
	}
}
