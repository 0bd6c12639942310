package target_test

import (
	"testing"

	"target-postgres/internal/pgtest"
)

// TestACommitWhoseAnswerIsLostIsNotRepeated has rows appended by way of a connection that is cut after the server has
// committed them. The transaction's id, by which the next connection finds that out, comes in another way where there
// is no PL/pgSQL.
func TestACommitWhoseAnswerIsLostIsNotRepeated(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, before string
		most         int // round trips before the first COPY
	}{
		{"in an ordinary database", "", 2},
		{"where nobody may use PL/pgSQL", "REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC", 3},
		{"where there is no PL/pgSQL", "DROP EXTENSION plpgsql", 3},
		{"where the library of PL/pgSQL is missing", "UPDATE pg_proc SET probin = '$libdir/gone' WHERE probin = '$libdir/plpgsql'", 3},
		{"where PL/pgSQL fails", "UPDATE pg_language SET lanplcallfoid = 0, laninline = 0 WHERE lanname = 'plpgsql'", 3},
		{"where the library of PL/pgSQL is another version's", "UPDATE pg_proc SET prosrc = 'gone' WHERE probin = '$libdir/plpgsql'", 3},
		{"where nobody may read the control file", "REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC", 2},
		{"where nobody may ask when the server was started", "REVOKE EXECUTE ON FUNCTION pg_postmaster_start_time() FROM PUBLIC", 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			database := pgtest.Database(t)
			d := lookInto(t, "public", database)
			d.run("GRANT CREATE ON SCHEMA public TO PUBLIC")
			d.run(test.before)
			line := newLine(t, pgtest.Role(t, database))
			line.lose = true
			d.mustLoad(settings{"url": line.url, "ssl_mode": "disable", "load_mode": "append"},
				schemaOf("t", idAndText), record("t", `{"id":1,"v":"a"}`), record("t", `{"id":2,"v":"b"}`))
			if line.lose {
				t.Error("no answer was lost")
			}
			if n := line.beforeCopy(); n > test.most {
				t.Errorf("%d round trips before the first COPY, want at most %d", n, test.most)
			}
			d.want("SELECT id, v FROM t ORDER BY id", "1 | a", "2 | b")
		})
	}
}
