package merge

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/internal/pgtest"
	"target-postgres/typemap"
)

// made is a target of any columns, written as in "id bigint, note text"; the first is the key.
func made(t testing.TB, job Job, columns string) *table {
	t.Helper()
	job.Target, job.Staged = Name{Schema: pgtest.Schema(t), Table: "target"}, Name{Table: "staged"}
	for c := range strings.SplitSeq(columns, ", ") {
		name, typ, _ := strings.Cut(c, " ")
		job.Columns = append(job.Columns, Column{Name: name, Type: typemap.ParseType(typ)})
	}
	job.Key = job.Columns[:1]
	job.Start, job.End, job.Active, job.Deleted, job.At = "start", "end", "active", "deleted", "at"
	return &table{t: t, conn: pgtest.Connect(t), job: job, counts: map[Effect]int64{}}
}

// merge loads rows written as VALUES.
func (tb *table) merge(rows string) {
	tb.t.Helper()
	statements, err := Load(tb.job)
	if err != nil {
		tb.t.Fatal(err)
	}
	at := ""
	if tb.job.Mode == History {
		at = ", at timestamptz"
	}
	tb.exec("BEGIN; CREATE TEMP TABLE staged (" + declared(tb.job.Columns) + at + ") ON COMMIT DROP; INSERT INTO staged VALUES " + rows)
	tb.run(statements)
	tb.exec("COMMIT")
}

func TestAChangeOfTextIsStoredAndOneOfNumbersOnlyIfItIsOne(t *testing.T) {
	t.Parallel()
	for _, s := range []struct {
		typ, before, after string
		written            bool
	}{
		{"numeric", "1.0", "1.00", false},
		{"numeric", "1.0", "1.01", true},
		{"double precision", "NaN", "NaN", false},
		{"json", `{"a":1}`, `{"a":1}`, false},
		{"json", `{"a":1}`, `{"a": 1}`, true},
		{"jsonb", `{"a":1}`, `{"a": 1.0}`, false},
		{"jsonb", `{"a":1}`, `{"a": 2}`, true},
		{"json[]", `{"{}"}`, `{"{ }"}`, true},
		{"json[]", `{"{}"}`, `{"{}"}`, false},
		{"point", "(1,2)", "(1,2)", false},
		{"point", "(1,2)", "(1,3)", true},
		{"interval", "30 days", "1 mon", true}, // equal for the server, and not the same
		{"text[]", "{a,b}", "{a,b}", false},
		{"text[]", "{a,b}", "{a,NULL}", true},
		{"character(3)", "a", "a ", false}, // both are stored as the same
		{"text", "a", "a ", true},
		{"timestamp with time zone", "2026-01-01 00:00+00", "2026-01-01 01:00+01", false},
		{"inet", "10.0.0.1", "10.0.0.1/32", false},
		{"bytea", `\x00ff`, `\x00FF`, false},
	} {
		for _, mode := range []Mode{Upsert, History} {
			t.Run(fmt.Sprintf("%s/%s/%s to %s", mode, s.typ, s.before, s.after), func(t *testing.T) {
				t.Parallel()
				tb := made(t, Job{Mode: mode, Unique: true}, "id bigint, v "+s.typ)
				at := ""
				if mode == History {
					tb.exec("CREATE TABLE " + tb.job.Target.SQL() + " (id bigint, v " + s.typ + `, start timestamptz, "end" timestamptz, active boolean)`)
					at = ", NULL"
				} else {
					tb.exec("CREATE TABLE " + tb.job.Target.SQL() + " (id bigint PRIMARY KEY, v " + s.typ + ")")
				}
				tb.merge("(1, '" + s.before + "'" + at + ")")
				rows := tb.strings("SELECT ctid::text FROM " + tb.job.Target.SQL())
				tb.merge("(1, '" + s.after + "'" + at + ")")
				diff := cmp.Diff(rows, tb.strings("SELECT ctid::text FROM "+tb.job.Target.SQL()))
				if written := diff != ""; written != s.written {
					t.Errorf("written is %t", written)
				}
			})
		}
	}
}

func TestNullsInKeysMatchEachOther(t *testing.T) {
	t.Parallel()
	for _, job := range []Job{{Mode: Upsert}, {Mode: Upsert, Unique: true}, {Mode: SoftDelete, Unique: true}} {
		job.NullKeys = true
		job.Has.Duplicates = true
		tb := made(t, job, "id bigint, v text")
		tb.exec("CREATE TABLE " + tb.job.Target.SQL() + " (id bigint UNIQUE, v text, deleted boolean NOT NULL DEFAULT false)")
		tb.merge("(NULL, 'a'), (1, 'a'), (NULL, 'b')")
		tb.merge("(NULL, 'c'), (2, 'a')")
		got := tb.strings("SELECT concat_ws(' ', coalesce(id::text, 'NULL'), v) FROM " + tb.job.Target.SQL() + " ORDER BY 1")
		if diff := cmp.Diff([]string{"1 a", "2 a", "NULL c"}, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
}

func TestATableInPartitionsIsMergedInto(t *testing.T) {
	t.Parallel()
	for _, unique := range []bool{true, false} {
		tb := made(t, Job{Mode: Upsert, Unique: unique}, "id bigint, v text")
		target := tb.job.Target.SQL()
		key := map[bool]string{true: ", PRIMARY KEY (id)"}[unique]
		// The second partition has its columns in another order.
		tb.exec("CREATE TABLE " + target + " (id bigint NOT NULL, v text" + key + ") PARTITION BY RANGE (id);" +
			"CREATE TABLE " + tb.job.Target.Schema + ".one PARTITION OF " + target + " FOR VALUES FROM (0) TO (10);" +
			"CREATE TABLE " + tb.job.Target.Schema + ".two (v text, id bigint NOT NULL);" +
			"ALTER TABLE " + target + " ATTACH PARTITION " + tb.job.Target.Schema + ".two FOR VALUES FROM (10) TO (20)")
		tb.merge("(1, 'a'), (11, 'a')")
		tb.merge("(1, 'b'), (2, 'b'), (11, 'b'), (12, 'b')")
		got := tb.strings("SELECT id || v FROM " + target + " ORDER BY id")
		if diff := cmp.Diff([]string{"1b", "2b", "11b", "12b"}, got); diff != "" {
			t.Errorf("unique %t (-want +got)\n%s", unique, diff)
		}
	}
}

func TestAKeyAlone(t *testing.T) {
	t.Parallel()
	for _, job := range []Job{{Mode: Upsert, Unique: true}, {Mode: Upsert}, {Mode: SoftDelete, Unique: true}, {Mode: SoftDelete}} {
		for _, duplicates := range []bool{false, true} {
			job.Has.Duplicates = duplicates
			tb := made(t, job, "id bigint")
			tb.exec("CREATE TABLE " + tb.job.Target.SQL() + " (id bigint PRIMARY KEY, deleted boolean NOT NULL DEFAULT false)")
			tb.merge("(1)")
			tb.merge("(1), (2)")
			if diff := cmp.Diff([]string{"1", "2"}, tb.strings("SELECT id::text FROM "+tb.job.Target.SQL()+" ORDER BY 1")); diff != "" {
				t.Errorf("%+v (-want +got)\n%s", job, diff)
			}
		}
	}
}

// The names of columns end up in SQL text; none may end a statement or a comment, whatever a source calls its fields.
func TestNamesCannotBreakOut(t *testing.T) {
	t.Parallel()
	name := "a\"; DROP TABLE x; --\n;\n/* $$ {{.Target}}"
	for _, mode := range []Mode{Append, Upsert, SoftDelete, History} {
		tb := made(t, Job{Mode: mode, Unique: true, Has: Has{Duplicates: true}}, "id bigint")
		tb.job.Columns = append(tb.job.Columns, Column{Name: name, Type: typemap.Text})
		tb.exec("CREATE TABLE " + tb.job.Target.SQL() + " (id bigint PRIMARY KEY, " + typemap.Quote(name) + ` text,
			deleted boolean NOT NULL DEFAULT false, start timestamptz, "end" timestamptz, active boolean)`)
		at := map[bool]string{true: ", NULL"}[mode == History]
		tb.merge("(1, 'a'" + at + ")")
		if diff := cmp.Diff([]string{"a"}, tb.strings("SELECT "+typemap.Quote(name)+" FROM "+tb.job.Target.SQL())); diff != "" {
			t.Errorf("%s (-want +got)\n%s", mode, diff)
		}
	}
}

func TestTwoLoadersOfTheSameKeysDoNotDeadlock(t *testing.T) {
	t.Parallel()
	const keys, batches = 300, 15
	tb := made(t, Job{Mode: Upsert, Unique: true}, "id bigint, v bigint")
	tb.exec("CREATE TABLE " + tb.job.Target.SQL() + " (id bigint PRIMARY KEY, v bigint)")
	statements, err := Load(tb.job)
	if err != nil {
		t.Fatal(err)
	}
	conns := [2]*pgx.Conn{pgtest.Connect(t), pgtest.Connect(t)}
	var group sync.WaitGroup
	for i, conn := range conns {
		order := [2]string{"ASC", "DESC"}[i]
		group.Go(func() {
			for batch := range batches {
				sql := fmt.Sprintf(`BEGIN; CREATE TEMP TABLE staged (id bigint, v bigint) ON COMMIT DROP;
					INSERT INTO staged SELECT i, %d FROM generate_series(1, %d) i ORDER BY i %s; %s; COMMIT`, 2*batch+i, keys, order, statements[0].SQL)
				if err := simple(t.Context(), conn, sql); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	if n := tb.strings("SELECT count(*)::text FROM " + tb.job.Target.SQL())[0]; n != strconv.Itoa(keys) {
		t.Errorf("%s rows", n)
	}
}

func simple(ctx context.Context, conn *pgx.Conn, sql string) error {
	_, err := conn.PgConn().Exec(ctx, sql).ReadAll()
	return err
}

// Of two loaders that insert one key at the same time, the second waits. With ON CONFLICT it then updates the row;
// without, the index refuses its row, and it succeeds when it tries again.
func TestTwoLoadersOfANewKey(t *testing.T) {
	t.Parallel()
	for _, unique := range []bool{true, false} {
		tb := made(t, Job{Mode: Upsert, Unique: unique}, "id bigint, v text")
		tb.exec("CREATE TABLE " + tb.job.Target.SQL() + " (id bigint PRIMARY KEY, v text)")
		tb.exec("BEGIN; INSERT INTO " + tb.job.Target.SQL() + " VALUES (1, 'first')")
		other := &table{t: t, conn: pgtest.Connect(t), job: tb.job, counts: map[Effect]int64{}}
		statements, err := Load(tb.job)
		if err != nil {
			t.Fatal(err)
		}
		sql := "BEGIN; CREATE TEMP TABLE staged (id bigint, v text) ON COMMIT DROP; INSERT INTO staged VALUES (1, 'second')"
		for _, s := range statements {
			sql += ";\n" + s.SQL
		}
		done := make(chan error)
		go func() { done <- simple(t.Context(), other.conn, sql+"; COMMIT") }()
		tb.waitUntilBlocked(other.conn.PgConn().PID())
		tb.exec("COMMIT")
		err = <-done
		var refused *pgconn.PgError
		if unique && err != nil || !unique && (!errors.As(err, &refused) || refused.Code != "23505") {
			t.Errorf("unique %t: %v", unique, err)
		}
		if err != nil {
			other.exec("ROLLBACK")
			other.merge("(1, 'second')")
		}
		if diff := cmp.Diff([]string{"second"}, tb.strings("SELECT v FROM "+tb.job.Target.SQL())); diff != "" {
			t.Errorf("unique %t (-want +got)\n%s", unique, diff)
		}
	}
}

// waitUntilBlocked returns when the server process waits for a lock of this connection's.
func (tb *table) waitUntilBlocked(pid uint32) {
	tb.t.Helper()
	tb.exec(fmt.Sprintf(`DO $$ BEGIN
		FOR i IN 1..2000 LOOP
			IF pg_backend_pid() = ANY (pg_blocking_pids(%d)) THEN RETURN; END IF;
			PERFORM pg_sleep(0.01);
		END LOOP;
		RAISE 'it does not wait';
	END $$`, pid))
}
