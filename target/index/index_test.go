package index

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/merge"
	"target-postgres/target/config"
	"target-postgres/target/pgcatalog"
)

func TestANameSaysWhatTheIndexIs(t *testing.T) {
	t.Parallel()
	plain := New("orders", config.Index{}, []string{"email"})
	others := []Index{
		New("orders", config.Index{Unique: true}, []string{"email"}),
		New("orders", config.Index{Where: "email <> ''"}, []string{"email"}),
		New("orders", config.Index{Method: "hash"}, []string{"email"}),
		New("orders", config.Index{}, []string{"email", "id"}),
	}
	for _, other := range others {
		if plain.Is(other.Name) || other.Is(plain.Name) || !Declared(other.Name) {
			t.Errorf("%q and %q are taken for each other", plain.Name, other.Name)
		}
	}
	if renamed := New("bills", config.Index{Method: "BTREE"}, []string{"email"}); !renamed.Is(plain.Name) {
		t.Errorf("%q is not known on a table with another name, as %q", plain.Name, renamed.Name)
	}
}

func TestNamesFitAndDiffer(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 30)
	seen := map[string]string{}
	for _, table := range []string{"t", long, long + "a", long + "b"} {
		for _, columns := range [][]string{{"a"}, {long}, {long, "a"}, {"a", long}} {
			name := New(table, config.Index{}, columns).Name
			what := table + "(" + strings.Join(columns, ", ") + ")"
			if other, taken := seen[name]; taken {
				t.Errorf("%s and %s are both called %q", what, other, name)
			}
			seen[name] = what
			if len(name) > 63 || !Declared(name) || strings.ToValidUTF8(name, "") != name {
				t.Errorf("%q cannot be the name of an index", name)
			}
		}
	}
}

func TestTheStatement(t *testing.T) {
	t.Parallel()
	i := New("t", config.Index{Unique: true, Where: "a > 1", Method: "Gin"}, []string{"a", "B"})
	want := `CREATE UNIQUE INDEX CONCURRENTLY "` + i.Name + `" ON "s"."t" USING "gin" ("a", "B") WHERE a > 1`
	if got := i.On(merge.Name{Schema: "s", Table: "t"}, true); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestWhatIsMissingAndWhatIsLeft(t *testing.T) {
	t.Parallel()
	a, b, c := New("t", config.Index{}, []string{"a"}), New("t", config.Index{}, []string{"b"}), New("t", config.Index{}, []string{"c"})
	have := &pgcatalog.Table{Indexes: []pgcatalog.Index{{Name: "mine", Valid: true}, {Name: a.Name, Valid: true}, {Name: b.Name}, {Name: c.Name, Valid: true}}}
	missing := Missing(have, []Index{a, b})
	if len(missing) != 1 || missing[0].Name != b.Name {
		t.Errorf("missing are %v, want the invalid one", missing)
	}
	if left := Left(Known(have), []Index{a, b}); len(left) != 1 || left[0] != c.Name {
		t.Errorf("left are %v, want %s", left, c.Name)
	}
}

// What a killed run has left of an index may become valid while it is dropped: its session on the server goes on.
func TestWhatAnotherSessionChangesIsLookedAtAgain(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]bool{
		nil:                            false,
		&pgconn.PgError{Code: "42P07"}: true,
		&pgconn.PgError{Code: "40P01"}: true,
		&pgconn.PgError{Code: "XX000", Routine: "simple_heap_update"}: true,
		&pgconn.PgError{Code: "XX000"}:                                false,
		&pgconn.PgError{Code: "23505"}:                                false,
	} {
		if got := Raced(err); got != want {
			t.Errorf("%v: %t, want %t", err, got, want)
		}
	}
}
