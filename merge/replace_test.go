package merge

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"target-postgres/internal/pgtest"
	"target-postgres/typemap"
)

// replaced is a target with a staging table beside it.
type replaced struct {
	*table
}

func newReplaced(t *testing.T, key, referenced bool) replaced {
	t.Helper()
	schema := pgtest.Schema(t)
	id, name := Column{Name: "id", Type: typemap.BigInt}, Column{Name: "name", Type: typemap.Text}
	parent := Column{Name: "parent", Type: typemap.BigInt}
	job := Job{
		Mode: Replace, Target: Name{schema, "target"}, Staged: Name{schema, "staging"},
		Columns: []Column{id, name, parent}, Referenced: referenced,
	}
	if key {
		job.Key = []Column{id}
	}
	r := replaced{&table{t: t, conn: pgtest.Connect(t), job: job, counts: map[Effect]int64{}}}
	r.exec(`SET search_path = ` + schema + `;
		CREATE TABLE target (id bigint PRIMARY KEY, name text UNIQUE, parent bigint REFERENCES target);
		CREATE TABLE staging (LIKE target);
		CREATE VIEW names AS SELECT name FROM target;
		INSERT INTO target VALUES (1, 'one', NULL), (2, 'two', 1), (3, 'three', 1)`)
	if referenced {
		r.exec(`CREATE TABLE referring (target bigint REFERENCES target); INSERT INTO referring VALUES (2)`)
	}
	return r
}

func (r replaced) swap(rows string) error {
	r.t.Helper()
	r.exec("INSERT INTO staging VALUES " + rows)
	statements, err := Swap(r.job)
	if err != nil {
		r.t.Fatal(err)
	}
	sql := "BEGIN"
	for _, s := range statements {
		sql += ";\n" + s.SQL
	}
	if _, err := r.conn.PgConn().Exec(r.t.Context(), sql+"; COMMIT").ReadAll(); err != nil {
		r.exec("ROLLBACK")
		return err
	}
	return nil
}

func (r replaced) want(rows ...string) {
	r.t.Helper()
	got := r.strings("SELECT concat_ws(' ', id, name, parent) FROM target ORDER BY id")
	if diff := cmp.Diff(rows, got); diff != "" {
		r.t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestSwapLeavesTheStagedRowsAndWhatDependsOnTheTable(t *testing.T) {
	t.Parallel()
	r := newReplaced(t, true, false)
	if err := r.swap("(1, 'eins', NULL), (4, 'two', 1)"); err != nil {
		t.Fatal(err)
	}
	r.want("1 eins", "4 two 1")
	if diff := cmp.Diff([]string{"eins", "two"}, r.strings("SELECT name FROM names ORDER BY 1")); diff != "" {
		t.Errorf("the view: (-want +got)\n%s", diff)
	}
}

func TestSwapOfAReferencedTable(t *testing.T) {
	t.Parallel()
	t.Run("updates rows in place", func(t *testing.T) {
		t.Parallel()
		r := newReplaced(t, true, true)
		before := r.strings("SELECT ctid::text FROM target WHERE id = 1")
		if err := r.swap("(1, 'one', NULL), (2, 'zwei', 1)"); err != nil {
			t.Fatal(err)
		}
		r.want("1 one", "2 zwei 1")
		if diff := cmp.Diff(before, r.strings("SELECT ctid::text FROM target WHERE id = 1")); diff != "" {
			t.Errorf("an equal row was written: %s", diff)
		}
	})
	t.Run("gives a unique value of a vanished row to a new one", func(t *testing.T) {
		t.Parallel()
		r := newReplaced(t, true, true)
		if err := r.swap("(1, 'one', NULL), (2, 'two', 1), (4, 'three', 1)"); err != nil {
			t.Fatal(err)
		}
		r.want("1 one", "2 two 1", "4 three 1")
	})
	t.Run("lets a row leave its vanished parent", func(t *testing.T) {
		t.Parallel()
		r := newReplaced(t, true, true)
		if err := r.swap("(2, 'two', 5), (5, 'five', NULL)"); err != nil {
			t.Fatal(err)
		}
		r.want("2 two 5", "5 five")
	})
	t.Run("keeps everything when the reference forbids it", func(t *testing.T) {
		t.Parallel()
		r := newReplaced(t, true, true)
		if err := r.swap("(1, 'eins', NULL)"); err == nil {
			t.Error("a row that another table refers to vanished")
		}
		r.want("1 one", "2 two 1", "3 three 1")
	})
	t.Run("is emptied and filled without a key", func(t *testing.T) {
		t.Parallel()
		r := newReplaced(t, false, true)
		r.exec("TRUNCATE referring")
		if err := r.swap("(1, 'eins', NULL)"); err != nil {
			t.Fatal(err)
		}
		r.want("1 eins")
	})
	t.Run("has nothing but its key", func(t *testing.T) {
		t.Parallel()
		r := newReplaced(t, true, true)
		r.job.Columns = r.job.Columns[:1]
		if err := r.swap("(2, 'x', NULL), (6, 'y', NULL)"); err == nil {
			t.Error("the parent of 2 vanished")
		}
		r.exec("TRUNCATE staging")
		if err := r.swap("(1, 'w', NULL), (2, 'x', NULL), (6, 'y', NULL)"); err != nil {
			t.Fatal(err)
		}
		r.want("1 one", "2 two 1", "6")
	})
}

func TestReplaceGathersByKeyOrAsTheRowsCome(t *testing.T) {
	t.Parallel()
	check(t, Job{Mode: Replace, Unique: true}, []situation{
		{"by key", []string{"1 a=1, 1 a=2, 2 a=1", "2 a=3"}, []string{"1 a=2", "2 a=3"}},
	})
	job := example(Replace)
	job.Key = nil
	statements, err := Load(job)
	if err != nil || len(statements) != 1 || statements[0].Effect != Inserts {
		t.Errorf("%v, %v", statements, err)
	}
}
