package merge

// CPU

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"os"
	"strconv"
	"target-postgres/internal/pgtest"
	"target-postgres/typemap"
)

// cpuRows is about what the flights of a year are.
const cpuRows = 300_000

// cpuColumns are 20 columns of the kinds that flights have, after the key.
func cpuColumns() (columns []Column, expressions []string) {
	for i := range 20 {
		c := Column{Name: fmt.Sprintf("c%d", i), Type: typemap.BigInt}
		e := fmt.Sprintf("i %% %d", 7+i*i)
		switch i % 4 {
		case 1:
			c.Type, e = typemap.Numeric, e+" + 0.5"
		case 2:
			c.Type, e = typemap.Text, "'N' || "+e
		}
		columns, expressions = append(columns, c), append(expressions, "("+e+")::"+c.Type.Name)
	}
	return columns, expressions
}

// BenchmarkCPU measures what merging 300,000 rows costs, without their COPY, per mode and by how many of the rows are there
// already and have changed. Run it with -benchtime=3x.
func BenchmarkCPU(b *testing.B) {
	modes := map[string]Job{
		"upsert":             {Mode: Upsert, Unique: true},
		"upsert duplicates":  {Mode: Upsert, Unique: true, Has: Has{Duplicates: true}},
		"upsert apart":       {Mode: Upsert},
		"upsert removed":     {Mode: Upsert, Unique: true, HardDelete: true, Has: Has{Removed: true}},
		"upsert patched":     {Mode: Upsert, Unique: true, Has: Has{Patched: true}},
		"soft_delete":        {Mode: SoftDelete, Unique: true},
		"soft_delete folded": {Mode: SoftDelete, Unique: true, Has: Has{Removed: true, Duplicates: true}},
		"history":            {Mode: History},
		"history version":    {Mode: History, Version: "c19"},
		"history duplicates": {Mode: History, Has: Has{Duplicates: true}},
		"history removed":    {Mode: History, Has: Has{Removed: true}},
		"append":             {Mode: Append},
	}
	for name, job := range modes {
		for _, share := range []struct {
			name            string
			rows, unchanged int // of ten
		}{{"new", 0, 0}, {"unchanged", 10, 10}, {"a tenth changed", 10, 9}, {"half new", 5, 5}} {
			b.Run(name+"/"+share.name, func(b *testing.B) { cpuLoad(b, job, share.rows, share.unchanged) })
		}
	}
}

func cpuLoad(b *testing.B, job Job, there, unchanged int) {
	columns, expressions := cpuColumns()
	id := Column{Name: "id", Type: typemap.BigInt}
	job.Target, job.Staged = Name{Schema: pgtest.Schema(b), Table: "target"}, Name{Schema: "pg_temp", Table: "staged"}
	job.Key, job.Columns = []Column{id}, append([]Column{id}, columns...)
	job.Present, job.Gone, job.At = "present", "gone", "at"
	job.Start, job.End, job.Active, job.Deleted = "start", "end", "active", "deleted"
	tb := &table{t: b, conn: pgtest.Connect(b), job: job, counts: map[Effect]int64{}}
	target := job.Target.SQL()
	tb.exec("SET jit = off; CREATE TABLE " + target + " AS SELECT i AS id, " + cpuNamed(columns, expressions) + " FROM generate_series(0, 0) i WITH NO DATA")
	switch job.Mode {
	case History:
		tb.exec("ALTER TABLE " + target + ` ADD start timestamptz NOT NULL DEFAULT '2026-01-01', ADD "end" timestamptz, ADD active boolean NOT NULL DEFAULT true;
			CREATE INDEX ON ` + target + " (id); CREATE UNIQUE INDEX ON " + target + " (id) WHERE active")
	case SoftDelete:
		tb.exec("ALTER TABLE " + target + " ADD deleted boolean NOT NULL DEFAULT false, ADD PRIMARY KEY (id)")
	case Append:
	default:
		tb.exec("ALTER TABLE " + target + " ADD PRIMARY KEY (id)")
	}
	rows := fmt.Sprintf(" FROM generate_series(0, %d) i", cpuRows-1)
	var total time.Duration
	for b.Loop() {
		tb.exec("TRUNCATE " + target + "; INSERT INTO " + target + " SELECT i, " + strings.Join(expressions, ", ") + rows +
			fmt.Sprintf(" WHERE i %% 10 < %d", there))
		tb.exec("VACUUM ANALYZE " + target)
		tb.exec("CHECKPOINT")
		changed := append([]string{fmt.Sprintf("(%s + (i %% 10 >= %d)::int)::bigint", expressions[0], unchanged)}, expressions[1:]...)
		tb.exec("BEGIN; CREATE TEMP TABLE staged ON COMMIT DROP AS SELECT i::bigint AS id, " + cpuNamed(columns, changed) +
			", NULL::bit varying AS present, false AS gone, '2026-01-01'::timestamptz + (i % 10 >= " + fmt.Sprint(unchanged) + ")::int * interval '1 day' AS at " + rows)
		start := cpu(tb)
		if query, _ := Rounds(job); query != "" {
			tb.exec(query)
		}
		statements, err := Load(job)
		if err != nil {
			b.Fatal(err)
		}
		for _, st := range statements {
			c := cpu(tb)
			tb.run([]Statement{st})
			if d := cpu(tb) - c; os.Getenv("EACH") != "" {
				sql := st.SQL
				for strings.HasPrefix(sql, "--") {
					_, sql, _ = strings.Cut(sql, "\n")
				}
				fmt.Println(d.Milliseconds(), strings.Join(strings.Fields(sql)[:5], " "), b.Name())
			}
		}
		total += cpu(tb) - start
		tb.exec("COMMIT")
	}
	b.ReportMetric(float64(total.Milliseconds())/float64(b.N), "ms/merge")
}

// named is a SELECT list.
func cpuNamed(columns []Column, expressions []string) string {
	var list []string
	for i, c := range columns {
		list = append(list, expressions[i]+" AS "+c.Name)
	}
	return strings.Join(list, ", ")
}

func cpu(tb *table) time.Duration {
	pid := tb.strings("SELECT pg_backend_pid()::text")[0]
	d, _ := os.ReadFile("/proc/" + pid + "/stat")
	f := strings.Fields(string(d))
	u, _ := strconv.Atoi(f[13])
	s, _ := strconv.Atoi(f[14])
	return time.Duration(u+s) * 10 * time.Millisecond
}

func TestZExplain(t *testing.T) {
	job := Job{Mode: History, Has: Has{Duplicates: os.Getenv("DUP") != ""}}
	columns, expressions := cpuColumns()
	id := Column{Name: "id", Type: typemap.BigInt}
	job.Target, job.Staged = Name{Schema: pgtest.Schema(t), Table: "target"}, Name{Schema: "pg_temp", Table: "staged"}
	job.Key, job.Columns = []Column{id}, append([]Column{id}, columns...)
	job.Present, job.Gone, job.At = "present", "gone", "at"
	job.Start, job.End, job.Active, job.Deleted = "start", "end", "active", "deleted"
	tb := &table{t: t, conn: pgtest.Connect(t), job: job, counts: map[Effect]int64{}}
	target := job.Target.SQL()
	tb.exec("SET jit = off; CREATE TABLE " + target + " AS SELECT i AS id, " + cpuNamed(columns, expressions) + " FROM generate_series(0, 0) i WITH NO DATA")
	tb.exec("ALTER TABLE " + target + ` ADD start timestamptz NOT NULL DEFAULT '2026-01-01', ADD "end" timestamptz, ADD active boolean NOT NULL DEFAULT true;
			CREATE INDEX ON ` + target + " (id); CREATE UNIQUE INDEX ON " + target + " (id) WHERE active")
	rows := " FROM generate_series(0, 299999) i"
	tb.exec("INSERT INTO " + target + " SELECT i, " + strings.Join(expressions, ", ") + rows)
	tb.exec("VACUUM ANALYZE " + target)
	changed := append([]string{fmt.Sprintf("(%s + (i %% 10 >= %d)::int)::bigint", expressions[0], 9)}, expressions[1:]...)
	tb.exec("BEGIN; " + os.Getenv("SETUP") + "CREATE TEMP TABLE staged ON COMMIT DROP AS SELECT i::bigint AS id, " + cpuNamed(columns, changed) +
		", NULL::bit varying AS present, false AS gone, '2026-01-01'::timestamptz + (i % 10 >= 9)::int * interval '1 day' AS at " + rows)
	statements, _ := Load(job)
	for _, st := range statements {
		sql := st.SQL
		for strings.HasPrefix(sql, "--") {
			_, sql, _ = strings.Cut(sql, "\n")
		}
		if strings.HasPrefix(sql, "CREATE") || strings.HasPrefix(sql, "TRUNC") {
			tb.exec(sql)
			continue
		}
		fmt.Println("#", strings.Join(strings.Fields(sql)[:4], " "))
		for _, l := range tb.strings("EXPLAIN (ANALYZE, TIMING ON, COSTS ON) " + sql) {
			if len(l) > 150 {
				l = l[:150]
			}
			fmt.Println(l)
		}
	}
}
