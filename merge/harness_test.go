package merge

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"target-postgres/internal/pgtest"
	"target-postgres/typemap"
)

// table is a target of the columns that the model has, with the connection that loads it.
type table struct {
	t    testing.TB
	conn *pgx.Conn
	job  Job
	// counts are the rows that statements had to do with, by effect.
	counts map[Effect]int64
	// remember is the table for the keys of a snapshot, or nil.
	remember *Name
}

// newTable creates the target of a mode.
func newTable(t testing.TB, job Job) *table {
	t.Helper()
	id := Column{Name: "id", Type: typemap.BigInt}
	job.Target = Name{Schema: pgtest.Schema(t), Table: "target"}
	job.Staged = Name{Schema: "pg_temp", Table: "staged"}
	job.Key = []Column{id}
	job.Columns = []Column{
		id,
		{Name: "a", Type: typemap.BigInt},
		{Name: "b", Type: typemap.BigInt},
		{Name: "_sdc_deleted_at", Type: typemap.BigInt},
		{Name: "version", Type: typemap.BigInt},
		{Name: "seen", Type: typemap.BigInt},
	}
	job.Untracked, job.Version, job.Marks = []string{"seen"}, "version", []string{"_sdc_deleted_at"}
	job.Present, job.Gone, job.At = "present", "gone", "at"
	job.Start, job.End, job.Active, job.Deleted = "start", "end", "active", "deleted"
	tb := &table{t: t, conn: pgtest.Connect(t), job: job, counts: map[Effect]int64{}}
	name := job.Target.SQL()
	tb.exec("SET TimeZone = 'UTC'; SET jit = off")
	tb.exec(`CREATE TABLE ` + name + ` (id bigint NOT NULL, a bigint, b bigint, _sdc_deleted_at bigint, version bigint, seen bigint)`)
	switch job.Mode {
	case History:
		tb.exec(`ALTER TABLE ` + name + ` ADD "start" timestamptz NOT NULL, ADD "end" timestamptz, ADD active boolean NOT NULL DEFAULT true, ADD hash text;
			CREATE INDEX ON ` + name + ` (id); CREATE UNIQUE INDEX ON ` + name + ` (id) WHERE active`)
	case SoftDelete:
		tb.exec(`ALTER TABLE ` + name + ` ADD deleted boolean NOT NULL DEFAULT false`)
	}
	if job.Unique {
		tb.exec(`ALTER TABLE ` + name + ` ADD PRIMARY KEY (id)`)
	}
	return tb
}

// exec runs statements by the simple protocol, as the engine does.
func (tb *table) exec(sql string) {
	tb.t.Helper()
	if _, err := tb.conn.PgConn().Exec(tb.t.Context(), sql).ReadAll(); err != nil {
		tb.t.Fatalf("%v\n%s", err, sql)
	}
}

// begin inserts the rows that are there before the first record, where a job inserts none.
func (tb *table) begin(keys int) {
	tb.t.Helper()
	if tb.job.IgnoreMissing {
		tb.exec(fmt.Sprintf("INSERT INTO %s (id, a, b, version) SELECT id, 0, 0, 1 FROM generate_series(0, %d) AS id", tb.job.Target.SQL(), keys-1))
	}
}

// keyed is a record of a key.
type keyed struct {
	id int
	record
}

// load merges records in a transaction, or in several where those of a key go back to an older version of the stream:
// within a batch they must not.
func (tb *table) load(records []keyed) {
	tb.t.Helper()
	newest, begin := map[int]int{}, 0
	for i, r := range records {
		version := r.values[colVersion]
		if before, has := newest[r.id]; has && version < before {
			tb.loadBatch(records[begin:i])
			begin, newest = i, map[int]int{}
		}
		newest[r.id] = version
	}
	tb.loadBatch(records[begin:])
}

// loadBatch merges a batch in a transaction, having found out by itself what is in it.
func (tb *table) loadBatch(batch []keyed) {
	tb.t.Helper()
	job := tb.job
	seen := map[int]bool{}
	for _, r := range batch {
		job.Has.Duplicates = job.Has.Duplicates || seen[r.id]
		job.Has.Patched = job.Has.Patched || (r.absent != [values]bool{} && (!r.gone || (job.Mode == Upsert && !job.HardDelete)))
		job.Has.Removed = job.Has.Removed || r.gone
		seen[r.id] = true
	}
	tb.exec(`BEGIN; CREATE TEMP TABLE staged (id bigint, a bigint, b bigint, _sdc_deleted_at bigint, version bigint, seen bigint,
		present bit varying, gone boolean, at timestamptz) ON COMMIT DROP`)
	if _, err := tb.conn.PgConn().CopyFrom(tb.t.Context(), strings.NewReader(csv(batch)), "COPY staged FROM STDIN CSV"); err != nil {
		tb.t.Fatal(err)
	}
	if tb.remember != nil {
		statements, err := Remember(job, *tb.remember)
		if err != nil {
			tb.t.Fatal(err)
		}
		tb.run(statements)
	}
	rounds := 1
	if query, err := Rounds(job); err != nil {
		tb.t.Fatal(err)
	} else if query != "" {
		if err := tb.conn.QueryRow(tb.t.Context(), query).Scan(&rounds); err != nil {
			tb.t.Fatal(err)
		}
	}
	for round := 1; round <= rounds; round++ {
		if rounds > 1 {
			job.Round = round
		}
		statements, err := Load(job)
		if err != nil {
			tb.t.Fatal(err)
		}
		tb.run(statements)
	}
	tb.exec("COMMIT")
}

// example is a job without a table, for what is only rendered.
func example(mode Mode) Job {
	id := Column{Name: "id", Type: typemap.BigInt}
	return Job{
		Mode: mode, Target: Name{Schema: "public", Table: "orders"}, Staged: Name{Schema: "pg_temp", Table: "staged"},
		Key: []Column{id}, Columns: []Column{id, {Name: "note", Type: typemap.Text}, {Name: "_sdc_table_version", Type: typemap.BigInt}},
		Version: "_sdc_table_version", Present: "_singular_present", Gone: "_singular_gone", At: "_singular_at",
		Start: "_singular_start", End: "_singular_end", Active: "_singular_active", Deleted: "_singular_deleted", Unique: true,
	}
}

// run runs statements in one string, and counts.
func (tb *table) run(statements []Statement) {
	tb.t.Helper()
	var texts []string
	for _, s := range statements {
		texts = append(texts, s.SQL)
	}
	sql := strings.Join(texts, ";\n")
	results, err := tb.conn.PgConn().Exec(tb.t.Context(), sql).ReadAll()
	if err != nil {
		tb.t.Fatalf("%v\n%s", err, sql)
	}
	if len(results) != len(statements) {
		tb.t.Fatalf("%d results of %d statements:\n%s", len(results), len(statements), sql)
	}
	for i, s := range statements {
		tb.counts[s.Effect] += results[i].CommandTag.RowsAffected()
	}
}

// csv writes a batch for COPY.
func csv(batch []keyed) string {
	var b strings.Builder
	for _, r := range batch {
		b.WriteString(strconv.Itoa(r.id))
		present, partial := "1", false
		for i, v := range r.values {
			b.WriteByte(',')
			if v != null && !r.absent[i] {
				b.WriteString(strconv.Itoa(v))
			}
			present += map[bool]string{true: "0", false: "1"}[r.absent[i]]
			partial = partial || r.absent[i]
		}
		b.WriteByte(',')
		if partial {
			b.WriteString(present[:1+colVersion]) // the engine's own columns have no bit
		}
		fmt.Fprintf(&b, ",%t,%s\n", r.gone, instant(r.at))
	}
	return b.String()
}

// instant is a small number as a timestamp.
func instant(at int) string { return fmt.Sprintf("2026-01-01 00:00:%02d+00", at) }

// rows reads the target: the rows of every key, in the order of their start and then of their values.
func (tb *table) rows() map[int][]row {
	tb.t.Helper()
	columns := `NULL::timestamptz, NULL::timestamptz, false, false`
	order := ``
	switch tb.job.Mode {
	case History:
		columns = `"start", "end", active, false`
		if tb.job.EndsFarAway {
			columns = `"start", CASE WHEN NOT active THEN "end" WHEN "end" IS DISTINCT FROM '9999-12-31 00:00:00+00' THEN 'infinity' END, active, false`
		}
		order = `, "start", "end"`
	case SoftDelete:
		columns = `NULL::timestamptz, NULL::timestamptz, false, deleted`
	}
	got, err := tb.conn.Query(tb.t.Context(), `SELECT id, coalesce(a, -1), coalesce(b, -1), coalesce(_sdc_deleted_at, -1), coalesce(version, -1),
		coalesce(seen, -1), coalesce(extract(epoch FROM s - '2026-01-01')::int, -1), coalesce(extract(epoch FROM e - '2026-01-01')::int, -1), active, deleted
		FROM (SELECT id, a, b, _sdc_deleted_at, version, seen, `+columns+` FROM `+tb.job.Target.SQL()+
		` ORDER BY id`+order+`) AS t (id, a, b, _sdc_deleted_at, version, seen, s, e, active, deleted)`)
	if err != nil {
		tb.t.Fatal(err)
	}
	defer got.Close()
	rows := map[int][]row{}
	for got.Next() {
		var id int
		var r row
		v := &r.values
		if err := got.Scan(&id, &v[0], &v[1], &v[2], &v[3], &v[4], &r.start, &r.end, &r.active, &r.deleted); err != nil {
			tb.t.Fatal(err)
		}
		rows[id] = append(rows[id], r)
	}
	if err := got.Err(); err != nil {
		tb.t.Fatal(err)
	}
	return rows
}
