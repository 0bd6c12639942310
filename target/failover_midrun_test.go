package target_test

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"testing"
	"time"
)

// meanwhile is a part of an input that is empty, and does something as soon as it is read.
type meanwhile func()

func (m meanwhile) Read([]byte) (int, error) {
	m()
	return 0, io.EOF
}

// committed waits until a table of the old primary whose name begins so has a row with that id.
func (f *failover) committed(table, id string) {
	f.t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); <-again.C {
		for _, name := range f.old.rows("SELECT oid::regclass FROM pg_class WHERE relkind = 'r' AND starts_with(relname, '" + table + "')") {
			if f.old.one("SELECT EXISTS (SELECT FROM "+name+" WHERE id = "+id+")") == "t" {
				return
			}
		}
	}
	f.t.Error("the row is not committed")
}

// TestAFailoverInMidRunRemovesNothing has a standby take over between two rows of a run, which then wants to take the
// rows away that the run did not bring. The server that answers may lack some that it did.
func TestAFailoverInMidRunRemovesNothing(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, table string
		settings    settings
		end         string
		gone        string
	}{
		{"replace", "_singular_staging", settings{"load_mode": "replace"}, "", "NOT EXISTS (SELECT FROM t WHERE id = 5)"},
		{"full_snapshot", "t", settings{"load_mode": "soft_delete", "full_snapshot": true}, "", "(SELECT _singular_deleted FROM t WHERE id = 5)"},
		{"ACTIVATE_VERSION", "t", settings{"hard_delete": true}, `{"type":"ACTIVATE_VERSION","stream":"t","version":2}`, "NOT EXISTS (SELECT FROM t WHERE id = 5)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := newFailover(t)
			versioned := func(id, version string) string {
				return `{"type":"RECORD","stream":"t","version":` + version + `,"record":{"id":` + id + `,"v":"x"}}`
			}
			schema := schemaOf("t", idAndText, "id")
			if _, _, err := f.run(test.settings, schema, versioned("5", "1")); err != nil {
				t.Fatal(err)
			}
			test.settings["batch_max_rows"] = 1
			first, rest := []string{schema, versioned("7", "2"), ""}, []string{versioned("8", "2"), test.end}
			_, _, err := f.read(test.settings, io.MultiReader(strings.NewReader(strings.Join(first, "\n")),
				meanwhile(func() { f.committed(test.table, "7"); f.replicate(); f.fail() }),
				strings.NewReader(strings.Join(rest, "\n"))))
			if err == nil || !strings.Contains(err.Error(), "nothing is removed or replaced") {
				t.Errorf("%v", err)
			}
			f.next.want("SELECT "+test.gone, "f")
			if _, _, err := f.run(test.settings, append(first, rest...)...); err != nil {
				t.Error(err)
			}
			f.next.want("SELECT "+test.gone, "t")
			f.next.want("SELECT id FROM t WHERE id > 5 ORDER BY id", "7", "8")
		})
	}
}

// TestAnInDoubtCommitWaitsOnAStandby has the answer to a COMMIT lost, and a standby answer that is promoted once it was
// asked.
func TestAnInDoubtCommitWaitsOnAStandby(t *testing.T) {
	t.Parallel()
	f := newFailover(t)
	schema, as := schemaOf("t", idAndText), settings{"load_mode": "append"}
	if _, _, err := f.run(as, schema); err != nil {
		t.Fatal(err)
	}
	f.replicate()
	asked, promoted := make(chan struct{}), make(chan error, 1)
	ask := sync.OnceFunc(func() { close(asked) })
	f.line.lose = true
	f.line.lost = func() {
		f.replicate()
		if err := f.primary.Stop(t.Context()); err != nil {
			t.Error(err)
		}
		f.line.asking = func(data []byte) {
			if bytes.Contains(data, []byte("pg_is_in_recovery")) {
				ask()
			}
		}
		f.line.Redirect(hostOf(t, f.standby.URL))
	}
	go func() {
		<-asked
		promoted <- f.standby.Promote(t.Context())
	}()
	states, logged, err := f.run(as, schema, record("t", `{"id":7,"v":"a"}`), record("t", `{"id":7,"v":"a"}`), stateOf("1"))
	ask()
	if failed := <-promoted; failed != nil {
		t.Fatal(failed)
	}
	if err != nil || strings.TrimSpace(states) != "1" || strings.Contains(logged, repeated) {
		t.Errorf("%v, states %q", err, states)
	}
	f.next.want("SELECT id, v FROM t", "7 | a", "7 | a")
}
