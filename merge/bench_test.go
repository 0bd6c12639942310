package merge

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"target-postgres/internal/pgtest"
	"target-postgres/typemap"
)

// benchRows is about what the flights of a year are.
const benchRows = 300_000

// benchColumns are 20 columns of the kinds that flights have, after the key.
func benchColumns() (columns []Column, expressions []string) {
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

// BenchmarkLoad measures what merging 300,000 rows costs, without their COPY, per mode and by how many of the rows are
// there already and have changed. Run it with -benchtime=3x.
func BenchmarkLoad(b *testing.B) {
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
			b.Run(name+"/"+share.name, func(b *testing.B) { benchLoad(b, job, share.rows, share.unchanged) })
		}
	}
}

func benchLoad(b *testing.B, job Job, there, unchanged int) {
	columns, expressions := benchColumns()
	id := Column{Name: "id", Type: typemap.BigInt}
	job.Target, job.Staged = Name{Schema: pgtest.Schema(b), Table: "target"}, Name{Schema: "pg_temp", Table: "staged"}
	job.Key, job.Columns = []Column{id}, append([]Column{id}, columns...)
	job.Present, job.Gone, job.At = "present", "gone", "at"
	job.Start, job.End, job.Active, job.Deleted = "start", "end", "active", "deleted"
	tb := &table{t: b, conn: pgtest.Connect(b), job: job, counts: map[Effect]int64{}}
	target := job.Target.SQL()
	tb.exec("SET jit = off; CREATE TABLE " + target + " AS SELECT i AS id, " + named(columns, expressions) + " FROM generate_series(0, 0) i WITH NO DATA")
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
	rows := fmt.Sprintf(" FROM generate_series(0, %d) i", benchRows-1)
	var total time.Duration
	for b.Loop() {
		tb.exec("TRUNCATE " + target + "; INSERT INTO " + target + " SELECT i, " + strings.Join(expressions, ", ") + rows +
			fmt.Sprintf(" WHERE i %% 10 < %d", there))
		tb.exec("VACUUM ANALYZE " + target)
		tb.exec("CHECKPOINT")
		changed := append([]string{fmt.Sprintf("(%s + (i %% 10 >= %d)::int)::bigint", expressions[0], unchanged)}, expressions[1:]...)
		tb.exec("BEGIN; CREATE TEMP TABLE staged ON COMMIT DROP AS SELECT i::bigint AS id, " + named(columns, changed) +
			", NULL::bit varying AS present, false AS gone, '2026-01-01'::timestamptz + (i % 10 >= " + strconv.Itoa(unchanged) + ")::int * interval '1 day' AS at " + rows)
		start := time.Now()
		if query, _ := Rounds(job); query != "" {
			tb.exec(query)
		}
		statements, err := Load(job)
		if err != nil {
			b.Fatal(err)
		}
		tb.run(statements)
		total += time.Since(start)
		tb.exec("COMMIT")
	}
	b.ReportMetric(float64(total.Milliseconds())/float64(b.N), "ms/merge")
}

// named is a SELECT list.
func named(columns []Column, expressions []string) string {
	var list []string
	for i, c := range columns {
		list = append(list, expressions[i]+" AS "+c.Name)
	}
	return strings.Join(list, ", ")
}
